"""Celery's tasks of the gallery."""

from celery import shared_task

from templates_app import gallery_cache, selectors


@shared_task(name=gallery_cache.WARM)
def warm() -> None:
    """Read the cached lists, so that no visitor has to wait for them."""
    selectors.shelf()
