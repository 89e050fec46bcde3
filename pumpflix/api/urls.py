"""Every address below `/api`; each app brings its own."""

from django.urls import include, path

from pumpflix.api import docs, views

app_name = "api"
urlpatterns = [
    path("", views.IndexView.as_view(), name="index"),
    path("/openapi.json", docs.OpenApiView.as_view(), name="openapi"),
    path("/docs", docs.index, name="docs"),
    path("/docs/socket", docs.socket, name="docs-socket"),
    path("/docs/<str:operation_id>", docs.show, name="docs-operation"),
    path("/", include("accounts.api.urls")),
    path("/", include("workflows_app.api.urls")),
    path("/", include("executions_app.api.urls")),
    path("/", include("templates_app.api.urls")),
]
