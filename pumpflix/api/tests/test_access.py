"""Who may call what: every documented operation as its owner, a stranger, a visitor, a viewer, and with keys."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Membership, User
from accounts.services import api_keys
from accounts.services.teams import personal_team
from pumpflix.api.tests.test_examples import made, operations
from pumpflix.api.tests.world import account, as_user
from pumpflix.lib.rest.operations import REGISTRY, Sample
from pumpflix.lib.rest.samples import TEAM, TEMPLATE

pytestmark = [pytest.mark.app, pytest.mark.django_db]

OPEN = {"apiIndex", "authRegister", "authLogin", "authRefresh"}
# Everybody sees the gallery; a public workflow is public; what is one's own has no id to be a stranger to.
FOR_EVERYBODY = {"templatesGet", "templatesVersions", "templatesUse", "nodeTypesGet"}
# What changes nothing of the team: oneself, one's own keys and notifications, and looking.
FOR_VIEWERS = {
    "authLogout", "authMeUpdate", "authSocketTicket", "apiKeysCreate", "apiKeysRevoke", "notificationsRead",
    "notificationsReadAll", "importsCheck", "exportsCreate", "templatesUse", "workflowsCreate", "importsCreate",
    "credentialsCreate", "teamsCreate", "invitationsLookup", "invitationsAccept", "invitationsDecline",
}  # fmt: skip
# What only owners of the team read, and no key at all.
FOR_OWNERS = {"teamAuditList"}
# Of a team that is not the one the key was made for.
OF_ANOTHER_TEAM = {"teamsGet", "teamMembersList", "teamInvitationsList"}


def called(name: str, client: APIClient, sample: Sample | None = None) -> Any:
    method, path, _ = operations()[name]
    return made(client, method, path, sample or REGISTRY[name].samples[0])


def names(*, closed: bool = True) -> list[str]:
    return sorted(set(operations()) - OPEN) if closed else sorted(operations())


def with_ids() -> list[str]:
    return [name for name in names() if REGISTRY[name].samples[0].path and name not in FOR_EVERYBODY]


def unsafe() -> list[str]:
    return [name for name in names() if operations()[name][0] != "get" and name not in FOR_VIEWERS]


@pytest.mark.parametrize("name", names())
def test_visitors_are_asked_to_sign_in(everything: User, name: str) -> None:
    answer = called(name, APIClient())
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("name", with_ids())
def test_a_stranger_gets_the_404_of_an_id_that_does_not_exist(everything: User, name: str) -> None:
    answer = called(name, as_user(account("stranger@mail.example")))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def viewer_of_everything(owner: User) -> User:
    viewer = account("viewer@mail.example")
    Membership.objects.create(team=personal_team(owner), user=viewer, role="viewer")
    Membership.objects.create(team_id=TEAM, user=viewer, role="viewer")
    return viewer


@pytest.mark.parametrize("name", [name for name in unsafe() if REGISTRY[name].samples[0].path])
def test_a_viewer_changes_and_starts_nothing(everything: User, name: str) -> None:
    viewer = viewer_of_everything(everything)
    answer = called(name, as_user(viewer))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("name", [name for name in with_ids() if operations()[name][0] == "get"])
def test_a_viewer_reads_everything(everything: User, name: str) -> None:
    viewer = viewer_of_everything(everything)
    expected = 403 if name in FOR_OWNERS else REGISTRY[name].samples[0].status
    assert called(name, as_user(viewer)).status_code == expected


def with_key(owner: User, *scopes: str) -> APIClient:
    made_key = api_keys.create(team=personal_team(owner), by=owner, name="k", scopes=list(scopes))
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_X_API_KEY=made_key.key)
    return client


@pytest.mark.parametrize("name", [name for name in names() if operations()[name][0] != "get"])
def test_a_key_that_may_read_changes_nothing(everything: User, name: str) -> None:
    answer = called(name, with_key(everything, "read"))
    if name in ("authSocketTicket", "importsCheck", "exportsCreate", "jobsExport"):
        assert answer.status_code == REGISTRY[name].samples[0].status
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("name", [name for name in names() if operations()[name][0] == "get"])
def test_a_key_that_may_read_reads_all_but_secrets_keys_and_what_concerns_a_person(everything: User, name: str) -> None:
    answer = called(name, with_key(everything, "read"))
    if name in OF_ANOTHER_TEAM:
        assert answer.status_code == 404
        return
    kept = ("apiKeys", "notifications", "invitations", "credentials")
    kept_back = name in FOR_OWNERS or (name.startswith(kept) and name != "credentialTypesList")
    assert answer.status_code == (403 if kept_back else REGISTRY[name].samples[0].status)


def test_a_key_with_every_scope_still_makes_no_keys(everything: User) -> None:
    assert called("apiKeysCreate", with_key(everything, *api_keys.SCOPES)).status_code == 403


def test_a_key_works_in_its_team_alone(everything: User) -> None:
    other = account("second@mail.example")
    Membership.objects.create(team=personal_team(other), user=everything, role="owner")
    made_key = api_keys.create(team=personal_team(other), by=everything, name="k", scopes=list(api_keys.SCOPES))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {made_key.key}")
    assert called("workflowsGet", client).status_code == 404
    assert [team["id"] for team in client.get("/api/teams").json()["items"]] == [str(personal_team(other).pk)]
    created = client.post("/api/workflows", {"name": "Here"}, format="json").json()
    assert created["teamId"] == str(personal_team(other).pk)


@pytest.mark.requirement(56)
def test_a_bad_token_is_not_saved_by_a_good_session(everything: User) -> None:
    client = APIClient()
    client.force_login(everything)
    assert client.get("/api/auth/me").status_code == 200
    assert client.get("/api/auth/me", HTTP_AUTHORIZATION="Bearer pf_live_x").status_code == 401
    assert client.get("/api/auth/me", HTTP_AUTHORIZATION="Basic eDp5").status_code == 401


@pytest.mark.requirement(56)
@pytest.mark.parametrize("name", ["workflowsUpdate", "workflowsDelete", "apiKeysCreate", "importsCreate"])
def test_a_session_changes_nothing_without_the_pages_token(everything: User, name: str) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(everything)
    assert called(name, client).status_code == 403


@pytest.mark.requirement(56)
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_form_of_another_page_cannot_pose_as_json(everything: User, content_type: str) -> None:
    client = as_user(everything)
    answer = client.generic("POST", "/api/workflows", '{"name": "x"}', content_type=content_type)
    assert answer.status_code == 415


def test_a_draft_of_another_team_is_not_in_the_gallery(everything: User) -> None:
    from templates_app.models import Template

    Template.objects.filter(pk=TEMPLATE).update(status="draft")
    stranger = as_user(account("stranger@mail.example"))
    assert called("templatesGet", stranger).status_code == 404
    assert called("templatesUse", stranger).status_code == 404
