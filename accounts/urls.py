"""Pages of one's own account. Signing in and up is allauth's, at `/accounts/…`."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.views import first_admin, notifications, profile

app_name = "accounts"
urlpatterns = [
    path("first-administrator", first_admin.create, name="first-admin"),
    path("profile", profile.show, name="profile-show"),
    path("accounts/email/", profile.change_address, name="address-change"),
    path("accounts/sessions/", RedirectView.as_view(pattern_name="accounts:profile-show")),
    path("profile/keys", profile.create_key, name="key-create"),
    path("profile/keys/<uuid:key_id>/revoke", profile.revoke_key, name="key-revoke"),
    path("profile/sessions/end", profile.end_everywhere, name="session-end-all"),
    path("profile/sessions/<int:session_id>/end", profile.end_session, name="session-end"),
    path("notifications", notifications.show, name="notification-list"),
    path("notifications/read", notifications.read_all, name="notification-read-all"),
    path("notifications/<uuid:notification_id>/read", notifications.read, name="notification-read"),
]
