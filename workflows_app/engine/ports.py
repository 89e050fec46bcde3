"""The ports: every way out of the engine. One engine runs live, from a cassette, as a dry run and in a test,
because nothing here says how the world is reached. Implementations must be safe to call from many threads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from workflows_app.engine.items import Binary, Item, Items, JsonObject, Outputs

if TYPE_CHECKING:
    from workflows_app.engine.outside import Commands, Connect


@dataclass(frozen=True, slots=True)
class CallSite:
    """Which call of which node this is; constant over crash repeats and retries. `call` counts per item from 0."""

    node: str
    run_index: int
    item: int
    call: int


@dataclass(frozen=True, slots=True)
class TlsCertificate:
    """Who calls, to a server that wants a certificate: PEM texts of it, of its key, of the server's own authority."""

    certificate: str = ""
    key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    authority: str = ""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`body` is bytes as sent. `timeout_s` is the total deadline. A request that carries a credential names the hosts
    the credential is bound to (`api.x.com`, `*.x.com`) and the headers it is in: those follow no redirect elsewhere.
    `shown_url` is the address without what a credential put into it: what may be recorded and shown.
    `has_idempotency_key`: a call that changes things carries one, constant over crash repeats and retries."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    timeout_s: float = 300.0
    follow_redirects: bool = True
    max_redirects: int = 5
    verify_tls: bool = True
    has_idempotency_key: bool = True
    max_bytes: int = 50 * 1024 * 1024
    secret_headers: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    shown_url: str = ""
    identity: "TlsCertificate | None" = None


@dataclass(frozen=True, slots=True)
class HttpResponse:
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    url: str

    def header(self, name: str) -> str:
        """The first header of that name, case-insensitive; empty text if there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class Http(Protocol):
    """One that can send several requests at once says how many in `width`."""

    def send(self, site: CallSite, request: HttpRequest) -> HttpResponse:
        """Send one request. Any status is an answer; raises OperationalError when no answer came."""


@dataclass(frozen=True, slots=True)
class MailMessage:
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str = ""
    html: str = ""
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: str = ""
    attachments: tuple[Binary, ...] = ()


class Mail(Protocol):
    def send(self, site: CallSite, message: MailMessage, credential: Mapping[str, Any] | None) -> str:
        """Send one message, return its Message-ID."""


Comparison = Literal[
    "eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "isEmpty", "isNotEmpty", "isTrue", "isFalse"
]


@dataclass(frozen=True, slots=True)
class RowCondition:
    """One column compared with a value. `like` takes `%` and `_`; the last four take no value."""

    column: str
    comparison: Comparison
    value: Any = None


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Which rows: all where there is no condition. `limit` 0 means every one; without an order, the oldest first."""

    conditions: tuple[RowCondition, ...] = ()
    needs_all: bool = False
    limit: int = 0
    order_by: str = ""
    descending: bool = False


class Tables(Protocol):
    """The team's data tables, by id or name. A row is its columns with `id`, `createdAt` and `updatedAt`. Writes commit
    together with the effect row of their call site: exactly once. Writing to a table that is not there makes it."""

    def read(self, table: str, query: RowQuery) -> list[JsonObject]: ...
    def insert(self, site: CallSite, table: str, rows: Sequence[JsonObject]) -> list[JsonObject]: ...
    def update(self, site: CallSite, table: str, query: RowQuery, values: JsonObject) -> list[JsonObject]: ...

    def upsert(self, site: CallSite, table: str, query: RowQuery, values: JsonObject) -> list[JsonObject]:
        """Update the rows that fit; insert one if none does."""

    def delete(self, site: CallSite, table: str, query: RowQuery) -> list[JsonObject]:
        """The rows that were deleted."""


class Files(Protocol):
    """The team's file store. A path is a name in the store, as `toolkit.store_paths` writes it (`reports/may.pdf`):
    no leading slash, no `..`; it never names anything on a disk. Writes happen exactly once per call site."""

    def read(self, path: str) -> Binary | None:
        """The file under that path, its bytes reachable through `Payloads`; None if there is none."""

    def write(self, site: CallSite, path: str, data: bytes, *, mime_type: str, append: bool) -> Binary: ...

    def list(self, folder: str) -> Sequence[str]:
        """Every path below a folder (`""` is the root), sorted."""


class State(Protocol):
    """Static data of the workflow (`global`) and of one node; kept between executions."""

    def get(self, scope: str) -> JsonObject: ...
    def put(self, site: CallSite, scope: str, value: JsonObject) -> None: ...


SeenKind = Literal["values", "number", "date"]


@dataclass(frozen=True, slots=True)
class SeenAnswer:
    """`is_new` has one entry per key that was asked for; `kept` is how many values the history holds now."""

    is_new: tuple[bool, ...]
    kept: int = 0


