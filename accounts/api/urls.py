"""`/api/auth`, teams, API keys, notifications."""

from django.urls import path

from accounts.api import audit, auth, teams, views

urlpatterns = [
    path("auth/register", auth.RegisterView.as_view(), name="auth-register"),
    path("auth/login", auth.LoginView.as_view(), name="auth-login"),
    path("auth/refresh", auth.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout", auth.LogoutView.as_view(), name="auth-logout"),
    path("auth/socket-ticket", auth.SocketTicketView.as_view(), name="auth-socket-ticket"),
    path("auth/me", auth.MeView.as_view(), name="auth-me"),
    path("teams", teams.TeamsView.as_view(), name="team-list"),
    path("teams/<uuid:team_id>", teams.TeamView.as_view(), name="team-show"),
    path("teams/<uuid:team_id>/audit", audit.TeamAuditView.as_view(), name="team-audit"),
    path("teams/<uuid:team_id>/members", teams.MembersView.as_view(), name="member-list"),
    path("teams/<uuid:team_id>/members/<uuid:user_id>", teams.MemberView.as_view(), name="member-show"),
    path("teams/<uuid:team_id>/invitations", teams.TeamInvitationsView.as_view(), name="team-invitation-list"),
    path(
        "teams/<uuid:team_id>/invitations/<uuid:invitation_id>",
        teams.TeamInvitationView.as_view(),
        name="team-invitation-show",
    ),
    path(
        "teams/<uuid:team_id>/invitations/<uuid:invitation_id>/resend",
        teams.TeamInvitationResendView.as_view(),
        name="team-invitation-resend",
    ),
    path("invitations", teams.InvitationsView.as_view(), name="invitation-list"),
    path("invitations/lookup", teams.InvitationLookupView.as_view(), name="invitation-lookup"),
    path("invitations/<uuid:invitation_id>/accept", teams.InvitationAcceptView.as_view(), name="invitation-accept"),
    path("invitations/<uuid:invitation_id>/decline", teams.InvitationDeclineView.as_view(), name="invitation-decline"),
    path("api-keys", views.ApiKeysView.as_view(), name="api-key-list"),
    path("api-keys/<uuid:key_id>", views.ApiKeyView.as_view(), name="api-key-show"),
    path("notifications", views.NotificationsView.as_view(), name="notification-list"),
    path("notifications/read", views.NotificationsReadAllView.as_view(), name="notification-read-all"),
    path("notifications/<uuid:notification_id>/read", views.NotificationReadView.as_view(), name="notification-read"),
]
