"""Every address below `/api`; each app brings its own."""

from django.urls import include, path

from pumpflix.api import docs, views

app_name = "api"
urlpatterns = [
    path("", views.IndexView.as_view(), name="index"),
    path("/openapi.json", docs.OpenApiView.as_view(), name="openapi"),
    path("/", include("accounts.api.urls")),
    path("/", include("workflows_app.api.urls")),
    path("/", include("executions_app.api.urls")),
    path("/", include("templates_app.api.urls")),
]
