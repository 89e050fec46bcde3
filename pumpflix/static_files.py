"""Which static files are served: what the sandbox loads and what no page of ours shows stays out."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class PumpFlixStaticFilesConfig(StaticFilesConfig):
    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "documents",
        "prelude-libs.js",
        "rest_framework",
        "django_htmx",
        "*.map",
    ]
