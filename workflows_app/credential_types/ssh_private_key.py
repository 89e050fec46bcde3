"""A machine reached over SSH with a key."""

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text, Whole


class SshPrivateKeyFields(Params):
    host: Text = Field(
        "", title="Host", description="Name of the machine.", json_schema_extra=ui(placeholder="server.example.com")
    )
    port: Whole = Field(22, ge=1, le=65_535, title="Port", description="Port of its SSH service.")
    username: Text = Field("", title="User", description="Name to sign in with.")
    private_key: Text = hidden("Private key", "Text of an OpenSSH or PEM key.", rows=6)
    passphrase: Text = hidden("Passphrase", "Opens the private key, where it is locked.")


@register_credential
class SshPrivateKey(CredentialType[SshPrivateKeyFields]):
    """A machine to run commands on, by key."""

    name = "sshPrivateKey"
    label = "SSH with key"
    where = "Make a pair with ssh-keygen and add the public half to the account on the machine."
    is_for_requests = False
    Fields = SshPrivateKeyFields
