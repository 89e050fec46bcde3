"""A client certificate for encrypted connections."""

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text


class HttpSslAuthFields(Params):
    ca: Text = Field(
        "",
        title="Certificate authority",
        description="PEM text of the authority that signed the server's certificate, where it is a private one.",
        json_schema_extra=ui(rows=6),
    )
    cert: Text = Field(
        "", title="Certificate", description="PEM text of your certificate.", json_schema_extra=ui(rows=6)
    )
    key: Text = hidden("Private key", "PEM text of the key that belongs to the certificate.", rows=6)
    passphrase: Text = hidden("Passphrase", "Opens the private key, where it is locked.")


@register_credential
class HttpSslAuth(CredentialType[HttpSslAuthFields]):
    """A certificate that tells the server who calls."""

    name = "httpSslAuth"
    label = "Client certificate"
    where = "The administrator of the service issues it, mostly as a pair of PEM files."
    is_for_requests = False
    Fields = HttpSslAuthFields
