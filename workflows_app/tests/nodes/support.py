"""Running one workflow in a test: every port in memory, HTTP from recorded answers, code in the real child."""

import base64
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from pumpflix.lib.sandbox import CodePool, HostCallError
from workflows_app.engine.errors import CredentialMissing, OperationalError, PumpFlixError
from workflows_app.engine.events import Event, ExecutionFinished, NodeRunFailed, NodeRunFinished
from workflows_app.engine.items import Binary, Item, Items, JsonObject, read_pairs
from workflows_app.engine.outside import Answer, Ask, CommandLine, CommandResult, Server
from workflows_app.engine.plan import compile_workflow, make_plan
from workflows_app.engine.ports import (
    CallSite,
    CodeCall,
    HttpRequest,
    HttpResponse,
    MailMessage,
    Ports,
    RowQuery,
    SeenAnswer,
    SeenKind,
    WebhookResponse,
)  # fmt: skip
from workflows_app.engine.run import run
from workflows_app.engine.workflow import Workflow
from workflows_app.nodes import load
from workflows_app.toolkit.data_tables import Column, fit, matches, shown

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


class StillClock:
    """Moves only when slept on."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Shelf:
    """Files by a counted reference."""

    def __init__(self) -> None:
        self.bytes: dict[str, bytes] = {}
        self.numbers = itertools.count(1)

    def put(self, data: bytes, *, mime_type: str, file_name: str = "") -> Binary:
        ref = f"file-{next(self.numbers)}"
        self.bytes[ref] = data
        extension = file_name.rsplit(".", 1)[-1] if "." in file_name else ""
        return Binary(ref, mime_type, len(data), file_name, extension)

    def get(self, ref: str) -> bytes:
        return self.bytes[ref]


class Store:
    """The team's file store: files by path."""

    def __init__(self, shelf: Shelf, files: dict[str, JsonObject]) -> None:
        self.shelf = shelf
        self.files: dict[str, Binary] = {}
        for path, meta in files.items():
            self.keep(path, base64.b64decode(meta["data"]), str(meta.get("mimeType") or ""))

    def keep(self, path: str, data: bytes, mime_type: str) -> Binary:
        self.files[path] = self.shelf.put(data, mime_type=mime_type, file_name=path.rsplit("/", 1)[-1])
        return self.files[path]

    def read(self, path: str) -> Binary | None:
        return self.files.get(path)

    def write(self, site: CallSite, path: str, data: bytes, *, mime_type: str, append: bool) -> Binary:
        before = self.shelf.get(self.files[path].ref) if append and path in self.files else b""
        return self.keep(path, before + data, mime_type)

    def list(self, folder: str) -> list[str]:
        return sorted(path for path in self.files if not folder or path.startswith(f"{folder}/"))

    def texts(self) -> dict[str, str]:
        return {path: self.shelf.get(file.ref).decode() for path, file in self.files.items()}


class Shop:
    """Data tables: rows by table name."""

    def __init__(self, tables: dict[str, list[JsonObject]]) -> None:
        self.columns: dict[str, list[Column]] = {}
        self.rows: dict[str, list[JsonObject]] = {}
        for name, rows in tables.items():
            self.add(name, rows)

    def add(self, table: str, rows: Sequence[JsonObject]) -> list[JsonObject]:
        kept = self.rows.setdefault(table, [])
        made = []
        for row in rows:
            self.columns[table], values = fit(self.columns.get(table, []), row)
            made.append(shown(len(kept) + 1, values, self.columns[table], NOW, NOW))
            kept.append(made[-1])
        return made

    def read(self, table: str, query: RowQuery) -> list[JsonObject]:
        found = [row for row in self.rows.get(table, []) if matches(row, query, self.columns[table])]
        if query.order_by:
            found.sort(key=lambda row: row[query.order_by], reverse=query.descending)
        return found[: query.limit or None]

    def insert(self, site: CallSite, table: str, rows: Sequence[JsonObject]) -> list[JsonObject]:
        return self.add(table, rows)

    def update(self, site: CallSite, table: str, query: RowQuery, values: JsonObject) -> list[JsonObject]:
        found = self.read(table, query)
        for row in found:
            row.update(fit(self.columns[table], values)[1])
        return found

    def upsert(self, site: CallSite, table: str, query: RowQuery, values: JsonObject) -> list[JsonObject]:
        return self.update(site, table, query, values) or self.add(table, [values])

    def delete(self, site: CallSite, table: str, query: RowQuery) -> list[JsonObject]:
        found = self.read(table, query)
        self.rows[table] = [row for row in self.rows[table] if row not in found]
        return found


