"""An SFTP server."""

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text, Whole


class SftpFields(Params):
    host: Text = Field(
        "", title="Host", description="Name of the server.", json_schema_extra=ui(placeholder="sftp.example.com")
    )
    port: Whole = Field(22, ge=1, le=65_535, title="Port", description="Port of the server.")
    username: Text = Field("", title="User", description="Name to sign in with.")
    password: Text = hidden("Password", "The password, where no key is used.")
    private_key: Text = hidden("Private key", "Text of an OpenSSH or PEM key, where no password is used.", rows=6)
    passphrase: Text = hidden("Passphrase", "Opens the private key, where it is locked.")


@register_credential
class Sftp(CredentialType[SftpFields]):
    """A server for files over SSH."""

    name = "sftp"
    label = "SFTP"
    where = "Your web host or the administrator of the server gives it out."
    is_for_requests = False
    Fields = SftpFields
