"""Which webhook answers at a path."""

from datetime import timedelta

import pytest
from django.utils import timezone

from executions_app.intake.routes import Routes, parts_of
from executions_app.tests.factories import live_webhook, version_of
from workflows_app.models import Webhook, Workflow
from workflows_app.tests.graphs import webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def routes() -> Routes:
    return Routes()


def test_a_live_webhook_is_found_by_path_and_by_token(routes: Routes) -> None:
    webhook = live_webhook(webhook_chain(path="hello", method="POST"))
    by_path, by_token = routes.look_up("path", "hello"), routes.look_up("token", webhook.token)
    assert by_path is not None
    assert by_token is not None
    assert by_path.route.webhook_id == by_token.route.webhook_id == webhook.pk
    assert by_path.route.methods == {"POST"}


def test_named_parts_of_a_path_become_parameters(routes: Routes) -> None:
    live_webhook(webhook_chain(path="users/:id/:what"))
    live_webhook(webhook_chain(path="users/:id/orders"))
    found = routes.look_up("path", "users/7/orders")
    assert found is not None
    assert found.params == {"id": "7"}


@pytest.mark.parametrize(
    "pattern,path,expected", [("a/:b", "a/1", {"b": "1"}), ("a/:b", "a", None), ("a/:b", "c/1", None)]
)
def test_parts_fit_or_do_not(pattern: str, path: str, expected: object) -> None:
    assert parts_of(pattern, path) == expected


def test_a_workflow_that_is_off_or_deleted_does_not_answer(routes: Routes) -> None:
    webhook = live_webhook()
    Workflow.objects.update(deleted_at=timezone.now())
    assert routes.look_up("token", webhook.token) is None
    Workflow.objects.update(deleted_at=None, live_version=None)
    assert routes.look_up("token", webhook.token) is None


def test_a_listening_webhook_answers_while_it_listens(routes: Routes) -> None:
    version = version_of(webhook_chain())
    until = timezone.now() + timedelta(minutes=2)
    webhook = Webhook.objects.create(
        workflow=version.workflow, node="Webhook", token="t", path="hello", listen_until=until, listen_version=version
    )
    assert routes.look_up("path", "hello") is not None
    Webhook.objects.filter(pk=webhook.pk).update(listen_until=timezone.now() - timedelta(seconds=1))
    assert routes.look_up("path", "hello") is None


def test_what_was_found_is_remembered_for_a_moment_and_misses_are_not() -> None:
    routes = Routes(remembered_s=60)
    assert routes.look_up("path", "hello") is None
    live_webhook(webhook_chain(path="hello"))
    assert routes.remembered("path", "hello") is None
    found = routes.look_up("path", "hello")
    assert routes.remembered("path", "hello") is found
    assert Routes(remembered_s=0).remembered("path", "hello") is None
