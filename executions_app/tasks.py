"""Celery's tasks: a message is a doorbell, the rows say what there is to do."""

from celery import shared_task

from executions_app.runner import celery_signals  # noqa: F401 - connects the worker's signals
from executions_app.runner.process import worker


@shared_task(name="executions.drain")
def drain() -> None:
    worker().runner.drain()


@shared_task(name="notifications.drain")
def drain_notifications() -> None:
    worker().jobs.drain("notifications")


@shared_task(name="exports.drain")
def drain_exports() -> None:
    worker().jobs.drain("exports")


@shared_task(name="audits.drain")
def drain_audits() -> None:
    worker().jobs.drain("audits")


@shared_task(name="maintenance.drain")
def drain_maintenance() -> None:
    worker().jobs.drain("maintenance")
