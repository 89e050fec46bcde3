"""Real worker processes on the tests' PostgreSQL and Redis."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from executions_app.database import close_pool
from pumpflix.env import ROOT

LEASE_S = "4"


@pytest.fixture(autouse=True)
def _no_connections_left() -> Iterator[None]:
    """The pool outlives a test; the test's database may not."""
    yield
    close_pool()


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait until something holds; fail when it does not within ten seconds."""

    def wait(holds: Callable[[], object], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "It did not come to that in time."
            time.sleep(0.01)

    return wait


class WorkerProcess:
    """One Celery worker as the supervisor starts it."""

    def __init__(self, log: Path, environ: dict[str, str]) -> None:
        self.log = log
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "pumpflix",
            "worker",
            "--pool=threads",
            "-c",
            "4",
            "-l",
            "info",
        ]
        with log.open("ab") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT)

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text(errors="replace")[-3000:]
        return "worker_started" in self.log.read_text(errors="replace")

    def kill(self) -> None:
        """As the kernel does it: without a last word."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start_worker(transactional_db: None, redis_client, tmp_path: Path, until) -> Iterator[Callable[..., WorkerProcess]]:
    """Start workers; those still alive at the end of the test are killed."""
    started: list[WorkerProcess] = []

    def start(**environ: str) -> WorkerProcess:
        given = {**os.environ, **addresses(), "PUMPFLIX_LEASE_S": LEASE_S, "PUMPFLIX_LOG_LEVEL": "INFO", **environ}
        worker = WorkerProcess(tmp_path / f"worker-{len(started)}.log", given)
        started.append(worker)
        until(worker.is_ready, 60)
        return worker

    yield start
    for worker in started:
        worker.kill()


def addresses() -> dict[str, str]:
    """Those of the test database, which the settings of a plain process know nothing of."""
    database = settings.DATABASES["default"]
    address = f"postgresql://{database['USER']}:{database['PASSWORD']}@/{database['NAME']}"
    query = f"?host={database['HOST']}&port={database['PORT'] or 5432}"
    return {
        "DJANGO_SETTINGS_MODULE": "pumpflix.settings",
        "DATABASE_URL": address + query,
        "REDIS_URL": settings.REDIS_URL,
        "PUMPFLIX_SECRET_KEY": settings.SECRET_KEY,
        "PUMPFLIX_ENCRYPTION_KEY": settings.ENCRYPTION_KEY,
    }
