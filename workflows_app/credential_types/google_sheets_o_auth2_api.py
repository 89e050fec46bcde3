"""Google Sheets."""

from workflows_app.toolkit.credential_type import register_credential
from workflows_app.toolkit.google_oauth2 import GoogleOAuth2Type, scopes


@register_credential
class GoogleSheetsOAuth2Api(GoogleOAuth2Type):
    """A Google account, for its spreadsheets."""

    name = "googleSheetsOAuth2Api"
    label = "Google Sheets (OAuth2)"
    defaults = scopes("spreadsheets", "drive.file", "drive.metadata")
