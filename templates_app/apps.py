from django.apps import AppConfig


class TemplatesConfig(AppConfig):
    name = "templates_app"
    verbose_name = "Gallery"
    default_auto_field = "django.db.models.BigAutoField"
