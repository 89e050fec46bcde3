"""Send Email, versions 1 to 2.1."""

from collections.abc import Mapping
from html import escape
from typing import Any

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import Binary, Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, Pause
from workflows_app.engine.ports import MailMessage
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.messaging.email_send.params import EmailSendParams
from workflows_app.toolkit import describe_steps
from workflows_app.toolkit.approvals import answer_of, approval_page
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.mail import addresses, bare
from workflows_app.toolkit.paths import names

MAX_ATTACHED = 25 * 1024 * 1024
RESUME_URL = "={{ $execution.resumeUrl }}"


@register
class EmailSend(NodeType[EmailSendParams]):
    """Send a mail for each item. Without an SMTP credential it is kept in the built-in outbox and reaches nobody.

    A mail server cannot tell repeats: when a worker dies in the moment of sending, a mail may arrive twice.
    """

    name = "n8n-nodes-base.emailSend"
    label = "Send email"
    group = "messaging"
    icon = "n-mail"
    silhouette = "world"
    versions = (1, 2, 2.1)
    credentials = ("smtp",)
    side_effects = "write"
    Params = EmailSendParams

    def describe(self, node: Node) -> str:
        return describe_steps.mail(node)

    def execute(self, run: NodeRun[EmailSendParams]) -> Outputs | Pause:
        if run.params.operation == "sendAndWait":
            return ask(run, run.params)

        def work(item: Item, params: EmailSendParams, index: int) -> JsonObject:
            return send(run, message_of(run, item, params), params, index)

        return [run.map(work)]


def send(run: NodeRun[EmailSendParams], message: MailMessage, params: EmailSendParams, index: int) -> JsonObject:
    """What a mail library says about a mail that was taken."""
    message_id = run.mail.send(run.site(index), message, credential_of(run, params))
    recipients = [bare(address) for address in (*message.to, *message.cc, *message.bcc)]
    return {
        "accepted": recipients,
        "rejected": [],
        "envelope": {"from": bare(message.sender) if message.sender else "", "to": recipients},
        "messageId": message_id,
    }


def credential_of(run: NodeRun[EmailSendParams], params: EmailSendParams) -> Mapping[str, Any] | None:
    """None where the node names no credential: then the mail is for the outbox."""
    if "smtp" not in run.node.credentials:
        return None
    return {**run.credential("smtp"), "allowUnauthorizedCerts": params.options.allow_unauthorized_certs}


def message_of(run: NodeRun[EmailSendParams], item: Item, params: EmailSendParams) -> MailMessage:
    """The mail of one item. Raises ParameterError for what is missing or not valid."""
    options, version = params.options, run.node.type_version
    message = envelope(run, params)
    shown = "both" if version < 2 else params.email_format or ("text" if version < 2.1 else "html")
    files = attached(run, item, params.attachments if version < 2 else options.attachments)
    return MailMessage(
        sender=message.sender,
        to=message.to,
        cc=addresses(params.cc_email if version < 2 else options.cc_email, "Cc"),
        bcc=addresses(params.bcc_email if version < 2 else options.bcc_email, "Bcc"),
        reply_to=message.reply_to,
        subject=message.subject,
        text=params.text if shown != "html" else "",
        html=params.html if shown != "text" else "",
        attachments=files,
    )


def envelope(run: NodeRun[EmailSendParams], params: EmailSendParams) -> MailMessage:
    """Sender, recipients and subject. A mail for the outbox may have no sender."""
    sender = addresses(params.from_email, "From")
    to = addresses(params.to_email, "To")
    if not to:
        raise ParameterError("The mail has no recipient.", hint="Enter at least one address under To.")
    if len(sender) > 1 or (not sender and "smtp" in run.node.credentials):
        raise ParameterError("The mail needs one sender.", hint="Enter one address under From.")
    reply_to = addresses(params.options.reply_to, "Reply to")
    if any(char in params.subject for char in "\r\n\0"):
        raise ParameterError("The subject has a line break.", hint="Write it in one line.")
    return MailMessage("".join(sender), to, params.subject, reply_to=", ".join(reply_to))


def attached(run: NodeRun[EmailSendParams], item: Item, fields: str) -> tuple[Binary, ...]:
    files = tuple(run.get_file(item, field)[0] for field in names(fields))
    if sum(file.size_bytes for file in files) > MAX_ATTACHED:
        raise UserError(
            "The attachments are too large.",
            code="file_too_large",
            hint=f"At most {MAX_ATTACHED // 1024**2} MB a mail.",
        )
    return files


def ask(run: NodeRun[EmailSendParams], params: EmailSendParams) -> Outputs | Pause:
    """Send links and wait; the one that is called decides. Answers in words need a form and are refused."""
    if run.is_resumed:
        return [[Item(json={"data": answer_of(run.resumed_with).to_json()})]]
    if params.response_type != "approval":
        raise UserError(
            "Waiting for an answer in words is not available by mail.",
            code="operation_not_supported",
            hint="Ask for an approval, or send a mail with the link of a Wait node's form.",
        )
    message = envelope(run, params)
    html = f"<p>{params.message}</p><p>{links(run, params)}</p>"
    asking = MailMessage(message.sender, message.to, message.subject, html=html, reply_to=message.reply_to)
    send(run, asking, params, 0)
    options = params.approval_options.values
    decline = options.disapprove_label if options.approval_type == "double" else ""
    return Pause("approval", page=approval_page(params.subject, params.message, options.approve_label, decline))


def links(run: NodeRun[EmailSendParams], params: EmailSendParams) -> str:
    url = to_text(run.resolver.resolve_value(RESUME_URL, 0))
    options = params.approval_options.values
    mark = "&" if "?" in url else "?"
    offered = [("true", options.approve_label)]
    if options.approval_type == "double":
        offered.append(("false", options.disapprove_label))
    return " ".join(
        f'<a href="{escape(f"{url}{mark}approved={value}")}">{escape(label)}</a>' for value, label in offered
    )
