from django.apps import AppConfig


class PumpflixConfig(AppConfig):
    name = "pumpflix"
    verbose_name = "PumpFlix"
