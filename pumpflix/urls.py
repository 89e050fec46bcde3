"""Every address the site answers to; each app brings its own."""

from django.contrib import admin
from django.urls import include, path

from accounts import branding
from pumpflix import pages
from pumpflix.metrics import metrics

urlpatterns = [
    path("api", include("pumpflix.api.urls")),
    path("", include("templates_app.urls")),
    path("", include("executions_app.urls")),
    path("", include("workflows_app.urls")),
    path("", include("accounts.urls")),
    path("brand.css", branding.style, name="brand-style"),
    path("brand/logo", branding.logo, name="brand-logo"),
    path("theme", pages.set_theme, name="theme-set"),
    path("offline", pages.offline, name="offline"),
    path("client-error", pages.client_error, name="client-error"),
    path("service-worker.js", pages.service_worker, name="service-worker"),
    path("accounts/", include("accounts.other_services.urls")),
    path("accounts/", include("allauth.urls")),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
]

handler400 = "pumpflix.pages.bad_request"
handler403 = "pumpflix.pages.not_allowed"
handler404 = "pumpflix.pages.not_found"
handler500 = "pumpflix.pages.broken"