class Memory:
    """What was seen before, by scope."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Any]] = {}

    def values(self, site: CallSite, scope: str, keys: Sequence[str], *, limit: int) -> SeenAnswer:
        before = self.kept.get(scope, [])
        self.kept[scope] = list(dict.fromkeys([*before, *keys]))[-limit:]
        return SeenAnswer(tuple(key not in before for key in keys), len(self.kept[scope]))

    def latest(self, site: CallSite, scope: str, kind: SeenKind, keys: Sequence[float]) -> SeenAnswer:
        before = self.kept.get(scope, [])
        self.kept[scope] = [max([*before, *keys])]
        return SeenAnswer(tuple(not before or key > before[0] for key in keys))

    def clear(self, site: CallSite, scope: str) -> None:
        self.kept.pop(scope, None)


class Postman:
    """Keeps the mails it is given."""

    def __init__(self) -> None:
        self.sent: list[tuple[MailMessage, Mapping[str, Any] | None]] = []

    def send(self, site: CallSite, message: MailMessage, credential: Mapping[str, Any] | None) -> str:
        self.sent.append((message, credential))
        return f"<{site.node}-{site.item}@mail.example>"


class RecordedHttp:
    """Answers with recorded calls, in order per method and address; keeps what was sent."""

    def __init__(self, calls: list[JsonObject]) -> None:
        self.left = list(calls)
        self.sent: list[HttpRequest] = []

    def send(self, site: CallSite, request: HttpRequest) -> HttpResponse:
        self.sent.append(request)
        for place, call in enumerate(self.left):
            mark = call["fingerprint"]
            if (mark["method"], mark["url"]) == (request.method, request.url):
                return answer_of(self.left.pop(place)["response"], request.url)
        raise OperationalError(f"Nothing is recorded for {request.method} {request.url}.", code="not_recorded")


def answer_of(recorded: JsonObject, url: str) -> HttpResponse:
    body = base64.b64decode(recorded["bodyBase64"]) if "bodyBase64" in recorded else recorded.get("body", "").encode()
    headers = tuple((name, value) for name, value in recorded.get("headers", {}).items())
    return HttpResponse(recorded["status"], recorded.get("reason", ""), headers, body, url)


class RecordedOutside:
    """Servers and commands that answer with recorded calls, in order per protocol and verb; keeps what was asked."""

    def __init__(self, calls: list[JsonObject]) -> None:
        self.left = list(calls)
        self.asked: list[JsonObject] = []

    def answer(self, protocol: str, verb: str, arguments: JsonObject) -> JsonObject:
        self.asked.append({"protocol": protocol, "verb": verb, **arguments})
        for place, call in enumerate(self.left):
            mark = call["fingerprint"]
            if (mark.get("protocol"), mark.get("verb")) == (protocol, verb):
                return dict(self.left.pop(place)["response"])
        raise OperationalError(f"Nothing is recorded for {protocol} {verb}.", code="not_recorded")

    def open(self, server: Server) -> "RecordedConversation":
        return RecordedConversation(self, server)

    def run(self, site: CallSite, command: CommandLine) -> CommandResult:
        answer = self.answer("command", "run", {"text": command.text})
        return CommandResult(answer.get("exitCode", 0), answer.get("stdout", ""), answer.get("stderr", ""))


class RecordedConversation:
    def __init__(self, outside: RecordedOutside, server: Server) -> None:
        self.outside = outside
        self.server = server

    def ask(self, site: CallSite, question: Ask) -> Answer:
        data = {"data": question.data.decode()} if question.data else {}
        answer = self.outside.answer(self.server.speech, question.verb, {**question.arguments, **data})
        return Answer(answer.get("value"), tuple(base64.b64decode(file) for file in answer.get("files", [])))

    def close(self) -> None:
        pass


class Locker:
    """Credentials by type."""

    def __init__(self, fields: dict[str, JsonObject]) -> None:
        self.fields = fields

    def get(self, node: str, credential_type: str) -> JsonObject:
        if credential_type not in self.fields:
            raise CredentialMissing(f"{node} needs a credential of type {credential_type}.")
        return self.fields[credential_type]

    def renewed(self, node: str, credential_type: str, rejected: str) -> JsonObject:
        return self.get(node, credential_type)


class Caller:
    """The caller of a webhook, who is answered once."""

    def __init__(self) -> None:
        self.response: WebhookResponse | None = None

    def respond(self, site: CallSite, response: WebhookResponse) -> bool:
        if self.response is not None:
            return False
        self.response = response
        return True


class RealCode:
    """The locked-down child, started when first needed and shared by the tests of a session."""

    pool: CodePool | None = None

    def evaluate(self, call: CodeCall) -> JsonObject:
        text = self.shared().evaluate(call.header, call.data, team="tests", timeout_s=max(call.timeout_s, 10)).text
        return dict(orjson.loads(text))

    def run(self, call: CodeCall, on_call: Callable[[str, list[Any]], Any] | None = None) -> JsonObject:
        served = on_call and self.serving(on_call)
        text = self.shared().run_code(call.header, call.data, team="tests", timeout_s=60, on_call=served).text
        return dict(orjson.loads(text))

    @staticmethod
    def serving(on_call: Callable[[str, list[Any]], Any]) -> Callable[[str, list[Any]], Any]:
        def serve(name: str, args: list[Any]) -> Any:
            try:
                return on_call(name, args)
            except PumpFlixError as error:
                raise HostCallError(error.message) from error

        return serve

    @classmethod
    def shared(cls) -> CodePool:
        if cls.pool is None:
            cls.pool = CodePool(accept_reduced=True)
        return cls.pool

    @classmethod
    def close(cls) -> None:
        if cls.pool is not None:
            cls.pool.close()
            cls.pool = None


class World:
    """All ports of one test."""

    def __init__(
        self,
        calls: list[JsonObject] | None = None,
        credentials: dict[str, JsonObject] | None = None,
        files: dict[str, JsonObject] | None = None,
        tables: dict[str, list[JsonObject]] | None = None,
    ) -> None:
        self.clock = StillClock()
        self.shelf = Shelf()
        self.store = Store(self.shelf, files or {})
        self.shop = Shop(tables or {})
        self.postman = Postman()
        self.memory = Memory()
        self.http = RecordedHttp([call for call in calls or [] if "protocol" not in call["fingerprint"]])
        self.caller = Caller()
        self.outside = RecordedOutside([call for call in calls or [] if "protocol" in call["fingerprint"]])
        self.ports = Ports(
            clock=self.clock,
            code=RealCode(),
            payloads=self.shelf,
            http=self.http,
            files=self.store,
            tables=self.shop,
            mail=self.postman,
            seen=self.memory,
            credentials=Locker(credentials or {}),
            respond=self.caller,
            connect=self.outside,
            commands=self.outside,
            permits=lambda node_type: True,
        )

    def item(self, raw: JsonObject) -> Item:
        """An item as n8n writes it, files inline."""
        binary = {
            name: self.shelf.put(
                base64.b64decode(meta["data"]), mime_type=meta["mimeType"], file_name=meta.get("fileName", "")
            )
            for name, meta in (raw.get("binary") or {}).items()
        }
        return Item(json=raw.get("json", {}), binary=binary, paired=read_pairs(raw.get("pairedItem")))

    def shown(self, item: Item) -> JsonObject:
        """An item as n8n writes it, files inline."""
        out: JsonObject = {"json": item.json}
        if item.binary:
            out["binary"] = {name: self.file(binary) for name, binary in item.binary.items()}
        return out

    def file(self, binary: Binary) -> JsonObject:
        data = base64.b64encode(self.shelf.get(binary.ref)).decode()
        return {"data": data, "mimeType": binary.mime_type, "fileName": binary.file_name}


class Result:
    """What a run left behind, by node name."""

    def __init__(self, events: list[Event], world: World) -> None:
        self.events = events
        self.world = world
        self.runs: dict[str, list[list[Items] | None]] = {}
        self.error: JsonObject | None = None
        for event in events:
            if isinstance(event, NodeRunFinished):
                self.runs.setdefault(event.node, []).append(event.outputs)
            if isinstance(event, NodeRunFailed):
                self.error = event.error
        last = events[-1]
        self.status = last.status if isinstance(last, ExecutionFinished) else "waiting"

    def items(self, node: str, output: int = 0) -> Items:
        """Items of all runs of that node, one run after the other."""
        return [
            item
            for outputs in self.runs.get(node, [])
            for item in (outputs[output] if outputs and output < len(outputs) else [])
        ]

    def json(self, node: str, output: int = 0) -> list[JsonObject]:
        return [item.json for item in self.items(node, output)]


def run_workflow(raw: JsonObject, world: World, *, items: Items | None = None, mode: str = "manual") -> Result:
    plan = make_plan(compile_workflow(Workflow.from_n8n(raw), load()), items=items, mode=mode, execution_id="test")
    return Result(list(run(plan, world.ports)), world)


def one_node(
    kind: str,
    version: float,
    parameters: JsonObject,
    inputs: list[list[JsonObject]],
    *,
    world: World | None = None,
    settings: JsonObject | None = None,
    **extra: Any,
) -> Result:
    """Run one node, called `Node`, on these JSON objects, one list per input. An input entry with a `json` or `binary`
    member is taken as a whole item. `settings` are those of the workflow, `extra` are keys of the node."""
    world = world or World()
    sources = [stand_in(number) for number in range(len(inputs))]
    node = {"name": "Node", "type": f"n8n-nodes-base.{kind}", "typeVersion": version, "parameters": parameters, **extra}
    wires = {
        f"In{number}": {"main": [[{"node": "Node", "type": "main", "index": number}]]} for number in range(len(inputs))
    }
    start = {"name": "Start", "type": "n8n-nodes-base.noOp", "position": [0, 0], "parameters": {}}
    wires["Start"] = {"main": [[{"node": source["name"], "type": "main", "index": 0} for source in sources]]}
    raw = {
        "nodes": [start, *sources, {**node, "position": [400, 0]}],
        "connections": wires,
        "settings": {"executionOrder": "v1", **(settings or {})},
    }
    plan = make_plan(
        compile_workflow(Workflow.from_n8n(raw), load()),
        start="Start",
        pinned={
            f"In{number}": [world.item(entry if is_item(entry) else {"json": entry}) for entry in entries]
            for number, entries in enumerate(inputs)
        },
        execution_id="test",
    )
    return Result(list(run(plan, world.ports)), world)


def stand_in(number: int) -> JsonObject:
    return {"name": f"In{number}", "type": "n8n-nodes-base.noOp", "position": [200, number * 100], "parameters": {}}


def is_item(entry: JsonObject) -> bool:
    return bool(entry) and set(entry) <= {"json", "binary", "pairedItem"}


@contextmanager
def shared_code() -> Iterator[None]:
    try:
        yield
    finally:
        RealCode.close()
