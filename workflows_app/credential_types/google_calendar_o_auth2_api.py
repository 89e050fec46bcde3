"""Google Calendar."""

from workflows_app.toolkit.credential_type import register_credential
from workflows_app.toolkit.google_oauth2 import GoogleOAuth2Type, scopes


@register_credential
class GoogleCalendarOAuth2Api(GoogleOAuth2Type):
    """A Google account, for its calendars."""

    name = "googleCalendarOAuth2Api"
    label = "Google Calendar (OAuth2)"
    defaults = scopes("calendar", "calendar.events")
