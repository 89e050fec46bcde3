"""The whole product, started as its user starts it, for the live and e2e tiers."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpcore
import psycopg
from psycopg import sql

from pumpflix.env import ROOT

START_S = 90
OUTSIDE = "127.0.0.2"
"""Where tests serve what the product may call: somebody else's machine, as far as it knows."""
STOP_S = 60
ADMINISTRATOR = "root@mail.example"


@dataclass(frozen=True)
class Product:
    """`log` is what it has written so far; `database_url` and `redis_url` are what its processes use."""

    url: str
    process: subprocess.Popen[bytes]
    data_dir: Path
    log_path: Path
    database_url: str
    redis_url: str

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def get(self, path: str) -> httpcore.Response:
        return httpcore.request("GET", self.url + path)


@contextmanager
def running(environ: dict[str, str], data_dir: Path, ready: str = "PumpFlix is ready") -> Iterator[Product]:
    """`manage.py up` with this environment and nothing else but PATH; it has said that it is `ready` when entered, and
    is gone when left."""
    port = free_port()
    log_path = data_dir.parent / f"{data_dir.name}.log"
    given = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "PUMPFLIX_DATA_DIR": str(data_dir),
        **environ,
    }
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=given, stdout=log, stderr=subprocess.STDOUT
        )
    product = Product(
        url=f"http://127.0.0.1:{port}",
        process=process,
        data_dir=data_dir,
        log_path=log_path,
        database_url=environ.get("DATABASE_URL", ""),
        redis_url=environ.get("REDIS_URL", ""),
    )
    try:
        wait_until(lambda: ready in product.log, product, START_S * patience())
        yield product
    finally:
        stop(product)


def patience() -> float:
    """How much longer things take than on a machine that has nothing else to do."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def give_administrator(product: Product) -> None:
    """Somebody who runs the instance, so that others may sign up: `root@mail.example`, without a password."""
    environ = {"PATH": os.environ["PATH"], "PUMPFLIX_DATA_DIR": str(product.data_dir)}
    environ |= {"DATABASE_URL": product.database_url, "REDIS_URL": product.redis_url}
    command = [sys.executable, "manage.py", "createsuperuser", "--noinput", "--email", ADMINISTRATOR]
    subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)


def wait_until(holds, product: Product, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if product.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"PumpFlix is not where the test expects it:\n{product.log[-4000:]}")
        time.sleep(0.05)


def stop(product: Product, signal_number: signal.Signals = signal.SIGTERM) -> int:
    if product.process.poll() is None:
        product.process.send_signal(signal_number)
    return product.process.wait(STOP_S)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def fresh_database(server_url: str, kind: str = "product") -> Iterator[str]:
    """A database beside that of `server_url`, dropped afterwards. Yields its URL."""
    name = f"{kind}_{os.getpid()}"
    parts = urlsplit(server_url)
    with psycopg.connect(server_url, dbname="postgres", autocommit=True) as connection:
        identifier = sql.Identifier(name)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(identifier))
        connection.execute(sql.SQL("create database {}").format(identifier))
        try:
            yield f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(identifier))


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Short, because sockets live in it."""
    with tempfile.TemporaryDirectory(prefix="pf-live-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def processes_using(folder: Path) -> list[int]:
    """Every process that has the folder, or a file in it, open or as its working directory (Linux)."""
    running = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [int(entry.name) for entry in running if any(_lies_in(link, folder) for link in _links(entry))]


def _links(process: Path) -> list[str]:
    try:
        places = [process / "cwd", *(process / "fd").iterdir()]
        return [os.readlink(place) for place in places if place.is_symlink()]
    except OSError:
        return []


def _lies_in(link: str, folder: Path) -> bool:
    return link == str(folder) or link.startswith(f"{folder}/")
