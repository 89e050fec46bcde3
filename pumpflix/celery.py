"""The Celery application. Tasks are `@shared_task` in the apps; no app imports this file."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pumpflix.settings")

app = Celery("pumpflix")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
