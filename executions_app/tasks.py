"""Celery's tasks: a message is a doorbell, the rows say what there is to do."""

from celery import shared_task

from executions_app.runner import celery_signals  # noqa: F401 - connects the worker's signals
from executions_app.runner.process import worker


@shared_task(name="executions.drain")
def drain() -> None:
    worker().runner.drain()
