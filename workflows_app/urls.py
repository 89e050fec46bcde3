"""Pages of workflows that need nothing from the apps above."""

from django.urls import path

from workflows_app import views

app_name = "workflows_app"
urlpatterns = [
    path("workflows/new", views.new, name="workflow-new"),
    path("import", views.import_workflow, name="workflow-import"),
    path("workflows/<uuid:workflow_id>/download", views.download, name="workflow-download"),
]
