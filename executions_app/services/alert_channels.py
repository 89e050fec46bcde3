"""The ways an alert takes: mail of the site, a Slack webhook, any webhook. Each says what the other side answered."""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from executions_app.adapters.http import engine_error
from executions_app.models import OutboxMessage
from executions_app.services.alert_messages import mail_text, slack_body
from pumpflix.lib.safe_http import OutboundError, parse_url
from workflows_app.engine.errors import OperationalError, RemoteError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import HttpRequest
from workflows_app.services.outbound import fetch
from workflows_app.toolkit.redaction import Redactor

TIMEOUT_S = 10.0
MAX_BYTES = 64 * 1024
SHOWN = 300
MOST_ADDRESSES = 20
SHORTEST_SECRET = 12


@dataclass(frozen=True, slots=True)
class Telling:
    """One message to one place. `key` is the same for every try."""

    channel: str
    target: JsonObject
    body: JsonObject
    key: str
    team_id: UUID
    workflow_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Whose outbox takes a mail that cannot be sent, as whose. `key` is the same for every try. Who may not see the
    workflow that it is about does not see it either."""

    team_id: UUID
    sender: str
    key: str
    workflow_id: UUID | None = None


def send(telling: Telling) -> str:
    """The other side's own answer. Raises UserError where no repeat would mend it, OperationalError for the rest."""
    return {"email": by_mail, "slack": by_slack, "webhook": by_webhook}[telling.channel](telling)


def by_mail(telling: Telling) -> str:
    subject = " ".join(str(telling.body["title"]).split())[:200]
    text, addresses = mail_text(telling.body), list(telling.target["addresses"])
    mail = EmailMessage(subject, text, None, addresses, headers={"X-Entity-Ref-ID": telling.key})
    return mailed(mail, kept_as=Kept(telling.team_id, "Alert", telling.key, telling.workflow_id))


def mailed(mail: EmailMessage, *, kept_as: Kept) -> str:
    """Without a mail server it goes into the team's outbox, once for each key. Raises UserError, OperationalError."""
    if not has_mail_server():
        host = urlsplit(settings.PUMPFLIX_PUBLIC_URL).hostname or "pumpflix.invalid"
        OutboxMessage.objects.get_or_create(
            message_id=f"<{kept_as.key}@{host}>",
            defaults={
                "team_id": kept_as.team_id,
                "workflow_id": kept_as.workflow_id,
                "node": kept_as.sender,
                "sender": settings.DEFAULT_FROM_EMAIL,
                "recipients": {"to": mail.to, "cc": [], "bcc": []},
                "subject": str(mail.subject),
                "text": str(mail.body),
            },
        )
        return "No mail server is set up here: the mail was kept in the outbox, and sent to nobody."
    try:
        mail.send()
    except OSError as error:
        raise refused(error) from None
    return f"The mail server took it for {', '.join(mail.to)}."


def refused(error: OSError) -> UserError | OperationalError:
    """What smtplib raises are all OSErrors; those about recipients carry an answer for each, others one."""
    answers = [*getattr(error, "recipients", {}).values()]
    if hasattr(error, "smtp_code"):
        answers.append((error.smtp_code, getattr(error, "smtp_error", "")))
    if answers:
        return answered(*answers[0])
    text = f"The mail server cannot be reached: {error}"[:SHOWN]
    return OperationalError(text, code="mail_refused", hint="An administrator can look at its address.")


def answered(code: int, said: bytes | str) -> UserError | OperationalError:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    message = f"The mail server said: {code} {text}"[:SHOWN]
    return (UserError if code >= 500 else OperationalError)(message, code="mail_refused", hint="Check the addresses.")


def has_mail_server() -> bool:
    return not str(settings.EMAIL_BACKEND).endswith("console.EmailBackend")


def by_slack(telling: Telling) -> str:
    return posted(telling, orjson.dumps(slack_body(telling.body)), ())


def by_webhook(telling: Telling) -> str:
    body = orjson.dumps(telling.body)
    secret = str(telling.target.get("secret") or "")
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return posted(telling, body, (("X-PumpFlix-Signature", f"sha256={signed}"),) if secret else ())


def posted(telling: Telling, body: bytes, more: tuple[tuple[str, str], ...]) -> str:
    request = HttpRequest(
        method="POST",
        url=str(telling.target["url"]),
        headers=(("Content-Type", "application/json"), ("Idempotency-Key", telling.key), *more),
        body=body,
        timeout_s=TIMEOUT_S,
        max_bytes=MAX_BYTES,
        follow_redirects=False,
    )
    try:
        response = fetch(request)
    except OutboundError as error:
        raise engine_error(error) from None
    redactor = Redactor()
    redactor.learn(secrets_in(telling.target))
    said = " ".join(redactor.text(response.body.decode("utf-8", "replace")).split())[:SHOWN]
    text = redactor.text(f"{response.status} {response.reason}".strip()) + (f": {said}" if said else "")
    if response.status < 300:
        return text
    if response.status in (408, 425, 429) or response.status >= 500:
        raise RemoteError(f"It answered {text}", status=response.status, hint="It is tried again.")
    raise UserError(f"It answered {text}", code="alert_refused", hint="Check the address, or make a new one there.")


def secrets_in(target: JsonObject) -> list[str]:
    """Of an address all behind the host: whoever knows it may write there."""
    url = str(target.get("url") or "")
    parts = urlsplit(url)
    behind = [parts.path.lstrip("/"), parts.path.rpartition("/")[2], parts.query]
    return [text for text in (url, *behind, str(target.get("secret") or "")) if len(text) >= SHORTEST_SECRET]


# what people enter ------------------------------------------------------------------------------------------------
def target_of(channel: str, entered: str, secret: str = "") -> JsonObject:
    """Raises UserError that says what is wrong with it."""
    if channel == "email":
        return {"addresses": addresses_in(entered)}
    url = entered.strip()
    try:
        parsed = parse_url(url)
    except OutboundError as error:
        raise UserError(error.message, code=error.code, hint="Enter an address that starts with https://.") from None
    if channel == "slack" and parsed.host != "hooks.slack.com":
        text = "An incoming webhook of Slack starts with https://hooks.slack.com/."
        raise UserError(text, code="alert_target_invalid", hint="Slack shows it where the webhook was made.")
    return {"url": url, "secret": secret} if channel == "webhook" and secret else {"url": url}


def addresses_in(entered: str) -> list[str]:
    found = [part for part in entered.replace(",", " ").replace(";", " ").split() if part]
    if not found or len(found) > MOST_ADDRESSES:
        text = f"Enter one to {MOST_ADDRESSES} e-mail addresses."
        raise UserError(text, code="alert_target_invalid", hint="Separate them by commas.")
    for address in found:
        try:
            validate_email(address)
        except ValidationError:
            text = f"'{address[:100]}' is not an e-mail address."
            raise UserError(text, code="alert_target_invalid", hint="Correct it.") from None
    return list(dict.fromkeys(found))


def hint_of(channel: str, target: JsonObject) -> str:
    """What may be shown: addresses as they are, of a URL the host and how it ends, since the rest is a secret."""
    if channel == "email":
        return ", ".join(target["addresses"])[:300]
    url = str(target["url"])
    return f"{urlsplit(url).hostname}/…{url[-4:]}"
