"""The Mail port made real: over the mail server of a credential, or into the built-in outbox where there is none.

A mail server cannot tell a repeat: after a crash in the very moment of sending, a mail may arrive twice, with the same
Message-ID. A mail of the outbox is kept exactly once."""

from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from psycopg.types.json import Jsonb

from executions_app.adapters.effects import OwnEffects
from executions_app.adapters.http import engine_error, outbound_policy
from executions_app.database import Connection
from executions_app.runner.session import Session
from pumpflix.lib.ids import idempotency_key
from pumpflix.lib.safe_http import Dialer, OutboundError
from pumpflix.lib.safe_http.smtp import MailRefused, send_mail
from workflows_app.engine.errors import ParameterError, RemoteError
from workflows_app.engine.ports import CallSite, Clock, MailMessage
from workflows_app.services.outbound import server_of
from workflows_app.toolkit.data_tables import storable
from workflows_app.toolkit.mail import bare

KEEP = """
INSERT INTO executions_app_outboxmessage
(id, team_id, execution_id, node, message_id, sender, recipients, reply_to, subject, text, html, attachments)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


class MailAdapter:
    def __init__(self, session: Session, clock: Clock, poll: Callable[[], None]) -> None:
        self._session = session
        self._clock = clock
        self._poll = poll
        self._effects = OwnEffects(session)

    def send(self, site: CallSite, message: MailMessage, credential: Mapping[str, Any] | None) -> str:
        """The Message-ID. Raises ParameterError for what the author must change, RemoteError for the rest."""
        message_id = self._message_id(site)
        if credential is None:
            self._effects.once(site, lambda connection: self._keep(connection, site, message, message_id))
            return message_id
        sent = self._session.recorded_call(site)
        if sent is None:
            self._deliver(site, message, message_id, credential)
        return message_id

    def _message_id(self, site: CallSite) -> str:
        key = idempotency_key(self._session.claim.id, site.node, site.run_index, site.item, site.call)
        safe = "".join(char if char.isalnum() or char in "-._" else "." for char in key)
        return f"<{safe}@{urlsplit(settings.PUMPFLIX_PUBLIC_URL).hostname or 'pumpflix.invalid'}>"

    def _keep(self, connection: Connection, site: CallSite, message: MailMessage, message_id: str) -> bool:
        recipients = {"to": message.to, "cc": message.cc, "bcc": message.bcc}
        claim = self._session.claim
        texts = [storable(text) for text in (message.reply_to, message.subject, message.text, message.html)]
        files = Jsonb([file.to_json() for file in message.attachments])
        who = (uuid4(), claim.team_id, claim.id, site.node, message_id, storable(message.sender), Jsonb(recipients))
        connection.execute(KEEP, (*who, *texts, files))
        return True

    def _deliver(
        self, site: CallSite, message: MailMessage, message_id: str, credential: Mapping[str, Any]
    ) -> None:  # fmt: skip
        mail = self._composed(message, message_id)
        recipients = [bare(address) for address in (*message.to, *message.cc, *message.bcc)]
        server = server_of(credential)
        self._session.barrier(site)
        try:
            refused = send_mail(
                Dialer(outbound_policy()),
                server,
                sender=bare(message.sender),
                recipients=recipients,
                message=mail.as_bytes(policy=SMTP),
                poll=self._poll,
            )
        except OutboundError as error:
            raise engine_error(error) from None
        except MailRefused as error:
            hint = "Check the credential, the sender and the recipients."
            raise RemoteError(error.message, permanent=not error.is_transient, hint=hint, code="mail_refused") from None
        if refused:
            text = f"The mail server took the mail, but not for {', '.join(refused[:5])}."
            raise RemoteError(text, permanent=True, hint="Correct these addresses.", code="mail_refused")
        self._session.keep_call(site, b"{}")

    def _composed(self, message: MailMessage, message_id: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        try:
            mail["From"] = message.sender
            mail["To"] = ", ".join(message.to)
            for name, value in (("Cc", ", ".join(message.cc)), ("Reply-To", message.reply_to)):
                if value:
                    mail[name] = value
            mail["Subject"] = message.subject
            mail["Message-ID"] = message_id
            mail["Date"] = format_datetime(self._clock.now())
        except (ValueError, IndexError) as error:
            text = "Sender, subject or an address of the mail is not valid."
            raise ParameterError(text, hint="Remove line breaks and odd characters.") from error
        self._fill(mail, message)
        return mail

    def _fill(self, mail: EmailMessage, message: MailMessage) -> None:
        if message.text or not message.html:
            mail.set_content(clean(message.text))
        if message.html and message.text:
            mail.add_alternative(clean(message.html), subtype="html")
        elif message.html:
            mail.set_content(clean(message.html), subtype="html")
        for file in message.attachments:
            kind, _, subtype = file.mime_type.partition(";")[0].partition("/")
            mail.add_attachment(
                self._session.get_payload(file.ref),
                maintype=kind if kind and subtype and kind not in ("multipart", "message") else "application",
                subtype=subtype if subtype and kind not in ("multipart", "message") else "octet-stream",
                filename="".join(char for char in file.file_name if char.isprintable()) or "file",
            )


def clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
