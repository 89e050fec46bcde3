"""The gallery."""

from django.urls import path

from templates_app.api import views

urlpatterns = [
    path("workflow-templates", views.TemplatesView.as_view(), name="template-list"),
    path("workflow-templates/promote/<uuid:instance_id>", views.PromoteView.as_view(), name="template-promote"),
    path("workflow-templates/<str:template_id>", views.TemplateView.as_view(), name="template-show"),
    path(
        "workflow-templates/<str:template_id>/versions", views.TemplateVersionsView.as_view(), name="template-versions"
    ),
    path("workflow-templates/<str:template_id>/use", views.UseView.as_view(), name="template-use"),
    path("categories", views.CategoriesView.as_view(), name="category-list"),
]
