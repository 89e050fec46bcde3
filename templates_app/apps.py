from importlib import import_module

from django.apps import AppConfig


class TemplatesConfig(AppConfig):
    name = "templates_app"
    verbose_name = "Gallery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What teams have to know of templates before one is deleted."""
        import_module("templates_app.services.teams")
