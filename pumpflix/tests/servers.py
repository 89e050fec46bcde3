"""PostgreSQL and Redis for the tests: those of DATABASE_URL and REDIS_URL, or embedded ones in a temporary folder.

`choose()` only settles the addresses, before Django reads its settings; the servers start when a test first needs them.
Under pytest-xdist all workers share one pair: each has a database and a Redis number of its own.
"""

import os
import shutil
import signal
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from pumpflix.supervisor.data_folder import DataFolder
from pumpflix.supervisor.servers import EmbeddedServers, server_environment
from pumpflix.supervisor.spawn import Recipe, spawn

FOLDER = "PUMPFLIX_DATA_DIR"
OWNER = "PYTEST_PUMPFLIX_OWNER"
START_S = 30


def choose() -> None:
    """Once for a test run: the folder is handed on to xdist's workers by the environment."""
    if OWNER not in os.environ:
        os.environ[OWNER] = str(os.getpid())
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="pf-test-", dir="/tmp")
    data = DataFolder(Path(os.environ[FOLDER]))
    os.environ.setdefault("DATABASE_URL", data.database_url)
    os.environ["REDIS_URL"] = _own_number(os.environ.get("REDIS_URL", data.redis_url))


def _own_number(url: str) -> str:
    """`gw0` uses database 9, `gw1` database 10, a run in one process 8: tests empty it, and 0 may be someone's."""
    worker = xdist_worker()
    return with_number(url, 8 if worker is None else 9 + worker)


def xdist_worker() -> int | None:
    """0 for `gw0`; None in a run in one process."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    return int(worker.removeprefix("gw")) if worker else None


def product_number(place: int = 0) -> int:
    """The Redis number of a product that this process starts; `place` is 1 for a second one beside the first."""
    return 15 - 2 * (xdist_worker() or 0) - place


def with_number(url: str, number: int) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


def is_owner() -> bool:
    return os.environ.get(OWNER) == str(os.getpid())


class TestServers:
    """Starts what was not given, once; `stop()` leaves nothing behind."""

    __test__ = False

    def __init__(self) -> None:
        self._cleanup = ExitStack()
        self._is_started = False

    def start(self) -> None:
        if self._is_started or not is_owner():
            return
        self._is_started = True
        data = DataFolder(Path(os.environ[FOLDER]))
        servers = EmbeddedServers.in_folder(data)
        log = self._cleanup.enter_context((data.logs / "servers.log").open("ab"))
        if os.environ["DATABASE_URL"] == data.database_url:
            servers.create_cluster()
            command = servers.postgres_command(durable=False)
            self._spawn(servers, command, log, signal.SIGQUIT)
            _wait(servers.is_postgres_ready, log.name)
            servers.create_database()
        if urlsplit(os.environ["REDIS_URL"]).scheme == "unix":
            self._spawn(servers, servers.valkey_command(), log, signal.SIGKILL)
            _wait(servers.is_valkey_ready, log.name)

    def stop(self) -> None:
        self._cleanup.close()
        if is_owner():
            shutil.rmtree(os.environ[FOLDER], ignore_errors=True)

    def _spawn(self, servers, command, log, stop_signal) -> None:
        recipe = Recipe(command, server_environment(), account=servers.account, death_signal=stop_signal)
        process = spawn(recipe, log)
        self._cleanup.callback(process.wait)
        self._cleanup.callback(process.send_signal, stop_signal)


def _wait(is_ready, log: str) -> None:
    deadline = time.monotonic() + START_S
    while not is_ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"A test server did not start:\n{Path(log).read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)