class Seen(Protocol):
    """What earlier executions of this workflow have met, by scope (`workflow`, `node:<name>`). A look-up remembers in
    the same step, exactly once per call site: two runs at once never both find a key new. Raises UserError where the
    scope holds a history of another kind."""

    def values(self, site: CallSite, scope: str, keys: Sequence[str], *, limit: int) -> SeenAnswer:
        """Keys that are not in the history are new, a key given twice both times. The oldest go beyond `limit`."""

    def latest(self, site: CallSite, scope: str, kind: SeenKind, keys: Sequence[float]) -> SeenAnswer:
        """Keys above the highest that former calls brought are new; all of them where there was none."""

    def clear(self, site: CallSite, scope: str) -> None:
        """Forget everything of that scope."""


@dataclass(frozen=True, slots=True)
class KeptResult:
    outputs: Outputs
    made_at: datetime


class Results(Protocol):
    """Results of nodes that are kept for a while, of this team alone."""

    def get(self, key: str) -> KeptResult | None:
        """The result under that key, its files still there; None if there is none, or its time is up."""

    def put(self, key: str, node: str, outputs: Outputs, ttl_s: float) -> None: ...


class Credentials(Protocol):
    def get(self, node: str, credential_type: str) -> JsonObject:
        """The decrypted fields for that node's reference. Raises CredentialMissing."""

    def renewed(self, node: str, credential_type: str, rejected: str) -> JsonObject:
        """The fields after the access token `rejected` was replaced, once for all who ask at the same time; as they are
        where nothing can be renewed. Raises CredentialMissing where its owner has to sign in again."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Current time, aware, UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait, or move a fake clock on. Raises Canceled when the run is canceled meanwhile."""


class Payloads(Protocol):
    """Bytes by reference: files, and outputs too large to carry."""

    def put(self, data: bytes, *, mime_type: str, file_name: str = "") -> Binary: ...
    def get(self, ref: str) -> bytes: ...


class Workflows(Protocol):
    """Other workflows, by id, or given as an n8n export (then they count as part of the calling one)."""

    def call(self, site: CallSite, workflow: str | JsonObject, items: Items) -> Items:
        """Run a sub-workflow inline and return the items of its last node. Raises OperationalError when it failed, and
        Paused while it waits; the same call after the wait goes on with it."""

    def start(self, site: CallSite, workflow: str | JsonObject, items: Items) -> str:
        """Let it run by itself, exactly once for that call site; the id of its execution. What becomes of it does not
        reach the caller."""


@dataclass(frozen=True, slots=True)
class CodeCall:
    """One call of the child process. `header` and `data` are JSON texts as the frame protocol of the child says."""

    header: JsonObject
    data: bytes
    timeout_s: float


class Code(Protocol):
    def evaluate(self, call: CodeCall) -> JsonObject:
        """Expressions. The result object of the child: `{"results": [...], "console": [...]}`."""

    def run(self, call: CodeCall, on_call: Callable[[str, list[Any]], Any] | None = None) -> JsonObject:
        """A Code node. `on_call(name, args)` serves the helpers that reach the outside through this process."""


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Respond(Protocol):
    def respond(self, site: CallSite, response: WebhookResponse) -> bool:
        """Answer the waiting caller once, after the commit. False if the answer was already given or nobody waits."""


LogLevel = Literal["debug", "info", "warn", "error"]


class Redact(Protocol):
    """Takes the secrets that this run has opened out of what leaves a node."""

    def __call__(self, value: Any) -> Any:
        """The JSON value without them; the very object where none is found."""

    def __bool__(self) -> bool:
        """Whether any secret is known."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All of them. A run is given only what it may use; NodeRun raises a clear error for the rest. Nothing is
    redacted where `redact` is None or false: then no secret was opened."""

    clock: Clock
    code: Code
    payloads: Payloads
    http: Http | None = None
    mail: Mail | None = None
    connect: "Connect | None" = None
    commands: "Commands | None" = None
    tables: Tables | None = None
    files: Files | None = None
    state: State | None = None
    seen: Seen | None = None
    results: Results | None = None
    credentials: Credentials | None = None
    workflows: Workflows | None = None
    respond: Respond | None = None
    is_canceled: Callable[[], bool] = field(default=lambda: False)
    team: str = ""
    """Whose run it is: what serves several teams keeps them apart by it."""
    redact: Redact | None = None
    permits: Callable[[str], bool] = field(default=lambda _node_type: False)
    """Whether an administrator has switched on a node type that needs it."""
    longest_sleep_s: float = 65.0
    """Up to here a waiting run keeps its place; beyond it the run is parked until its time comes."""


__all__ = [
    "Binary", "CallSite", "Clock", "Code", "CodeCall", "Comparison", "Credentials", "Files", "Http", "HttpRequest",
    "HttpResponse", "Item", "LogLevel", "Mail", "MailMessage", "Payloads", "Ports", "Redact", "Respond",
    "RowCondition", "RowQuery", "Seen", "SeenAnswer", "SeenKind", "State", "Tables", "TlsCertificate",
    "WebhookResponse", "Workflows",
]  # fmt: skip
