"""Our side: the supervised product in a folder of its own, started as its user starts it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from pumpflix.env import ROOT
from pumpflix.lab.bench.ports import free_port
from pumpflix.supervisor.data_folder import DataFolder

START_S = 120
STOP_S = 60
LATENCY_SERVER = "127.0.0.1/32:18080"
OVER = "SELECT count(*) FROM executions_app_execution WHERE status IN ('success', 'error', 'crashed', 'canceled')"
SUCCEEDED = "SELECT count(*) FROM executions_app_execution WHERE status = 'success'"


class NotStarted(Exception):
    """What was to be measured did not come up; the text holds the end of its log."""


@dataclass(frozen=True)
class Stack:
    """`roots` are the processes whose trees are metered."""

    url: str
    data: DataFolder
    process: subprocess.Popen[bytes]
    log: Path

    name = "ours"

    @property
    def roots(self) -> list[int]:
        return [self.process.pid]

    def hook(self, workload: str) -> str:
        return f"{self.url}/webhook/{workload}"

    def over(self) -> int:
        """How many executions are over, as the database has it."""
        return self._count(OVER)

    def succeeded(self) -> int:
        return self._count(SUCCEEDED)

    def _count(self, statement: LiteralString) -> int:
        with psycopg.connect(self.data.database_url) as connection:
            row = connection.execute(statement).fetchone()
        return int(row[0]) if row else 0

    def inside(self, *arguments: str) -> Any:
        """What `pumpflix.lab.bench.inside` prints, run beside the product with its settings."""
        command = [sys.executable, "-m", "pumpflix.lab.bench.inside", *arguments]
        return json.loads(subprocess.run(command, cwd=ROOT, env=self.environ, check=True, stdout=-1).stdout)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.data.path),
            "DJANGO_SETTINGS_MODULE": "pumpflix.settings",
            "PUMPFLIX_DATA_DIR": str(self.data.path),
            "DATABASE_URL": self.data.database_url,
            "REDIS_URL": self.data.redis_url,
        }


@contextmanager
def running(folder: Path) -> Iterator[Stack]:
    """Ready when entered, every worker included; gone when left. Limits that keep one caller from asking often are
    lifted: one caller is all there is."""
    port, log = free_port(), folder / "product.log"
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PORT": str(port),
        "PUMPFLIX_DATA_DIR": str(folder / "data"),
        "PUMPFLIX_OUTBOUND_ALLOW": LATENCY_SERVER,
        "PUMPFLIX_LIMIT_API": "1000000/1 minute",
        "PUMPFLIX_LIMIT_WEBHOOK": "0",
        "PUMPFLIX_WEBHOOK_BODY_MB": "64",
        **{name: value for name, value in os.environ.items() if name.startswith("PUMPFLIX_BENCH_")},
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_for(log, process)
        yield Stack(f"http://127.0.0.1:{port}", DataFolder(folder / "data"), process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_S)


def wait_for(log: Path, process: subprocess.Popen[bytes]) -> None:
    """Until the web process answers and every worker has started. Raises NotStarted."""
    deadline = time.monotonic() + START_S
    while True:
        text = log.read_text(errors="replace")
        if "PumpFlix is ready" in text and text.count("worker_started") >= (os.cpu_count() or 1):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotStarted(text[-3000:])
        time.sleep(0.2)


@contextmanager
def folder() -> Iterator[Path]:
    """A short path, because sockets live in it."""
    with tempfile.TemporaryDirectory(prefix="pf-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)
