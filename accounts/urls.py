"""Pages of one's own account. Signing in and up is allauth's, at `/accounts/…`."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.views import audit, first_admin, invitations, notifications, profile, teams

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
    path("teams", teams.team_list, name="team-list"),
    path("teams/<uuid:team_id>", teams.team_show, name="team-show"),
    path("teams/<uuid:team_id>/audit", audit.show, name="team-audit"),
    path("teams/<uuid:team_id>/name", teams.rename, name="team-rename"),
    path("teams/<uuid:team_id>/delete", teams.delete, name="team-delete"),
    path("teams/<uuid:team_id>/leave", teams.leave, name="team-leave"),
    path("teams/<uuid:team_id>/invite", teams.invite, name="team-invite"),
    path("teams/<uuid:team_id>/members/<uuid:user_id>/role", teams.change_role, name="member-role"),
    path("teams/<uuid:team_id>/members/<uuid:user_id>/removal", teams.ask_removal, name="member-removal"),
    path("teams/<uuid:team_id>/members/<uuid:user_id>/remove", teams.remove, name="member-remove"),
    path("teams/<uuid:team_id>/invitations/<uuid:invitation_id>/resend", teams.resend, name="invitation-resend"),
    path("teams/<uuid:team_id>/invitations/<uuid:invitation_id>/withdraw", teams.withdraw, name="invitation-withdraw"),
    path("invitation", invitations.show, name="invitation-show"),
    path("invitations/<slug:token>", invitations.follow, name="invitation-follow"),
    path("invitations/<uuid:invitation_id>/accept", invitations.accept, name="invitation-accept"),
    path("invitations/<uuid:invitation_id>/decline", invitations.decline, name="invitation-decline"),
]
