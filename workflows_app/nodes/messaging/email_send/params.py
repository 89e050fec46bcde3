"""Parameters of Send Email."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, Flag, Text

ASKING = {"operation": ["sendAndWait"]}


class EmailSendOptions(Params):
    append_attribution: Flag = Field(True, title="Attribution", description="Kept for compatibility: none is added.")
    attachments: Text = Field(
        "", title="Attachments", description="File fields of the item to attach, separated by commas."
    )
    cc_email: Text = Field("", title="Cc", description="Addresses that get a copy, separated by commas.")
    bcc_email: Text = Field("", title="Bcc", description="Addresses that get a copy unseen, separated by commas.")
    reply_to: Text = Field("", title="Reply to", description="Address that answers go to.")
    allow_unauthorized_certs: Flag = Field(
        False, title="Ignore TLS problems", description="Accept a mail server whose certificate cannot be verified."
    )


class EmailSendApproval(Params):
    approval_type: Literal["single", "double"] = Field(
        "single",
        title="Buttons",
        description="Only yes, or yes and no.",
        json_schema_extra=ui(labels=["Approve", "Approve and decline"]),
    )
    approve_label: Text = Field("Approve", title="Yes", description="Text of the link that approves.")
    disapprove_label: Text = Field("Decline", title="No", description="Text of the link that declines.")


class EmailSendApprovals(Params):
    values: Annotated[EmailSendApproval, AsGroup] = Field(
        default_factory=lambda: EmailSendApproval.model_validate({}), title="Approval", description="The links."
    )


class EmailSendParams(Params):
    operation: Literal["send", "sendAndWait"] = Field(
        "send",
        title="Operation",
        description="Send and go on, or wait until the recipient has answered.",
        json_schema_extra=ui(labels=["Send", "Send and wait for an answer"]),
    )
    from_email: Text = Field("", title="From", description="Address of the sender.")
    to_email: Text = Field("", title="To", description="Addresses of the recipients, separated by commas.")
    cc_email: Text = Field("", title="Cc (version 1)", description="Addresses that get a copy.")
    bcc_email: Text = Field("", title="Bcc (version 1)", description="Addresses that get a copy unseen.")
    subject: Text = Field("", title="Subject", description="Subject of the mail.")
    email_format: Literal["", "text", "html", "both"] = Field(
        "",
        title="Format",
        description="Which of the texts below is sent; empty means HTML, and text in version 2.",
        json_schema_extra=ui(labels=["As the version has it", "Text", "HTML", "Both"]),
    )
    text: Text = Field("", title="Text", description="The mail as plain text.", json_schema_extra=ui(rows=5))
    html: Text = Field("", title="HTML", description="The mail as HTML.", json_schema_extra=ui(rows=5))
    message: Text = Field(
        "",
        title="Message",
        description="What is asked; may hold HTML.",
        json_schema_extra=ui(rows=5, visible_when=ASKING),
    )
    response_type: Literal["approval", "freeText", "customForm"] = Field(
        "approval",
        title="Answer",
        description="What kind of answer is waited for.",
        json_schema_extra=ui(labels=["Approval", "Free text", "Form"], visible_when=ASKING),
    )
    approval_options: Annotated[EmailSendApprovals, AsGroup] = Field(
        default_factory=lambda: EmailSendApprovals.model_validate({}),
        title="Approval",
        description="The links in the mail.",
        json_schema_extra=ui(visible_when=ASKING),
    )
    attachments: Text = Field("", title="Attachments (version 1)", description="File fields of the item to attach.")
    options: Annotated[EmailSendOptions, AsGroup] = Field(
        default_factory=lambda: EmailSendOptions.model_validate({}), title="Options", description="Finer points."
    )
