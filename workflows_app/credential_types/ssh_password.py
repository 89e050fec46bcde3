"""A machine reached over SSH with a password."""

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text, Whole


class SshPasswordFields(Params):
    host: Text = Field(
        "", title="Host", description="Name of the machine.", json_schema_extra=ui(placeholder="server.example.com")
    )
    port: Whole = Field(22, ge=1, le=65_535, title="Port", description="Port of its SSH service.")
    username: Text = Field("", title="User", description="Name to sign in with.")
    password: Text = hidden("Password", "The password that belongs to it.")


@register_credential
class SshPassword(CredentialType[SshPasswordFields]):
    """A machine to run commands on, by name and password."""

    name = "sshPassword"
    label = "SSH with password"
    where = "The administrator of the machine gives you an account on it."
    is_for_requests = False
    Fields = SshPasswordFields
