"""Warnings before a credential ends: to who can renew it, a week and a day ahead, each once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Notification, NotificationChoice, User
from accounts.tests.factories import TeamFactory, UserFactory
from workflows_app.models import Credential
from workflows_app.services.credential_warnings import ask_to_reconnect, warn
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


def test_the_warning_leads_to_the_credential_and_names_what_uses_it() -> None:
    row = ending_in(DAY)
    graph = {"nodes": [{"name": "Call", "credentials": {"httpHeaderAuth": {"id": str(row.pk), "name": "Shop key"}}}]}
    WorkflowFactory(team=row.team, name="Orders", graph=graph)
    warn(now=NOW)
    note = Notification.objects.filter(user__name="owner").get()
    assert note.url == f"/credentials/{row.pk}"
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


def test_one_that_gives_no_token_any_more_is_told_of_once_and_by_mail() -> None:
    row = ending_in(None)
    assert [ask_to_reconnect(row.pk), ask_to_reconnect(row.pk)] == [True, False]
    assert told() == ["editor", "owner"]
    notes = Notification.objects.all()
    assert {note.title for note in notes} == {"Connect “Shop key” again"}
    assert {note.url for note in notes} == {f"/credentials/{row.pk}"}
    assert all(note.send_on == ["email"] for note in notes)


def test_warnings_go_by_mail_unless_somebody_chose_otherwise() -> None:
    ending_in(DAY)
    NotificationChoice.objects.create(user=User.objects.get(name="editor"), email=[])
    warn(now=NOW)
    assert dict(Notification.objects.values_list("user__name", "send_on")) == {"owner": ["email"], "editor": []}
