"""Pages of workflows that need nothing from the apps above."""

from django.urls import path

from workflows_app import views, views_handover, views_import, views_public, views_vault

app_name = "workflows_app"
urlpatterns = [
    path("workflows/new", views.new, name="workflow-new"),
    path("workflows/public", views_public.show_all, name="public-list"),
    path("workflows/public/<uuid:workflow_id>", views_public.show, name="public-show"),
    path("workflows/public/<uuid:workflow_id>/copy", views_public.copy, name="public-copy"),
    path("import", views_import.bring, name="workflow-import"),
    path("import/<uuid:batch_id>", views_import.show, name="import-show"),
    path("import/<uuid:batch_id>/act", views_import.act, name="import-act"),
    path("credentials", views_vault.show_all, name="credential-list"),
    path("credentials/new", views_vault.new, name="credential-new"),
    path("credentials/<uuid:credential_id>", views_vault.show, name="credential-show"),
    path("credentials/<uuid:credential_id>/share", views_vault.share, name="credential-share"),
    path("credentials/<uuid:credential_id>/move", views_handover.move, name="credential-move"),
    path("credentials/<uuid:credential_id>/delete", views_vault.delete, name="credential-delete"),
    path("credentials/<uuid:credential_id>/undelete", views_vault.undelete, name="credential-undelete"),
    path("credentials/<uuid:credential_id>/connect", views.connect_credential, name="credential-connect"),
    path("rest/oauth2-credential/callback", views.finish_connecting, name="credential-callback"),
    path("workflows/<uuid:workflow_id>/download", views.download, name="workflow-download"),
]
