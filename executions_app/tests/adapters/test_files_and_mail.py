"""The file store and the outbox: written exactly once, seen by the team alone. And which mail servers are reached."""

import pytest

from executions_app.adapters.clock import ClockAdapter
from executions_app.adapters.files import FilesAdapter
from executions_app.adapters.mail import MailAdapter
from executions_app.models import OutboxMessage
from executions_app.runner.session import Session
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts
from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.ports import CallSite, MailMessage
from workflows_app.models import TeamFile
from workflows_app.services.outbound import server_of

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

LETTER = MailMessage(
    '"Shop" <shop@mail.example>', ("ada@mail.example",), "Hello", html="<b>Hi</b>", bcc=("b@m.example",)
)


def site(call: int = 0) -> CallSite:
    return CallSite("Node", 0, 0, call)


@pytest.fixture
def session(parts: Parts) -> Session:
    return parts.open(execution_of())


def mail(session: Session) -> MailAdapter:
    return MailAdapter(session, ClockAdapter(session.wait_canceled), lambda: None)


def test_what_is_written_is_read_listed_and_appended_to(session: Session) -> None:
    files = FilesAdapter(session)
    files.write(site(), "in/a.txt", b"one", mime_type="text/plain", append=True)
    files.write(site(1), "in/a.txt", b" two", mime_type="text/plain", append=True)
    files.write(site(2), "b.txt", b"", mime_type="", append=False)
    found = files.read("in/a.txt")
    assert found is not None
    assert (session.get_payload(found.ref), found.file_name, found.mime_type) == (b"one two", "a.txt", "text/plain")
    assert (files.list(""), files.list("in"), files.list("i")) == (["b.txt", "in/a.txt"], ["in/a.txt"], [])
    assert files.read("c") is None


def test_a_repeated_write_appends_once(session: Session) -> None:
    for _ in range(2):
        FilesAdapter(session).write(site(), "log", b"x", mime_type="", append=True)
    assert TeamFile.objects.get().size_bytes == 1


@pytest.mark.requirement(21)
def test_a_file_that_is_too_large_is_refused(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("executions_app.adapters.files.MAX_STORE_BYTES", 5)
    files = FilesAdapter(session)
    files.write(site(), "a", b"1234", mime_type="", append=False)
    files.write(site(1), "a", b"12345", mime_type="", append=False)
    with pytest.raises(UserError, match="full"):
        files.write(site(2), "b", b"1", mime_type="", append=False)
    monkeypatch.setattr("executions_app.adapters.files.MAX_FILE_BYTES", 3)
    with pytest.raises(UserError, match="too large"):
        files.write(site(3), "a", b"1234", mime_type="", append=False)


@pytest.mark.requirement(14)
def test_another_team_sees_nothing(parts: Parts, session: Session) -> None:
    FilesAdapter(session).write(site(), "a", b"1", mime_type="", append=False)
    other = FilesAdapter(parts.open(execution_of()))
    assert (other.read("a"), other.list("")) == (None, [])


def test_a_mail_without_a_server_is_kept_once(session: Session) -> None:
    first, again = mail(session).send(site(), LETTER, None), mail(session).send(site(), LETTER, None)
    kept = OutboxMessage.objects.get()
    assert first == again == kept.message_id
    assert (kept.subject, kept.html, kept.recipients) == (
        "Hello",
        "<b>Hi</b>",
        {"to": ["ada@mail.example"], "cc": [], "bcc": ["b@m.example"]},
    )
    assert str(session.claim.id) in first


@pytest.mark.parametrize("credential", [{}, {"host": "mail.example", "port": "x"}, {"host": "m", "port": 99_999}])
def test_a_credential_that_names_no_server_is_refused(session: Session, credential: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        mail(session).send(site(), LETTER, credential)


@pytest.mark.requirement(22)
def test_a_server_on_our_own_network_is_not_reached(session: Session) -> None:
    with pytest.raises(ParameterError) as caught:
        mail(session).send(site(), LETTER, {"host": "127.0.0.1", "port": 25, "secure": False})
    assert caught.value.instance_code == "address_not_allowed"


def test_the_fields_of_a_credential_are_read() -> None:
    server = server_of({"host": " mail.example ", "port": "587", "secure": False, "user": "ada", "password": "x"})
    assert (server.host, server.port, server.is_tls, server.allows_start_tls) == ("mail.example", 587, False, True)
