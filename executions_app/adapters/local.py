"""Ports for a run without a database: the command line, the conformance cases and tests. Nothing is kept."""

import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urljoin, urlsplit

from executions_app.adapters.http import engine_error
from executions_app.adapters.seen_in_memory import MemorySeen
from executions_app.adapters.tables_in_memory import MemoryTables
from pumpflix.lib.safe_http import (
    OutboundClient,
    OutboundError,
    OutboundPolicy,
    OutboundRequest,
    parse_open_networks,
    parse_url,
)
from workflows_app.engine.errors import OperationalError, RemoteError
from workflows_app.engine.items import Binary, JsonObject
from workflows_app.engine.ports import CallSite, HttpRequest, HttpResponse, MailMessage, Payloads, WebhookResponse
from workflows_app.toolkit.files import mime_of

POLL_S = 1.0


class SystemClock:
    """Real time. A sleep ends early, by the exception `poll` raises, when the run is canceled."""

    def __init__(self, poll: Callable[[], None] | None = None) -> None:
        self._poll = poll

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, POLL_S))
            if self._poll is not None:
                self._poll()


class SteppedClock:
    """A clock that moves only by being slept on. `runs` lets real time pass as well, as a fast-forwarded clock does."""

    def __init__(self, start: datetime, *, runs: bool = False) -> None:
        self._now = start
        self._began = time.monotonic() if runs else None
        self._lock = threading.Lock()

    def now(self) -> datetime:
        passed = time.monotonic() - self._began if self._began is not None else 0.0
        return self._now + timedelta(seconds=passed)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=max(seconds, 0.0))


class MemoryPayloads:
    """Bytes in a dict, by a counted reference."""

    def __init__(self) -> None:
        self._bytes: dict[str, bytes] = {}
        self._numbers = itertools.count(1)

    def put(self, data: bytes, *, mime_type: str, file_name: str = "") -> Binary:
        ref = f"memory:{next(self._numbers)}"
        self._bytes[ref] = bytes(data)
        extension = PurePath(file_name).suffix.lstrip(".")
        return Binary(ref, mime_type, len(data), file_name=file_name, file_extension=extension)

    def get(self, ref: str) -> bytes:
        try:
            return self._bytes[ref]
        except KeyError:
            raise OperationalError(
                "The bytes of a file are gone.", code="payload_missing", hint="Run the workflow again."
            ) from None


class MemoryState:
    """Static data by scope."""

    def __init__(self, start: Mapping[str, JsonObject] | None = None) -> None:
        self.values: dict[str, JsonObject] = dict(start or {})

    def get(self, scope: str) -> JsonObject:
        return self.values.get(scope, {})

    def put(self, site: CallSite, scope: str, value: JsonObject) -> None:  # noqa: ARG002  the port's signature
        self.values[scope] = value


class MemoryFiles:
    """A file store in a dict. `mounts` are real folders whose files are seen under their own full path; only the
    conformance cases have any."""

    def __init__(self, payloads: Payloads, mounts: Sequence[Path] = ()) -> None:
        self._payloads = payloads
        self._mounts = tuple(mount.resolve() for mount in mounts)
        self._files: dict[str, Binary] = {}

    def read(self, path: str) -> Binary | None:
        place = self._place(path)
        if path in self._files or place is None or not place.is_file():
            return self._files.get(path)
        return self._payloads.put(place.read_bytes(), mime_type=mime_of(path), file_name=place.name)

    def write(self, site: CallSite, path: str, data: bytes, *, mime_type: str, append: bool) -> Binary:  # noqa: ARG002
        before = self.read(path) if append else None
        content = self._payloads.get(before.ref) + data if before else data
        self._files[path] = self._payloads.put(content, mime_type=mime_type, file_name=PurePath(path).name)
        return self._files[path]

    def list(self, folder: str) -> list[str]:
        found = {path for path in self._files if not folder or path.startswith(f"{folder}/")}
        place = self._place(folder)
        if place is not None:
            found |= {str(file).removeprefix("/") for file in place.rglob("*") if file.is_file()}
        return sorted(found)

    def _place(self, path: str) -> Path | None:
        """The real file or folder, if it is inside one of the mounts."""
        place = Path("/", path).resolve()
        return place if any(place.is_relative_to(mount) for mount in self._mounts) else None


class MemoryOutbox:
    """Keeps the mails of a run; none leaves."""

    def __init__(self) -> None:
        self.sent: list[MailMessage] = []

    def send(self, site: CallSite, message: MailMessage, credential: Mapping[str, Any] | None) -> str:  # noqa: ARG002
        self.sent.append(message)
        return f"<{len(self.sent)}@outbox.invalid>"


def memory_stores(payloads: Payloads, tables: Mapping[str, Sequence[JsonObject]] | None = None) -> dict[str, Any]:
    """The team's own services for a run that must not touch them, as members of `Ports`."""
    return {
        "files": MemoryFiles(payloads),
        "tables": MemoryTables(tables),
        "mail": MemoryOutbox(),
        "seen": MemorySeen(),
    }


class GivenCredentials:
    """Credential data by type, the same for every node; a type that is not given has no fields."""

    def __init__(self, by_type: Mapping[str, JsonObject] | None = None) -> None:
        self._by_type = dict(by_type or {})

    def get(self, node: str, credential_type: str) -> JsonObject:  # noqa: ARG002  the port's signature
        return self._by_type.get(credential_type, {})

    def renewed(self, node: str, credential_type: str, rejected: str) -> JsonObject:  # noqa: ARG002
        return self._by_type.get(credential_type, {})


class KeptResponse:
    """Keeps the one answer to the caller of a webhook."""

    def __init__(self) -> None:
        self.given: WebhookResponse | None = None

    def respond(self, site: CallSite, response: WebhookResponse) -> bool:  # noqa: ARG002  the port's signature
        if self.given is not None:
            return False
        self.given = response
        return True


class RedirectedHttp:
    """Sends every request for `SCHEME://HOST/PATH` to `BASE/SCHEME/HOST/PATH`, redirects included. Of all networks,
    only the base is open."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        port = parse_url(base).port
        self._client = OutboundClient(OutboundPolicy(parse_open_networks(f"127.0.0.0/8:{port}, [::1]:{port}")))

    def send(self, site: CallSite, request: HttpRequest) -> HttpResponse:  # noqa: ARG002  the port's signature
        method, url, body = request.method, request.url, request.body
        for _ in range(request.max_redirects + 1):
            answer = self._once(method, url, body, request)
            location = answer.header("location")
            if not (request.follow_redirects and location and answer.status in (301, 302, 303, 307, 308)):
                return answer
            url = urljoin(url, location)
            if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                method, body = "GET", b""
        raise RemoteError(f"More than {request.max_redirects} redirects.", permanent=True)

    def _once(self, method: str, url: str, body: bytes, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(url)
        target = f"{self._base}/{parts.scheme}/{parts.netloc}{parts.path or '/'}"
        if parts.query:
            target += f"?{parts.query}"
        try:
            answer = self._client.send(OutboundRequest(method, target, request.headers, body, request.timeout_s))
        except OutboundError as error:
            raise engine_error(error) from None
        return HttpResponse(answer.status, answer.reason, answer.headers, answer.body, url)

    def close(self) -> None:
        self._client.close()
