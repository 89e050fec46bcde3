"""Public workflows as pages: everybody with an account sees how one is made, and takes a copy."""

import pytest

from accounts.tests.factories import MembershipFactory
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def shown():
    graph = manual_set(greeting="Hello")
    graph["nodes"][0]["credentials"] = {"httpHeaderAuth": {"id": "0190b6a0-0000-7000-8000-0000000000ff", "name": "CRM"}}
    graph["pinData"] = {"Start": [{"json": {"customer": "pinned-4711"}}]}
    return WorkflowFactory(visibility="public", name="Say hello", graph=graph)


@pytest.fixture
def stranger(client):
    member = MembershipFactory()
    client.force_login(member.user)
    return member


def said(answer):
    return answer.content.decode()


@pytest.mark.requirement(52)
def test_a_stranger_sees_the_definition_and_nothing_else(client, shown, stranger):
    assert "Say hello" in said(client.get("/workflows/public"))
    page = said(client.get(f"/workflows/public/{shown.pk}"))
    assert "Variables" in page
    assert [word for word in ("pinned-4711", "CRM", shown.created_by.email) if word in page] == []
    assert client.get(f"/workflows/{shown.pk}").status_code == 404


@pytest.mark.requirement(52)
def test_a_copy_is_a_draft_of_ones_own_without_credentials_and_data(client, shown, stranger):
    answer = client.post(f"/workflows/public/{shown.pk}/copy", {"team": str(stranger.team_id)}, follow=True)
    copied = Workflow.objects.get(team=stranger.team)
    assert "This is your copy." in said(answer)
    assert copied.graph["pinData"] == {}
    assert copied.graph["nodes"][0]["credentials"] == {"httpHeaderAuth": {"id": None, "name": ""}}
    assert (copied.is_live, copied.visibility) == (False, "team")


def test_nothing_is_copied_into_a_team_in_which_one_does_not_edit(client, shown, stranger):
    watched, strange = MembershipFactory(user=stranger.user, role="viewer").team, MembershipFactory().team
    path = f"/workflows/public/{shown.pk}/copy"
    assert client.post(path, {"team": str(watched.pk)}).status_code == 403
    assert client.post(path, {"team": str(strange.pk)}).status_code == 404
    assert client.post(path, {"team": "no id"}).status_code == 404
    assert Workflow.objects.count() == 1


@pytest.mark.parametrize("visibility", ["team", "private"])
def test_what_is_not_public_is_nowhere(client, stranger, visibility):
    kept = WorkflowFactory(visibility=visibility, name="Kept")
    assert "Kept" not in said(client.get("/workflows/public"))
    assert client.get(f"/workflows/public/{kept.pk}").status_code == 404
    assert client.post(f"/workflows/public/{kept.pk}/copy").status_code == 404


def test_who_is_in_the_team_is_led_to_its_own_page(client, shown):
    client.force_login(shown.created_by)
    assert client.get(f"/workflows/public/{shown.pk}").headers["Location"] == f"/workflows/{shown.pk}"


def test_a_visitor_signs_in_first(client, shown):
    assert client.get("/workflows/public").status_code == 302
    assert client.get(f"/workflows/public/{shown.pk}").status_code == 302


def test_found_by_words(client, shown, stranger):
    assert "Say hello" in said(client.get("/workflows/public?q=hello"))
    assert "No public workflow fits" in said(client.get("/workflows/public?q=goodbye"))


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_asks_a_fixed_number_of_questions(client, stranger, count, django_assert_max_num_queries):
    member = MembershipFactory()
    WorkflowFactory.create_batch(count, membership=member, visibility="public")
    with django_assert_max_num_queries(12):
        assert said(client.get("/workflows/public")).count("public-row") == count
