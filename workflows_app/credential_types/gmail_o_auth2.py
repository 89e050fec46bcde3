"""Gmail."""

from workflows_app.toolkit.credential_type import register_credential
from workflows_app.toolkit.google_oauth2 import GoogleOAuth2Type, scopes


@register_credential
class GmailOAuth2(GoogleOAuth2Type):
    """A Google account, for its mail."""

    name = "gmailOAuth2"
    label = "Gmail (OAuth2)"
    defaults = scopes("gmail.modify", "gmail.labels", "gmail.compose")
