"""Sending one mail over a checked connection."""

import base64
import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pumpflix.lib.safe_http.connection import OutboundConnection, open_connection
from pumpflix.lib.safe_http.dialer import Dialer, tls_context
from pumpflix.lib.safe_http.errors import OutboundError

MAIL_PORTS = frozenset({25, 465, 587, 2525})
STEP_S = 30.0
SERVICE_READY = 220
SIGNED_IN = 235


@dataclass(frozen=True)
class MailServer:
    """`is_tls`: encrypted from the first byte; else STARTTLS is used where the server offers it."""

    host: str
    port: int = 465
    user: str = ""
    password: str = ""
    is_tls: bool = True
    allows_start_tls: bool = True
    verify_tls: bool = True
    own_name: str = ""


class MailRefused(Exception):
    """The server said no. `is_transient` as its code says; the message names the code and what it refers to."""

    def __init__(self, message: str, *, is_transient: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.is_transient = is_transient


class _Smtp(smtplib.SMTP):
    """Speaks over a connection that is there already."""

    def __init__(self, connection: OutboundConnection, own_name: str) -> None:
        self._connection = connection
        super().__init__(local_hostname=own_name or "localhost", timeout=STEP_S)

    def _get_socket(self, host: str, port: int, timeout: float) -> object:  # noqa: ARG002  smtplib's signature
        self._connection.socket.settimeout(timeout)
        return self._connection.socket

    def login(self, user: str, password: str, *, initial_response_ok: bool = True) -> tuple[int, bytes]:
        """The library signs in with ASCII alone; RFC 4616 has UTF-8."""
        if f"{user}{password}".isascii():
            return super().login(user, password, initial_response_ok=initial_response_ok)
        if "PLAIN" not in self.esmtp_features.get("auth", "").upper().split():
            raise smtplib.SMTPNotSupportedError
        said = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
        code, words = self.docmd("AUTH", f"PLAIN {said}")
        if code != SIGNED_IN:
            raise smtplib.SMTPAuthenticationError(code, words)
        return code, words


def try_login(dialer: Dialer, server: MailServer) -> None:
    """Greet the server and sign in, without sending anything. Raises MailRefused, OutboundError."""
    with _signed_in(dialer, server) as client:
        _say_goodbye(client)


def send_mail(
    dialer: Dialer,
    server: MailServer,
    *,
    sender: str,
    recipients: Sequence[str],
    message: bytes,
    poll: Callable[[], None] | None = None,
) -> list[str]:
    """Hand the message over; the addresses that the server refused while it took others. Raises MailRefused, and
    OutboundError where the server cannot be reached."""
    with _signed_in(dialer, server, poll) as client:
        try:
            refused = client.sendmail(sender, list(recipients), message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            raise MailRefused(
                "The mail server refuses every recipient.", is_transient=max(codes, default=500) < 500
            ) from None
        _say_goodbye(client)
        return list(refused)


@contextmanager
def _signed_in(
    dialer: Dialer, server: MailServer, poll: Callable[[], None] | None = None
) -> Iterator[smtplib.SMTP]:  # fmt: skip
    """A client the server has let in; what goes wrong with it comes in our words."""
    connection = open_connection(dialer, server.host, server.port, service_ports=MAIL_PORTS, poll=poll)
    try:
        if server.is_tls:
            connection.start_tls(verify=server.verify_tls)
        yield _greeted(connection, server, dialer)
    except smtplib.SMTPResponseException as error:
        raise MailRefused(_words(error), is_transient=400 <= error.smtp_code < 500) from None
    except smtplib.SMTPNotSupportedError:
        raise MailRefused("The mail server offers no sign-in, or none over this kind of connection.") from None
    except (smtplib.SMTPException, OSError):
        raise OutboundError("connection_lost", "The mail server closed the connection.") from None
    finally:
        connection.close()


def _greeted(connection: OutboundConnection, server: MailServer, dialer: Dialer) -> smtplib.SMTP:
    client = _Smtp(connection, server.own_name)
    code, words = client.connect(server.host, server.port)
    if code != SERVICE_READY:
        raise smtplib.SMTPConnectError(code, words)
    client.ehlo_or_helo_if_needed()
    if not server.is_tls and server.allows_start_tls and client.has_extn("starttls"):
        client.starttls(context=tls_context(dialer.policy.ca_file, server.verify_tls))
        client.ehlo()
    if server.user:
        client.login(server.user, server.password)
    return client


def _say_goodbye(client: smtplib.SMTP) -> None:
    """The mail is taken; what happens from here on is no failure any more."""
    try:
        client.quit()
    except (smtplib.SMTPException, OSError):
        client.close()


def _words(error: smtplib.SMTPResponseException) -> str:
    step = {
        smtplib.SMTPAuthenticationError: "the user name or the password",
        smtplib.SMTPSenderRefused: "the sender",
        smtplib.SMTPDataError: "the message",
        smtplib.SMTPConnectError: "the connection",
        smtplib.SMTPHeloError: "the greeting",
    }.get(type(error), "the mail")
    return f"The mail server refuses {step} (code {error.smtp_code})."
