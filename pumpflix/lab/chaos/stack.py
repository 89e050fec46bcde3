"""The product as its user starts it: one supervised tree, with a data folder and a port of its own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from pumpflix.env import ROOT
from pumpflix.lab.chaos.truth import Truth
from pumpflix.supervisor.data_folder import DataFolder

START_S = 120.0
STOP_S = 60.0
READY = "PumpFlix is ready"
ROLES = {
    "postgres": re.compile(r"bin/postgres -D"),
    "valkey": re.compile(r"valkey-server"),
    "web": re.compile(r"pumpflix\.web"),
    "worker": re.compile(r" worker --hostname"),
}


class NotUp(Exception):
    """The product did not come up; the message is the end of its log."""


class Stack:
    """`planted` names a fault of `pumpflix.lab.chaos.planted` that its workers run with."""

    def __init__(self, folder: Path, *, port: int, environ: dict[str, str], planted: str = "") -> None:
        self.data = DataFolder(folder / "data")
        self.log_path = folder / "product.log"
        self.url = f"http://127.0.0.1:{port}"
        self.environ = {
            "PATH": os.environ["PATH"],
            "PORT": str(port),
            "PUMPFLIX_DATA_DIR": str(self.data.path),
            **environ,
        }
        module = ["pumpflix.lab.chaos.planted", planted] if planted else ["pumpflix.supervisor"]
        self._command = [sys.executable, "-m", *module]
        self._process: subprocess.Popen[bytes] | None = None
        self.ready_at = 0.0

    @property
    def truth(self) -> Truth:
        return Truth(self.data.database_url)

    @property
    def broker_url(self) -> str:
        """The doorbells' Redis, as Celery spells it."""
        return f"redis+socket://{self.data.redis_socket}?virtual_host=0"

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # the whole tree -----------------------------------------------------------------------------------------------
    def start(self) -> float:
        """Seconds until it said that it was ready. Raises NotUp."""
        began = time.monotonic()
        size = self.log_path.stat().st_size if self.log_path.exists() else 0
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        while READY not in self._log_from(size):
            if self._process.poll() is not None or time.monotonic() - began > START_S:
                raise NotUp(self._log_from(size)[-4000:])
            time.sleep(0.02)
        self.ready_at = time.monotonic()
        return self.ready_at - began

    def stop(self) -> int:
        """As Ctrl-C does. The exit code; -9 when it had to be killed."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(STOP_S)
        self.kill_tree()
        return -9

    def kill_tree(self) -> None:
        """SIGKILL to the supervisor alone; returns when the kernel has ended all that it had started."""
        assert self._process is not None
        children = self._children()
        self._process.kill()
        self._process.wait()
        _, alive = psutil.wait_procs(children, timeout=10)
        if alive:
            raise NotUp(f"outlived the supervisor: {[' '.join(one.cmdline())[:80] for one in alive]}")

    @property
    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    # its processes ------------------------------------------------------------------------------------------------
    def all_of(self, role: str) -> list[psutil.Process]:
        """Those of one role that run now, oldest first."""
        found = [one for one in self._children() if _is(one, role)]
        return sorted(found, key=lambda one: one.create_time())

    def one(self, role: str) -> psutil.Process | None:
        return next(iter(self.all_of(role)), None)

    def workers(self) -> list[psutil.Process]:
        return self.all_of("worker")

    def children_of(self, process: psutil.Process) -> list[psutil.Process]:
        """What a worker has started: the locked-down children that run code and expressions."""
        try:
            return list(process.children(recursive=True))
        except psutil.Error:
            return []

    def wait_for_workers(self, count: int, seconds: float = 60.0) -> None:
        """Until so many workers run and have said so."""
        deadline = time.monotonic() + seconds
        while sum(self.has_started(one) for one in self.workers()) < count:
            if time.monotonic() > deadline:
                raise NotUp(f"not {count} workers:\n{self.log[-3000:]}")
            time.sleep(0.05)

    def has_started(self, worker: psutil.Process) -> bool:
        return bool(re.search(rf'"worker_started".*?:{worker.pid}:|:{worker.pid}:.*?"worker_started"', self.log))

    def _children(self) -> list[psutil.Process]:
        if self._process is None or self._process.poll() is not None:
            return []
        with contextlib.suppress(psutil.Error):
            return list(psutil.Process(self._process.pid).children())
        return []

    def _log_from(self, place: int) -> str:
        with self.log_path.open("rb") as log:
            log.seek(place)
            return log.read().decode(errors="replace")


def _is(process: psutil.Process, role: str) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and bool(ROLES[role].search(" ".join(process.cmdline())))
    except psutil.Error:
        return False
