"""An FTP server."""

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text, Whole


class FtpFields(Params):
    host: Text = Field(
        "", title="Host", description="Name of the server.", json_schema_extra=ui(placeholder="ftp.example.com")
    )
    port: Whole = Field(21, ge=1, le=65_535, title="Port", description="Port of the server.")
    username: Text = Field("", title="User", description="Name to sign in with.")
    password: Text = hidden("Password", "The password that belongs to it.")


@register_credential
class Ftp(CredentialType[FtpFields]):
    """A server for files, not encrypted: prefer SFTP where there is a choice."""

    name = "ftp"
    label = "FTP"
    where = "Your web host or the administrator of the server gives it out."
    is_for_requests = False
    Fields = FtpFields
