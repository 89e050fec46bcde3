"""Google Drive."""

from workflows_app.toolkit.credential_type import register_credential
from workflows_app.toolkit.google_oauth2 import GoogleOAuth2Type, scopes


@register_credential
class GoogleDriveOAuth2Api(GoogleOAuth2Type):
    """A Google account, for its files."""

    name = "googleDriveOAuth2Api"
    label = "Google Drive (OAuth2)"
    defaults = scopes("drive")
