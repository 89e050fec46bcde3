"""The gallery by REST: listing, using, promoting."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services.teams import system_team
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory
from executions_app import payload_codec
from executions_app.models import Execution
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from templates_app import catalog
from templates_app.models import Category, Template
from templates_app.services.catalog import seed_categories, seed_title
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, manual_set, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]

NOW = "2026-01-01T00:00:00Z"


@pytest.fixture
def user() -> User:
    return MembershipFactory().user


@pytest.fixture
def client(user: User) -> APIClient:
    return as_user(user)


@pytest.fixture
def title() -> Template:
    found = next(title for title in catalog.titles() if title.slug == "webhook-transform-respond")
    seed_title(found, system_team(), seed_categories(), 0)
    return Template.objects.get()


def worked(workflow: Workflow) -> Execution:
    return ExecutionFactory(
        version=VersionFactory(workflow=workflow), status="success", started_at=NOW, finished_at=NOW,
        trigger_items=payload_codec.encode([{"json": {"n": 1}}]),
    )  # fmt: skip


def promoted(client: APIClient, workflow: Workflow, **body: Any) -> Any:
    seed_categories()
    given = {"name": "Greet", "description": "Says hello.\nTo all.", **body}
    return client.post(f"/api/workflow-templates/promote/{workflow.pk}", given, format="json")


def test_titles_are_listed_and_narrowed(client, title):
    def slugs(query: str) -> list[str]:
        return [row["slug"] for row in client.get(f"/api/workflow-templates?{query}").json()["items"]]

    category = f"category={title.category.slug}"
    for query in ("", "sourceType=prebuilt", category, "runClass=now", "tags=webhook", "search=integration"):
        assert slugs(query) == [title.slug], query
    for query in ("sourceType=user", "category=money", "runClass=key", "tags=other", "search=invoice", "featured=true"):
        assert slugs(query) == [], query


def test_a_title_is_read_by_id_and_by_slug(client, title):
    by_id, by_slug = (client.get(f"/api/workflow-templates/{key}").json() for key in (title.pk, title.slug))
    assert by_id == by_slug
    assert [variable["name"] for variable in by_id["inputVariables"]] == ["greeting", "sender"]
    assert (by_id["requiredCredentials"], by_id["triggers"]) == ([], ["webhook"])
    assert by_id["n8nJson"]["nodes"]


def test_using_a_title_makes_a_draft_of_ones_own(client, user, title):
    made = client.post(f"/api/workflow-templates/{title.pk}/use", {"name": "My link"}, format="json").json()
    row = Workflow.objects.get(pk=made["id"])
    assert (row.name, row.source_template, row.created_by, made["status"]) == ("My link", title.pk, user, "setup")
    title.refresh_from_db()
    assert title.use_count == 1


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_asks_as_often_for_many_titles_as_for_one(client, title, count, django_assert_max_num_queries):
    for number in range(count - 1):
        same = {
            field.attname: getattr(title, field.attname)
            for field in Template._meta.concrete_fields
            if field.name not in ("id", "slug")
        }
        Template.objects.create(**same, slug=f"copy-{number}")
    with django_assert_max_num_queries(5):
        assert len(client.get("/api/workflow-templates?limit=100").json()["items"]) == count


def test_categories_tell_how_many_titles_they_have(client, title):
    found = {row["slug"]: row["templates"] for row in client.get("/api/categories").json()["items"]}
    assert found[title.category.slug] == 1
    assert sum(found.values()) == 1


def test_promoting_saves_a_title_of_ones_team():
    workflow = WorkflowFactory(graph=manual_set(greeting="Hello"))
    worked(workflow)
    answer = promoted(as_user(workflow.created_by), workflow, category="clean")
    row = Template.objects.get()
    assert (answer.status_code, answer.json()["id"]) == (201, str(row.pk))
    assert (row.name, row.pitch, row.team, row.category.slug) == ("Greet", "Says hello.", workflow.team, "clean")
    assert (row.source_type, row.status, row.source_workflow) == ("user", "draft", workflow)
    stranger = as_user(MembershipFactory().user)
    assert stranger.get(f"/api/workflow-templates/{row.pk}").status_code == 404
    assert stranger.get("/api/workflow-templates").json()["items"] == []


def test_without_a_run_that_worked_there_is_nothing_to_show():
    workflow = WorkflowFactory()
    answer = promoted(as_user(workflow.created_by), workflow)
    assert (answer.status_code, answer.json()["code"]) == (422, "sample_missing")
    assert not Template.objects.exists()


def test_the_run_of_another_workflow_is_no_sample():
    workflow = WorkflowFactory()
    other = worked(WorkflowFactory(membership=None, team=workflow.team, created_by=workflow.created_by))
    answer = promoted(as_user(workflow.created_by), workflow, sampleExecutionId=str(other.pk))
    assert answer.json()["code"] == "sample_missing"


def test_a_secret_stops_it():
    key = "sk-" + "a" * 30
    workflow = WorkflowFactory(graph=chain(node("Start", "manualTrigger"), node("Call", "set", 3.4, **assign(key=key))))
    worked(workflow)
    answer = promoted(as_user(workflow.created_by), workflow)
    assert (answer.status_code, answer.json()["code"]) == (422, "secret_found")
    assert key.encode() not in answer.content
    assert not Template.objects.exists()


@pytest.mark.parametrize("missing", ["name", "description"])
def test_a_name_and_a_description_are_needed(missing):
    workflow = WorkflowFactory()
    worked(workflow)
    answer = promoted(as_user(workflow.created_by), workflow, **{missing: "  "})
    assert (answer.status_code, answer.json()["problems"][0]["path"]) == (400, missing)


def test_a_category_that_is_not_there():
    workflow = WorkflowFactory()
    worked(workflow)
    answer = promoted(as_user(workflow.created_by), workflow, category="nothing")
    assert (answer.status_code, answer.json()["problems"][0]["path"]) == (400, "category")
    assert Category.objects.exists()


def test_somebody_elses_workflow_is_not_promoted(client):
    workflow = WorkflowFactory()
    worked(workflow)
    assert promoted(client, workflow).status_code == 404
