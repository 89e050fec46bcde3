"""Google, with an account and scopes of one's own choice."""

from workflows_app.toolkit.credential_type import register_credential
from workflows_app.toolkit.google_oauth2 import GoogleOAuth2Type


@register_credential
class GoogleOAuth2Api(GoogleOAuth2Type):
    """A Google account, with the scopes you choose."""

    name = "googleOAuth2Api"
    label = "Google (OAuth2)"
