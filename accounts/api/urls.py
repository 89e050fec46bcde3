"""`/api/auth`, teams, API keys, notifications."""

from django.urls import path

from accounts.api import auth, views

urlpatterns = [
    path("auth/register", auth.RegisterView.as_view(), name="auth-register"),
    path("auth/login", auth.LoginView.as_view(), name="auth-login"),
    path("auth/refresh", auth.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout", auth.LogoutView.as_view(), name="auth-logout"),
    path("auth/socket-ticket", auth.SocketTicketView.as_view(), name="auth-socket-ticket"),
    path("auth/me", auth.MeView.as_view(), name="auth-me"),
    path("teams", views.TeamsView.as_view(), name="team-list"),
    path("api-keys", views.ApiKeysView.as_view(), name="api-key-list"),
    path("api-keys/<uuid:key_id>", views.ApiKeyView.as_view(), name="api-key-show"),
    path("notifications", views.NotificationsView.as_view(), name="notification-list"),
    path("notifications/read", views.NotificationsReadAllView.as_view(), name="notification-read-all"),
    path("notifications/<uuid:notification_id>/read", views.NotificationReadView.as_view(), name="notification-read"),
]
