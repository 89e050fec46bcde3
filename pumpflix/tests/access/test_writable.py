"""What can be written is named: all else in a body is refused, on every operation, and PATCH is as strict as POST."""

import json
from typing import Any

import pytest

from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory
from pumpflix.api.schema import document
from pumpflix.api.tests.test_examples import address, operations
from pumpflix.lib.rest.operations import REGISTRY
from pumpflix.tests.access import calls
from pumpflix.tests.access.world import People, api_client
from workflows_app.models import Workflow
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(51)]

# What an attacker would like to set: whose it is, what it is allowed to, what only the product counts.
TEMPTING = (
    "id", "pk", "userId", "user_id", "user", "owner", "tenant", "tenantId", "team", "team_id", "isPublic", "is_public",
    "sourceType", "source_type", "status", "version", "lock_version", "createdBy", "created_by", "createdAt",
    "updatedAt", "deletedAt", "isStaff", "is_staff", "is_superuser", "isCurator", "isActive", "emailVerified",
    "secretHash", "prefix", "scopes_", "useCount", "isFeatured", "liveVersion", "maxRunning", "startedBy",
    "__proto__", "constructor",
)  # fmt: skip
# Their body is a workflow as another product wrote it: anything may stand in it, and what is kept is said there.
FREE = {"importsCreate", "importsCheck"}


def declared(name: str) -> dict[str, Any]:
    content = operations()[name][2].get("requestBody", {}).get("content", {}).get("application/json", {})
    called = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    return document()["components"]["schemas"].get(called, {}).get("properties", {})


WRITING = sorted(name for name in operations() if "requestBody" in operations()[name][2] and name not in FREE)


@pytest.mark.parametrize("name", WRITING)
def test_a_field_that_is_not_named_is_refused_and_nothing_is_written(people: People, name: str) -> None:
    method, path, _ = operations()[name]
    sample = next(one for one in REGISTRY[name].samples if one.body is not None)
    extra = {field: "x" for field in TEMPTING if field not in declared(name)}
    client, before = api_client(people, "owner"), calls.rows_digest()
    body = json.dumps({**sample.body, **extra})
    answer = client.generic(method.upper(), address(path, sample), body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert {problem["path"] for problem in answer.json()["problems"]} >= set(extra)
    assert calls.rows_digest() == before


JUDGED = ("$ref", "type", "format", "enum", "minimum", "maximum", "minLength", "maxItems", "pattern", "items", "oneOf")


def pairs() -> list[Any]:
    """Fields that a PATCH and the POST or PUT of the same thing both take."""
    made = {"workflowsUpdate": "workflowsReplace", "alertsUpdate": "workflowsAlertsCreate",
            "credentialsUpdate": "credentialsCreate", "teamsUpdate": "teamsCreate"}  # fmt: skip
    return [
        pytest.param(patch, whole, field, id=f"{patch}-{field}")
        for patch, whole in made.items()
        for field in sorted(set(declared(patch)) & set(declared(whole)))
    ]


@pytest.mark.parametrize("patch,whole,field", pairs())
def test_a_change_is_judged_like_a_new_one(patch: str, whole: str, field: str) -> None:
    loose, strict = (plain(declared(name)[field]) for name in (patch, whole))
    assert {key: loose.get(key) for key in JUDGED} == {key: strict.get(key) for key in JUDGED}
    assert loose.get("maxLength", 0) <= strict.get("maxLength", 0)


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A reference beside a default is written as `allOf` of one."""
    whole = schema.get("allOf", [])
    return {**schema, **whole[0]} | {"allOf": None} if len(whole) == 1 else schema


def test_every_change_by_parts_is_compared_with_a_whole_one() -> None:
    compared = {entry.values[0] for entry in pairs()}
    apart = {"authMeUpdate", "teamMembersUpdate"}  # one's own profile, and a role: nothing else is ever written there
    assert {name for name, (method, _, _) in operations().items() if method == "patch"} == compared | apart


def test_a_graph_says_nothing_about_whose_it_is_and_whether_it_runs() -> None:
    member, other = MembershipFactory(), Workflow.objects.create(team=MembershipFactory().team, name="w", graph={})
    graph = {**manual_set(a=1), "id": str(other.pk), "versionId": str(other.pk), "active": True, "isArchived": True,
             "userId": "x", "teamId": str(other.team_id), "visibility": "public", "staticData": {"x": 1}}  # fmt: skip
    client = as_user(member.user)
    created = client.post("/api/workflows", {"name": "Mine", "graph": graph}, format="json").json()
    imported = client.post("/api/imports", graph, format="json").json()["created"][0]
    for row in (created, imported):
        stored = Workflow.objects.get(pk=row["id"])
        assert (stored.team.memberships.get().user, stored.visibility, stored.is_live) == (member.user, "team", False)
    other.refresh_from_db()
    assert (other.name, other.graph) == ("w", {})


@pytest.mark.parametrize("role,status", [("owner", 200), ("editor", 403), ("operator", 403), ("viewer", 403)])
@pytest.mark.requirement(50)
def test_only_an_owner_shows_a_workflow_to_everybody(people: People, role: str, status: int) -> None:
    name = "workflowsUpdate"
    sample = REGISTRY[name].samples[0]
    _, path, _ = operations()[name]
    client = api_client(people, role)
    answer = client.patch(address(path, sample), {"visibility": "public"}, format="json")
    assert answer.status_code == status
    assert Workflow.objects.filter(name__startswith="own4711-", visibility="public").exists() is (status == 200)


@pytest.mark.parametrize("role,status", [("owner", 202), ("editor", 403), ("operator", 403), ("viewer", 403)])
@pytest.mark.requirement(50, 66)
def test_only_an_owner_takes_the_audit_trail_home(people: People, role: str, status: int) -> None:
    body = {"what": "audit", "format": "json", "teamId": str(people.team)}
    assert api_client(people, role).post("/api/jobs/exports", body, format="json").status_code == status
