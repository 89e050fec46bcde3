import importlib

from django.apps import AppConfig


class PumpflixConfig(AppConfig):
    name = "pumpflix"
    verbose_name = "PumpFlix"

    def ready(self) -> None:
        """Whoever starts a run rings for the workers through the Celery application, from whatever process."""
        importlib.import_module("pumpflix.celery")
