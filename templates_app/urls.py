"""Pages of the gallery."""

from django.urls import path

from templates_app import views, views_find

app_name = "templates_app"
urlpatterns = [
    path("", views.home, name="gallery-home"),
    path("search", views_find.search, name="gallery-search"),
    path("palette", views_find.palette, name="palette"),
    path("about", views.about, name="about"),
    path("posters.svg", views.posters, name="posters"),
    path("templates/<slug:slug>", views.show, name="template-show"),
    path("templates/<slug:slug>/poster.svg", views.poster, name="template-poster"),
    path("templates/<slug:slug>/trailer", views.trailer, name="template-trailer"),
    path("templates/<slug:slug>/save", views_find.save_for_later, name="template-save"),
    path("templates/<slug:slug>/run", views.run_sample, name="template-run"),
    path("templates/<slug:slug>/use", views.use, name="template-use"),
    path("templates/<slug:slug>/submit", views.submit, name="template-submit"),
    path("templates/<slug:slug>/download", views.download, name="template-download"),
    path("workflows/<uuid:workflow_id>/promote", views.promote, name="workflow-promote"),
]
