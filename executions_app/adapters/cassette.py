"""The cassette: a sample's trigger items and the recorded answers of its outside calls, behind the ports. No network.

    {"version": 1,
     "trigger": {"node": "...", "items": [{"json", "binary"?: {name: {"data": base64, "mimeType", "fileName"}}}]},
     "calls": [{"node", "run", "item", "call", "fingerprint": {"method", "url"},
                "response": {"status", "reason"?, "headers", "body" | "bodyBase64"}, "ms"?},
               {"node", "run", "item", "call", "fingerprint": {"protocol", "verb", "digest"?},
                "response": {"value", "files"?: [base64]}}]}

A call is answered by what was recorded for the same place (node, run, item, call) and address; else by the next unused
answer recorded for that method and address, so that an edited copy still gets its answers; else by an error that
says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from executions_app.adapters import commands, connect
from executions_app.adapters.recorded_http import fingerprint, response_of
from workflows_app.engine.errors import OperationalError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.outside import Answer, Ask, CommandLine, CommandResult, Server
from workflows_app.engine.ports import CallSite, HttpRequest, HttpResponse

VERSION = 1
MAX_BYTES = 64 * 1024


class CassetteInvalid(ValueError):
    """The object is not a cassette of this version."""


@dataclass(frozen=True, slots=True)
class Cassette:
    trigger_node: str
    trigger_items: list[JsonObject]
    calls: tuple[JsonObject, ...]

    @classmethod
    def read(cls, raw: Any) -> "Cassette":
        """Raises CassetteInvalid."""
        if not isinstance(raw, Mapping) or raw.get("version") != VERSION:
            raise CassetteInvalid(f"A cassette is an object with version {VERSION}.")
        trigger, calls = raw.get("trigger") or {}, raw.get("calls") or []
        items = trigger.get("items") if isinstance(trigger, Mapping) else None
        if not isinstance(items, list) or not isinstance(calls, list):
            raise CassetteInvalid("A cassette has trigger items and a list of calls.")
        if not all(isinstance(entry, Mapping) for entry in [*items, *calls]):
            raise CassetteInvalid("Items and calls of a cassette are objects.")
        return cls(str(trigger.get("node") or ""), [dict(item) for item in items], tuple(dict(call) for call in calls))


class CassetteHttp:
    """Answers from a cassette; safe for threads."""

    def __init__(self, cassette: Cassette) -> None:
        self._calls = list(cassette.calls)
        self._lock = Lock()

    def send(self, site: CallSite, request: HttpRequest) -> HttpResponse:
        wanted = fingerprint(request)
        with self._lock:
            found = self._take(site, wanted)
        if found is None:
            raise OperationalError(
                f"The sample holds no answer for {wanted['method']} {request.url}.",
                code="not_in_sample",
                hint="Run it live: a sample run contacts nothing.",
            )
        return response_of(found["response"], request.url)

    def _take(self, site: CallSite, wanted: JsonObject) -> JsonObject | None:
        alike = [call for call in self._calls if call.get("fingerprint") == wanted]
        same_place = [call for call in alike if _place(call) == (site.node, site.run_index, site.item, site.call)]
        found = next(iter(same_place or alike), None)
        if found is not None:
            self._calls.remove(found)
        return found


class CassetteCalls:
    """Recorded answers of what is no HTTP: of servers and of commands. Safe for threads."""

    def __init__(self, cassette: Cassette) -> None:
        self._calls = [call for call in cassette.calls if "protocol" in (call.get("fingerprint") or {})]
        self._lock = Lock()

    def take(self, site: CallSite, wanted: Mapping[str, str]) -> JsonObject:
        """The response for that question: of the same place first, then of the same words, then of the same place and
        verb, since a question may hold the time of day. Raises OperationalError where there is none."""
        place = (site.node, site.run_index, site.item, site.call)
        with self._lock:
            alike = [call for call in self._calls if _fits(call["fingerprint"], wanted)]
            here = [
                call for call in self._calls if _place(call) == place and _is_same_verb(call["fingerprint"], wanted)
            ]
            found = next((call for call in alike if _place(call) == place), None) or next(iter([*alike, *here]), None)
            if found is not None:
                self._calls.remove(found)
        if found is None:
            raise OperationalError(
                f"The sample holds no answer for this {wanted['protocol']} call.",
                code="not_in_sample",
                hint="Run it live: a sample run contacts nothing.",
            )
        return dict(found.get("response") or {})


class CassetteConnect:
    """Conversations with nobody: every answer is recorded."""

    def __init__(self, calls: CassetteCalls) -> None:
        self._calls = calls

    def open(self, server: Server) -> "CassetteConversation":
        return CassetteConversation(self._calls, server)


class CassetteConversation:
    def __init__(self, calls: CassetteCalls, server: Server) -> None:
        self._calls = calls
        self._server = server

    def ask(self, site: CallSite, question: Ask) -> Answer:
        return connect.answer_of(self._calls.take(site, connect.fingerprint(self._server, question)))

    def close(self) -> None:
        """There is nothing to close."""


class CassetteCommands:
    """Nothing is run: what commands wrote is recorded."""

    def __init__(self, calls: CassetteCalls) -> None:
        self._calls = calls

    def run(self, site: CallSite, command: CommandLine) -> CommandResult:
        return commands.result_of(self._calls.take(site, commands.fingerprint(command)))


def outside_of(cassette: Cassette) -> dict[str, Any]:
    """The ports that answer from recorded conversations and commands, as members of `Ports`. No administrator needs to
    have switched anything on: nothing is reached."""
    calls = CassetteCalls(cassette)
    return {"connect": CassetteConnect(calls), "commands": CassetteCommands(calls), "permits": lambda _node_type: True}


def _fits(recorded: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """A cassette written by hand may leave the digest out."""
    return all(recorded.get(key, value) == value for key, value in wanted.items())


def _is_same_verb(recorded: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(recorded.get(key) == wanted[key] for key in ("protocol", "verb"))


def _place(call: JsonObject) -> tuple[Any, ...]:
    return call.get("node"), call.get("run", 0), call.get("item", 0), call.get("call", 0)
