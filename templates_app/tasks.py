"""Celery's tasks of the gallery."""

from celery import shared_task

from templates_app import selectors


@shared_task(name="maintenance.warm_gallery")
def warm() -> None:
    """Read the cached lists, so that no visitor has to wait for them."""
    selectors.shelf()
