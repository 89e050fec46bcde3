"""Celery's tasks of workflows."""

from celery import shared_task

from workflows_app.models import ImportBatch
from workflows_app.services import import_batches


@shared_task(name="maintenance.drive_import")
def drive_import(batch_id: str) -> None:
    """Go on with a batch of inputs."""
    batch = ImportBatch.objects.select_related("owner").filter(pk=batch_id).first()
    if batch is not None:
        import_batches.drive(batch)
