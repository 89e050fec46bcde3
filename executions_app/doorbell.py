"""Ring for a worker. A lost doorbell costs a second: every worker also looks by itself."""

import threading
from collections.abc import Callable
from uuid import uuid4

import structlog
from celery import current_app
from kombu.exceptions import OperationalError
from redis import RedisError

TASK = "executions.drain"
QUEUE = "workflow-executions"

# The body of a message without arguments, and what stands in its head, as Celery's protocol 2 has them.
NOTHING = [[], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]
HEADERS = {
    "lang": "py",
    "parent_id": None,
    "group": None,
    "retries": 0,
    "timelimit": [None, None],
    "argsrepr": "()",
    "kwargsrepr": "{}",
    "ignore_result": True,
}

log = structlog.get_logger(__name__)


def ring() -> bool:
    """Tell one worker that rows are queued. False, and never an error, when the broker is away."""
    return _send(TASK, QUEUE)


def ring_for(task: str) -> bool:
    """Have one worker do a side task, as `ring` does. A task's name begins with its queue's."""
    return _send(task, task.partition(".")[0])


def ring_jobs(queue: str) -> bool:
    """Tell one worker that side jobs are queued."""
    return ring_for(f"{queue}.drain")


def _send(task: str, queue: str) -> bool:
    """`send_task`, without what it works out for tasks that have arguments, routes and results: a quarter of its
    time."""
    try:
        with current_app.producer_pool.acquire(block=True) as producer:
            number = str(uuid4())
            producer.publish(
                NOTHING,
                serializer="json",
                routing_key=queue,
                headers={**HEADERS, "task": task, "id": number, "root_id": number},
                correlation_id=number,
            )
    except (OperationalError, RedisError, OSError) as error:
        log.warning("doorbell_lost", error=str(error))
        return False
    return True


class Bell:
    """Rings in a thread of its own. What is rung while it rings is one more ring, not many."""

    def __init__(self, ring: Callable[[], object]) -> None:
        self._ring = ring
        self._is_due = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ring(self) -> None:
        self._is_due.set()

    def stop(self) -> None:
        self._is_stopping = True
        self._is_due.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._is_due.wait()
            self._is_due.clear()
            if self._is_stopping:
                return
            self._ring()
