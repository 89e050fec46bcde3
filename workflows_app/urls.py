"""Pages of workflows that need nothing from the apps above."""

from django.urls import path

from workflows_app import views, views_import

app_name = "workflows_app"
urlpatterns = [
    path("workflows/new", views.new, name="workflow-new"),
    path("import", views_import.bring, name="workflow-import"),
    path("import/<uuid:batch_id>", views_import.show, name="import-show"),
    path("import/<uuid:batch_id>/act", views_import.act, name="import-act"),
    path("credentials/<uuid:credential_id>/connect", views.connect_credential, name="credential-connect"),
    path("rest/oauth2-credential/callback", views.finish_connecting, name="credential-callback"),
    path("workflows/<uuid:workflow_id>/download", views.download, name="workflow-download"),
]
