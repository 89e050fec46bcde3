"""The secret of an authenticator app."""

from pydantic import Field

from workflows_app.engine.params import Params
from workflows_app.toolkit.credential_type import CredentialType, hidden, register_credential
from workflows_app.toolkit.fields import Text


class TotpApiFields(Params):
    secret: Text = hidden("Secret", "The text beside the QR code, in Base32.")
    label: Text = Field("", title="Label", description="What the code is for, such as service:account.")


@register_credential
class TotpApi(CredentialType[TotpApiFields]):
    """Makes one-time codes, as an authenticator app does."""

    name = "totpApi"
    label = "One-time codes"
    where = "When a service shows a QR code for an authenticator app, choose to enter the secret by hand."
    is_for_requests = False
    Fields = TotpApiFields
