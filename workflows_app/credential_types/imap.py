"""A server that keeps mail."""

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Flag, Text, Whole


class ImapFields(Params):
    user: Text = Field("", title="User", description="Name to sign in with, often the mail address.")
    password: Text = hidden("Password", "Password or app password of the mailbox.")
    host: Text = Field(
        "", title="Host", description="Name of the mail server.", json_schema_extra=ui(placeholder="imap.example.com")
    )
    port: Whole = Field(993, ge=1, le=65_535, title="Port", description="993 encrypted, 143 not.")
    secure: Flag = Field(True, title="TLS", description="Encrypted from the first byte.")
    allow_unauthorized_certs: Flag = Field(
        False, title="Any certificate", description="Accept a server that cannot prove who it is."
    )


@register_credential
class Imap(CredentialType[ImapFields]):
    """A mailbox to read."""

    name = "imap"
    label = "IMAP"
    where = "Your mail provider lists its IMAP server; many want an app password instead of your own."
    is_for_requests = False
    Fields = ImapFields
