"""A server that takes mail."""

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Flag, Text, Whole


class SmtpFields(Params):
    user: Text = Field("", title="User", description="Name to sign in with, often the mail address.")
    password: Text = hidden("Password", "Password or app password of the mailbox.")
    host: Text = Field(
        "", title="Host", description="Name of the mail server.", json_schema_extra=ui(placeholder="smtp.example.com")
    )
    port: Whole = Field(465, ge=1, le=65_535, title="Port", description="465 encrypted, 587 with STARTTLS.")
    secure: Flag = Field(True, title="TLS", description="Encrypted from the first byte.")
    disable_start_tls: Flag = Field(
        False,
        title="No STARTTLS",
        description="Do not encrypt even where the server offers it.",
        json_schema_extra=ui(visible_when={"secure": [False]}),
    )
    host_name: Text = Field("", title="Own name", description="What to call this machine when greeting the server.")


@register_credential
class Smtp(CredentialType[SmtpFields]):
    """A mailbox to send from."""

    name = "smtp"
    label = "SMTP"
    where = "Your mail provider lists its SMTP server; many want an app password instead of your own."
    is_for_requests = False
    Fields = SmtpFields
