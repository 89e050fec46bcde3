"""Celery's word for the life of a worker process. With `--pool=threads` there is one process, so `worker_ready`
starts its parts (`worker_process_init` never fires), and `worker_shutting_down` comes with SIGTERM, before tasks are
waited for."""

import itertools
import os
from typing import Any

from celery.signals import worker_ready, worker_shutting_down

from executions_app.runner.process import running_worker, worker

_signals = itertools.count()


def start_parts(**_: Any) -> None:
    worker()


def leave_in_order(**_: Any) -> None:
    """The first signal gives runs their grace period, the second takes what is left of it."""
    parts = running_worker()
    if parts is None:
        leave_at_once()
        return
    parts.shut_down()
    if next(_signals):
        parts.hurry()


def leave_at_once() -> None:
    """Still waiting for its database: there is nothing to end."""
    os._exit(0)


worker_ready.connect(start_parts)
worker_shutting_down.connect(leave_in_order)
