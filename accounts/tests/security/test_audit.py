"""The audit trail: only added to, and whatever is changed or gone is found."""

import threading
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from rest_framework.test import APIClient

from accounts.models import AuditEntry, AuditHead, User
from accounts.services import api_keys, audit, audit_check
from accounts.services.members import remove
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory, UserFactory
from accounts.tests.security.people import by_api, owner

pytestmark = [pytest.mark.app, pytest.mark.requirement(66)]


@pytest.fixture(autouse=True)
def short_batches(monkeypatch):
    """A trail of six is read in two."""
    monkeypatch.setattr(audit_check, "CHUNK", 4)


@pytest.fixture
def trail(db) -> list[AuditEntry]:
    member = MembershipFactory()
    return [
        audit.record(f"team.step_{number}", actor=member.user, team=member.team, target=member.team, n=number)
        for number in range(6)
    ]


def forced(sql: str, *values: object) -> None:
    """As who owns the database could, with the trigger taken away."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER USER")


def said() -> str:
    out = StringIO()
    call_command("verify_audit", stdout=out)
    return out.getvalue()


def test_a_trail_that_is_whole_is_said_to_be(trail):
    assert f"6 entries, the last {trail[-1].chain[:16]}" in said()


@pytest.mark.django_db
def test_an_empty_one_is_whole_too():
    assert "0 entries" in said()


REFUSED: dict[str, Callable[[AuditEntry], object]] = {
    "change": lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(action="team.create"),
    "save": lambda entry: entry.save(),
    "delete": lambda entry: AuditEntry.objects.filter(pk=entry.pk).delete(),
    "delete all": lambda entry: AuditEntry.objects.all().delete(),
    "raw": lambda entry: connection.cursor().execute("DELETE FROM accounts_auditentry"),
    "truncate": lambda entry: connection.cursor().execute(
        "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL pumpflix.audit_may_be_emptied = ''; TRUNCATE accounts_auditentry"
    ),
}


@pytest.mark.parametrize("attempt", REFUSED.values(), ids=REFUSED)
def test_the_database_refuses_to_change_or_delete_entries(trail, attempt):
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        attempt(trail[2])
    assert AuditEntry.objects.count() == 6
    assert "whole" in said()


SWAP = (
    "UPDATE accounts_auditentry SET number = CASE number WHEN 3 THEN -4 ELSE -3 END WHERE number IN (3, 4); "
    "UPDATE accounts_auditentry SET number = -number WHERE number < 0"
)
ALTERED = {
    "what": ("UPDATE accounts_auditentry SET action = 'team.create' WHERE number = 3", "Entry 3 of"),
    "who": ("UPDATE accounts_auditentry SET actor_id = NULL WHERE number = 3", "Entry 3 of"),
    "when": ("UPDATE accounts_auditentry SET at = at - interval '1 day' WHERE number = 3", "Entry 3 of"),
    "from where": ("UPDATE accounts_auditentry SET ip_address = '192.0.2.1' WHERE number = 3", "Entry 3 of"),
    "result": ("UPDATE accounts_auditentry SET result = 'failed' WHERE number = 3", "Entry 3 of"),
    "details": ("UPDATE accounts_auditentry SET details = '{\"n\": 9}' WHERE number = 3", "Entry 3 of"),
    "one gone": ("DELETE FROM accounts_auditentry WHERE number = 3", "Entries 3 to 3 are missing"),
    "the first gone": ("DELETE FROM accounts_auditentry WHERE number = 1", "Entries 1 to 1 are missing"),
    "the last gone": ("DELETE FROM accounts_auditentry WHERE number > 4", "Entries 5 to 6 are missing at the end"),
    "all gone": ("DELETE FROM accounts_auditentry", "Entries 1 to 6 are missing at the end"),
    "swapped": (SWAP, "Entry 3 of"),
    "chain beyond ASCII": ("UPDATE accounts_auditentry SET chain = 'ß' WHERE number = 3", "Entry 3 of"),
    "seal beyond ASCII": ("UPDATE accounts_audithead SET seal = 'ß'", "The seal is not"),
    "one before the first": ("UPDATE accounts_auditentry SET number = 0 WHERE number = 1", "Entries 1 to"),
    "the end moved": ("UPDATE accounts_audithead SET number = 4", "goes on behind the end"),
    "the end gone": ("DELETE FROM accounts_audithead", "its row is gone"),
}


@pytest.mark.parametrize("sql,told", ALTERED.values(), ids=ALTERED)
def test_what_was_altered_behind_the_trigger_is_found(trail, sql, told):
    forced(sql)
    with pytest.raises(CommandError, match=told):
        call_command("verify_audit")


def test_a_whole_new_trail_does_not_fit_the_seal(trail):
    """Somebody with the database and the code, but not the secret key."""
    forced("DELETE FROM accounts_auditentry WHERE number = 6")
    last = AuditEntry.objects.get(number=5)
    AuditHead.objects.update(number=5, chain=last.chain)
    with pytest.raises(CommandError, match="The seal is not"):
        call_command("verify_audit")


def test_after_another_secret_key_it_is_sealed_again_on_purpose(trail, settings):
    settings.SECRET_KEY = "another-secret-key-of-forty-characters-xx"
    with pytest.raises(CommandError, match="the key was changed"):
        call_command("verify_audit")
    out = StringIO()
    call_command("verify_audit", "--seal-again", stdout=out)
    assert "whole" in out.getvalue()
    assert "whole" in said()


def test_an_altered_trail_is_not_sealed_again(trail, settings):
    forced("UPDATE accounts_auditentry SET action = 'x' WHERE number = 3")
    settings.SECRET_KEY = "another-secret-key-of-forty-characters-xx"
    assert len(audit_check.seal_again().problems) == 2


def test_many_alterations_do_not_hide_the_key_that_was_changed(trail, settings, monkeypatch):
    monkeypatch.setattr(audit_check, "MOST_TOLD", 2)
    forced("UPDATE accounts_auditentry SET action = 'x'")
    settings.SECRET_KEY = "another-secret-key-of-forty-characters-xx"
    with pytest.raises(CommandError, match="the key was changed"):
        call_command("verify_audit")


def while_it_is_read(monkeypatch, act: Callable[[], object]) -> list[Exception]:
    """`act` is done once, by somebody else who waits for nobody, after the first entry was read. What went wrong."""
    wrong: list[Exception] = []

    def elsewhere() -> None:
        try:
            connection.cursor().execute("SET lock_timeout = '1s'")
            act()
        except DatabaseError as error:
            wrong.append(error)
        finally:
            connection.close()

    def digest(entry: AuditEntry, before: str) -> str:
        if entry.number == 1:
            somebody = threading.Thread(target=elsewhere)
            somebody.start()
            somebody.join()
        return audit.digest(entry, before)

    monkeypatch.setattr(audit_check, "digest", digest)
    return wrong


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("read", [audit_check.check, audit_check.seal_again])
def test_nobody_waits_until_it_is_read(monkeypatch, read):
    for _ in range(6):
        audit.record("team.step", actor=None, team=None)
    wrong = while_it_is_read(monkeypatch, lambda: audit.record("team.step", actor=None, team=None))
    found = read()
    assert (wrong, found.problems, found.entries) == ([], [], 6)
    assert AuditEntry.objects.count() == 7


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_new_key", [True, False], ids=["by who has the new key", "by who has the old one still"])
def test_what_is_added_while_it_is_sealed_again_is_sealed_too(monkeypatch, settings, has_new_key):
    old, new = settings.SECRET_KEY, "another-secret-key-of-forty-characters-xx"
    for _ in range(6):
        audit.record("team.step", actor=None, team=None)
    settings.SECRET_KEY = new

    def go_on() -> None:
        settings.SECRET_KEY = new if has_new_key else old
        audit.record("team.step", actor=None, team=None)
        settings.SECRET_KEY = new

    wrong = while_it_is_read(monkeypatch, go_on)
    found = audit_check.seal_again()
    assert (wrong, found.problems, found.entries) == ([], [], 7)
    assert "7 entries" in said()


def test_who_and_where_stay_when_people_and_teams_are_gone(trail):
    before = (trail[0].actor_id, trail[0].team_id)
    trail[0].team.delete()
    trail[0].actor.delete()
    kept = AuditEntry.objects.select_related("actor", "team").get(number=1)
    assert (kept.actor_id, kept.team_id) == before
    assert (kept.actor, kept.team) == (None, None)
    assert "whole" in said()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain():
    user = UserFactory()

    def write() -> None:
        try:
            for _ in range(5):
                audit.record("team.step", actor=user, team=None)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(AuditEntry.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 31))
    assert "30 entries" in said()


@pytest.mark.django_db
def test_sign_ins_keys_and_members_are_in_it_with_where_they_came_from():
    owner()
    by_api(password="wrong")
    by_api()
    mate = MembershipFactory(role="owner")
    leaving = MembershipFactory(team=mate.team, role="viewer")
    remove(leaving, by=mate.user)
    rows = {row.action: row for row in AuditEntry.objects.all()}
    assert {"login.failed", "login.success", "team.remove_member"} <= set(rows)
    assert (rows["login.success"].ip_address, rows["login.success"].actor) == ("203.0.113.5", User.objects.first())
    assert rows["login.success"].request_id


@pytest.mark.django_db
def test_what_somebody_was_not_allowed_to_do_is_in_it():
    member = MembershipFactory(role="editor")
    key = api_keys.create(team=member.team, by=member.user, name="ci", scopes=["read"]).key
    refused = {f"teams/{member.team_id}/audit": as_user(member.user), "api-keys": APIClient(HTTP_X_API_KEY=key)}
    assert [caller.get(f"/api/{path}").status_code for path, caller in refused.items()] == [403, 403]
    noted = AuditEntry.objects.filter(action="access.failed").order_by("number")
    assert [(row.actor, row.details["path"]) for row in noted] == [
        (member.user, f"/api/teams/{member.team_id}/audit"),
        (member.user, "/api/api-keys"),
    ]
    assert all(row.has_failed and row.ip_address for row in noted)


@pytest.mark.django_db
def test_a_visitor_who_is_refused_fills_nothing():
    assert APIClient().get("/api/teams").status_code == 401
    assert not AuditEntry.objects.exists()
