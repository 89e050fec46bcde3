"""The independent witness of what left the product.

    with ledger() as book:
        ...                                  # a workflow posts to f"{book.url}/charge", allowed by book.allow
        book.wait_for(3)
        assert book.repeated() == []

The receiver is a process of its own with a file of its own. It writes a call down before it answers, so what the
product was told to have done is in the book, whatever was killed meanwhile. `counting_server` says how calls can be
answered.
"""

import http.client
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

_ROOT = Path(__file__).resolve().parents[2]
_KEY = re.compile(
    r"pf-(?P<execution>[0-9a-f-]{36})-(?P<node>.+)-(?P<run>\d+)-(?P<item>\d+)-(?P<call>\d+)", re.ASCII | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call received. `at` is in seconds since 1970; `key` is empty where none was sent."""

    seq: int
    at: float
    method: str
    path: str
    query: str
    key: str
    headers: dict[str, str]
    body: bytes

    @property
    def execution(self) -> str:
        return self._part("execution")

    @property
    def node(self) -> str:
        return self._part("node")

    @property
    def run_index(self) -> int:
        return int(self._part("run") or 0)

    @property
    def item(self) -> int:
        return int(self._part("item") or 0)

    def json(self) -> object:
        return json.loads(self.body)

    def _part(self, name: str) -> str:
        match = _KEY.fullmatch(self.key)
        return match[name] if match else ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """`allow` is what PUMPFLIX_OUTBOUND_ALLOW needs for workflows to reach it."""

    port: int
    file: Path
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def allow(self) -> str:
        return f"127.0.0.1/32:{self.port}"

    def calls(self, path: str = "") -> list[Call]:
        """All calls in the order they came, or those to one path."""
        query = "SELECT seq, at, method, path, query, key, headers, body FROM call WHERE ? IN ('', path) ORDER BY seq"
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            rows = db.execute(query, (path,)).fetchall()
        return [Call(**{**row, "headers": json.loads(row["headers"])}) for row in rows]

    def repeated(self) -> list[Call]:
        """Calls whose key had come before: effects that happened more than once."""
        seen: set[str] = set()
        again = []
        for call in self.calls():
            if call.key and call.key in seen:
                again.append(call)
            seen.add(call.key)
        return again

    def wait_for(self, count: int, *, path: str = "", timeout_s: float = 30.0) -> list[Call]:
        """The calls, once there are so many. Raises TimeoutError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s + 10)
        with closing(connection):
            connection.request("GET", "/-/wait?" + urlencode({"count": count, "path": path, "timeout_s": timeout_s}))
            status = connection.getresponse().status
        if status != http.client.OK:
            raise TimeoutError(f"{len(self.calls(path))} of {count} calls came within {timeout_s} s.")
        return self.calls(path)


@contextmanager
def ledger(file: Path | None = None, *, port: int = 0) -> Iterator[Ledger]:
    """A running receiver. Without `file` its book is lost at the end; with one it can be gone on with later."""
    with tempfile.TemporaryDirectory(prefix="pumpflix-ledger-") as folder:
        book = file or Path(folder) / "calls.sqlite"
        command = [sys.executable, "-m", "pumpflix.lab.counting_server", str(book), str(port)]
        # A session of its own: what is sent to the group of the test or of the product does not reach the witness.
        with subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            word, _, number = process.stdout.readline().decode("ascii").partition(" ")
            if word != "port":
                raise RuntimeError("The counting server did not start; its message is on standard error.")
            try:
                yield Ledger(port=int(number), file=book, pid=process.pid)
            finally:
                process.stdin.close()
                process.wait(timeout=10)
