"""Warnings before a credential ends: to who can renew it, a week and a day ahead, each once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import TeamFactory, UserFactory
from workflows_app.models import Credential
from workflows_app.services.credential_warnings import warn
from workflows_app.tests.factories import WorkflowFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

NOW = timezone.now()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def ending_in(left: timedelta | None) -> Credential:
    """A credential of a team with a person of each role."""
    team = TeamFactory()
    for role in ("owner", "editor", "operator", "viewer"):
        team.memberships.create(user=UserFactory(name=role), role=role)
    expires_at = None if left is None else NOW + left
    return Credential.objects.create(
        team=team, name="Shop key", type="httpHeaderAuth", sealed=b"", key_id="k", expires_at=expires_at
    )


def told() -> list[str]:
    return sorted(Notification.objects.values_list("user__name", flat=True))


@pytest.mark.parametrize(
    "left, title",
    [
        (7 * DAY - HOUR, "The credential “Shop key” ends within 7 days."),
        (2 * DAY - HOUR, "The credential “Shop key” ends within 2 days."),
        (DAY - HOUR, "The credential “Shop key” ends within a day."),
    ],
    ids=["a week", "two days", "a day"],
)
def test_owners_and_editors_are_told_once(left: timedelta, title: str) -> None:
    ending_in(left)
    assert (warn(now=NOW), warn(now=NOW + HOUR / 2)) == (1, 0)
    assert told() == ["editor", "owner"]
    assert set(Notification.objects.values_list("title", flat=True)) == {title}


@pytest.mark.parametrize("left", [None, 7 * DAY + HOUR, -HOUR], ids=["never", "later", "over"])
def test_nobody_is_told_of_others(left: timedelta | None) -> None:
    ending_in(left)
    assert warn(now=NOW) == 0
    assert told() == []


def test_a_second_warning_comes_a_day_before_and_a_new_end_starts_over() -> None:
    row = ending_in(6 * DAY)
    warned = [warn(now=NOW), warn(now=NOW + 3 * DAY), warn(now=NOW + 5.5 * DAY), warn(now=NOW + 5.8 * DAY)]
    assert warned == [1, 0, 1, 0]
    Credential.objects.filter(pk=row.pk).update(expires_at=NOW + 12 * DAY)
    assert warn(now=NOW + 6 * DAY) == 1


def test_the_warning_leads_to_a_workflow_that_uses_it() -> None:
    row = ending_in(DAY)
    graph = {"nodes": [{"name": "Call", "credentials": {"httpHeaderAuth": {"id": str(row.pk), "name": "Shop key"}}}]}
    workflow = WorkflowFactory(team=row.team, name="Orders", graph=graph)
    warn(now=NOW)
    note = Notification.objects.filter(user__name="owner").get()
    assert note.url == f"/workflows/{workflow.pk}"
    assert note.text.endswith("Used by: Orders.")


def test_many_who_look_at_once_tell_once() -> None:
    ending_in(DAY)

    def look(_: int) -> int:
        try:
            return warn(now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(look, range(8))) == 1
    assert told() == ["editor", "owner"]
