"""Credentials of servers that speak their own protocol are tried by signing in; a no is told in the server's words."""

import pytest

from accounts.tests.factories import MembershipFactory
from pumpflix.lib.safe_http import OutboundPolicy, parse_open_networks
from pumpflix.tests.live.canaries import refusals, refusing
from workflows_app import credential_types
from workflows_app.services import credentials, server_tests

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(33)]

SECRET = 'sesam/öffne"dich'
KINDS = ("smtp", "ftp", "redis", "postgres", "mySql")


@pytest.fixture(autouse=True)
def _open(monkeypatch):
    policy = OutboundPolicy(parse_open_networks("127.0.0.0/8"))
    monkeypatch.setattr(server_tests, "outbound_policy", lambda: policy)


def tried(kind: str, port: int, **more: str) -> credentials.TestResult:
    member = MembershipFactory(role="owner")
    user = {"ftp": "username", "imap": "user"}.get(kind, "user")
    fields = {"host": "127.0.0.1", "port": port, user: "ann", "password": SECRET, **more}
    row = credentials.create(team=member.team, by=member.user, name=kind, type=kind, fields=fields)
    result = credentials.test(row, by=member.user)
    row.refresh_from_db()
    assert (row.failing_since is None) == result.ok
    return result


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_is_told_without_the_secret_it_quotes(kind):
    talk = refusals(dict.fromkeys(KINDS, SECRET))[kind]
    with refusing(talk) as port:
        result = tried(kind, port, **({"secure": False} if kind == "smtp" else {}))
    assert not result.ok
    assert result.message
    assert "öffne" not in result.message


def listens_only(sock) -> None:
    while sock.recv(65_536):
        pass


@pytest.mark.parametrize("kind", ["imap", "ftp", "redis", "postgres", "mySql"])
def test_a_server_that_keeps_silent_is_not_waited_for(kind, monkeypatch):
    monkeypatch.setattr(server_tests, "PATIENCE_S", 1.0)
    with refusing(listens_only) as port:
        result = tried(kind, port)
    assert not result.ok


def test_every_type_for_servers_is_known():
    known = {kind.name for kind in credential_types.load().all()}
    assert set(server_tests.QUESTIONS) <= known
