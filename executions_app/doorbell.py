"""Ring for a worker. A lost doorbell costs a second: every worker also looks by itself."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError
from redis import RedisError

TASK = "executions.drain"
QUEUE = "workflow-executions"

log = structlog.get_logger(__name__)


def ring() -> bool:
    """Tell one worker that rows are queued. False, and never an error, when the broker is away."""
    try:
        current_app.send_task(TASK, queue=QUEUE, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("doorbell_lost", error=str(error))
        return False
    return True
