"""Telling open sockets that a workflow changed. A lost message costs nothing: who looks again sees the rows."""

from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def group_of_workflow(workflow_id: object) -> str:
    return f"workflow-{workflow_id}"


def tell(workflow_id: UUID, change: str) -> None:
    """After the commit. `change` is saved, renamed, published, unpublished, deleted or restored."""
    transaction.on_commit(lambda: _ring(str(workflow_id), change))


def _ring(workflow_id: str, change: str) -> None:
    message = {"type": "workflow.update", "workflow_id": workflow_id, "change": change}
    try:
        async_to_sync(get_channel_layer().group_send)(group_of_workflow(workflow_id), message)
    except (RedisError, OSError) as error:
        log.warning("doorbell_lost", error=str(error))
