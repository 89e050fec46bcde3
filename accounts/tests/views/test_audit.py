"""The audit trail of a team, as its owners look through it by page and by API."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Membership
from accounts.services import api_keys, audit
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(66)]


@pytest.fixture
def member() -> Membership:
    return MembershipFactory(role="owner", user__email="ada@mail.example", user__name="Ada")


@pytest.fixture
def trail(member, time_machine) -> None:
    mate = MembershipFactory(team=member.team, user__email="bob@mail.example").user
    now = timezone.now()
    for days, action, actor, details in (
        (9, "team.rename", member.user, {"name": "Old & <b>bold</b>"}),
        (5, "workflow.create", mate, {"name": "Nightly"}),
        (1, "workflow.publish", mate, {"name": "Nightly"}),
        (0, "login.failed", None, {}),
    ):
        time_machine.move_to(now - timedelta(days=days), tick=False)
        audit.record(action, actor=actor, team=member.team, **details)
    time_machine.move_to(now)
    audit.record("team.rename", actor=mate, team=MembershipFactory().team, name="Not yours")


def page(user, team, query: str = "") -> tuple[int, list[str]]:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/teams/{team.pk}/audit{query}")
    rows = re.findall(r'data-testid="audit-row">.*?class="table-name">([^<]*)<', answer.content.decode(), re.DOTALL)
    return answer.status_code, rows


def test_an_owner_sees_all_of_it_newest_first(member, trail):
    assert page(member.user, member.team) == (
        200,
        ["Login failed", "Workflow published", "Workflow created", "Team renamed"],
    )


FILTERS = {
    "?who=BOB": ["Workflow published", "Workflow created"],
    "?who=Ada": ["Team renamed"],
    "?what=workflow": ["Workflow published", "Workflow created"],
    "?result=failed": ["Login failed"],
    "?result=ok&what=team": ["Team renamed"],
    "?who=nobody": [],
}


@pytest.mark.parametrize("query,rows", FILTERS.items(), ids=FILTERS)
def test_it_is_looked_through_by_who_what_and_result(member, trail, query, rows):
    assert page(member.user, member.team, query) == (200, rows)


def test_it_is_looked_through_by_days(member, trail):
    today = timezone.localdate()
    query = f"?since={today - timedelta(days=6)}&until={today - timedelta(days=1)}"
    assert page(member.user, member.team, query)[1] == ["Workflow published", "Workflow created"]


@pytest.mark.parametrize("query", ["?since=yesterday", "?what=nothing", "?result=x", "?before=0", "?before=9e99"])
def test_a_filter_that_is_none_is_said_to_be(member, trail, query):
    assert page(member.user, member.team, query)[0] == 422


def test_pages_follow_each_other_without_a_gap(member):
    for number in range(120):
        audit.record("team.step", actor=member.user, team=member.team, name=str(number))
    seen, before = [], ""
    client = Client()
    client.force_login(member.user)
    for _ in range(3):
        shown = client.get(f"/teams/{member.team_id}/audit{before}").content.decode()
        seen += re.findall(r'class="small muted wraps">(\d+)<', shown)
        older = re.search(r'class="button button-small" href="(\?before=\d+)"', shown)
        before = older[1] if older else ""
    assert seen == [str(number) for number in reversed(range(120))]


@pytest.mark.parametrize("role", ["editor", "operator", "viewer"])
def test_members_who_do_not_own_the_team_are_not_shown_it(member, trail, role):
    mate = MembershipFactory(team=member.team, role=role).user
    assert page(mate, member.team)[0] == 404
    assert as_user(mate).get(f"/api/teams/{member.team_id}/audit").status_code == 403


def test_a_stranger_finds_nothing_and_a_visitor_signs_in(member, trail):
    stranger = MembershipFactory().user
    assert page(stranger, member.team)[0] == 404
    assert as_user(stranger).get(f"/api/teams/{member.team_id}/audit").status_code == 404
    assert Client().get(f"/teams/{member.team_id}/audit").status_code == 302
    assert APIClient().get(f"/api/teams/{member.team_id}/audit").status_code == 401


def test_names_in_it_are_text(member, trail):
    client = Client()
    client.force_login(member.user)
    shown = client.get(f"/teams/{member.team_id}/audit").content.decode()
    assert "Old &amp; &lt;b&gt;bold&lt;/b&gt;" in shown
    assert "Not yours" not in shown


def test_the_api_gives_the_same_with_every_field(member, trail):
    caller = as_user(member.user)
    body = caller.get(f"/api/teams/{member.team_id}/audit?what=workflow&limit=1").json()
    assert [(entry["action"], entry["actor"]) for entry in body["items"]] == [("workflow.publish", "bob@mail.example")]
    rest = caller.get(f"/api/teams/{member.team_id}/audit?what=workflow&before={body['nextBefore']}").json()
    assert [entry["action"] for entry in rest["items"]] == ["workflow.create"]
    assert rest["nextBefore"] is None
    assert set(body["items"][0]) >= {"at", "ipAddress", "requestId", "result", "details", "chain", "number"}


def test_a_key_does_not_read_it(member, trail):
    made = api_keys.create(team=member.team, by=member.user, name="all", scopes=list(api_keys.SCOPES))
    assert APIClient(HTTP_X_API_KEY=made.key).get(f"/api/teams/{member.team_id}/audit").status_code == 403


@pytest.mark.parametrize("rows", [1, 40])
def test_it_costs_as_many_questions_for_one_entry_as_for_many(member, rows, django_assert_max_num_queries):
    for _ in range(rows):
        audit.record("team.step", actor=MembershipFactory(team=member.team).user, team=member.team)
    client = Client()
    client.force_login(member.user)
    with django_assert_max_num_queries(8):
        client.get(f"/teams/{member.team_id}/audit")


def test_it_is_exported_for_that_team_by_owners_alone(member, trail):
    mate = MembershipFactory(team=member.team, role="editor").user
    asked = {"what": "audit", "format": "csv", "team": str(member.team_id), "since": "", "until": ""}
    for user, expected in ((member.user, 302), (mate, 422), (MembershipFactory().user, 404)):
        client = Client()
        client.force_login(user)
        assert client.post("/jobs/export", asked).status_code == expected


@pytest.mark.parametrize("until, ends", [("2026-03-01", "2026-03-02"), ("9999-12-31", "")])
def test_the_export_has_the_last_day_too(member, trail, until, ends):
    client = Client()
    client.force_login(member.user)
    shown = client.get(f"/teams/{member.team_id}/audit?since=2026-03-01&until={until}")
    assert shown.status_code == 200
    assert f'name="until" value="{ends}"' in shown.content.decode()
