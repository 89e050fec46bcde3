"""Parameters of Email Trigger (IMAP)."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, Flag, Text, Whole


class EmailReadImapOptions(Params):
    custom_email_config: Text = Field(
        '["UNSEEN"]',
        title="Rules",
        description="Which mails, as JSON: such as UNSEEN, or a date with SINCE.",
        json_schema_extra=ui(placeholder='["UNSEEN", ["SINCE", "2026-01-01"]]'),
    )
    allow_unauthorized_certs: Flag = Field(
        False, title="Any certificate", description="Accept a server that cannot prove who it is."
    )
    force_reconnect: Whole = Field(
        60, ge=0, title="Reconnect", description="Kept from n8n; a connection is made each time the mailbox is read."
    )
    track_last_message_id: Flag = Field(
        True, title="Each mail once", description="Remember the newest mail, and leave out what was there before it."
    )


class EmailReadImapParams(Params):
    mailbox: Text = Field("INBOX", title="Mailbox", description="Folder of the mail server.")
    post_process_action: Literal["read", "nothing"] = Field(
        "read",
        title="Afterwards",
        description="Mark the mails as read, or leave them as they are.",
        json_schema_extra=ui(labels=["Mark as read", "Nothing"]),
    )
    format: Literal["raw", "resolved", "simple"] = Field(
        "simple",
        title="Format",
        description="The text alone, everything taken apart, or the body as it came.",
        json_schema_extra=ui(labels=["Body as it came", "Taken apart, with attachments", "Text and main headers"]),
    )
    download_attachments: Flag = Field(
        False,
        title="Attachments",
        description="Put the attachments on the item.",
        json_schema_extra=ui(visible_when={"format": ["simple"]}),
    )
    data_property_attachments_prefix_name: Text = Field(
        "attachment_",
        title="Name of attachments",
        description="Their fields are called so, with a number behind.",
        json_schema_extra=ui(visible_when={"format": ["resolved", "simple"]}),
    )
    options: Annotated[EmailReadImapOptions, AsGroup] = Field(
        default_factory=lambda: EmailReadImapOptions.model_validate({}), title="Options", description="Finer points."
    )
