"""What a node author sees: `NodeType` to subclass, `NodeRun` to work with."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import ValidationError

from workflows_app.engine import labels
from workflows_app.engine.errors import CredentialMissing, OperationalError, ParameterError, PumpFlixError
from workflows_app.engine.items import Binary, Item, Items, JsonObject, Outputs
from workflows_app.engine.outside import Commands, Conversation, Server
from workflows_app.engine.pairing import linked, pair
from workflows_app.engine.params import Params
from workflows_app.engine.ports import (
    CallSite,
    CodeCall,
    Files,
    HttpRequest,
    HttpResponse,
    LogLevel,
    Mail,
    Ports,
    Seen,
    Tables,
    WebhookResponse,
)  # fmt: skip
from workflows_app.engine.workflow import Node, Workflow

__all__ = ["NodeRun", "NodeType", "Outputs", "Pause", "Polled", "Resolver", "failed_item", "paired", "validate"]

P = TypeVar("P", bound=Params)
T = TypeVar("T")

Group = Literal["trigger", "flow", "transform", "http", "messaging", "files", "data", "ai", "apps"]
Silhouette = Literal["trigger", "shape", "choice", "world", "keep", "model"]
SideEffects = Literal["none", "read", "write"]


class Resolver(Protocol):
    """Turns stored parameters into resolved ones; one round trip to the child for all items of a node run."""

    is_constant: bool

    def resolve(self, item: int) -> JsonObject:
        """All parameters for one item. Raises ExpressionError naming the parameter."""

    def filled(self, model: type[Params], item: int) -> Any:
        """The validated parameters for one item, where that takes no more than filling in values; None where it
        does. Constant ones are one object for many runs."""

    def resolve_value(self, value: Any, item: int, extra: Mapping[str, Any] | None = None) -> Any:
        """Any other stored value that may hold expressions, for one item. `extra` are further names they may read, such
        as `$response` while a node fetches page after page."""

    def scope(self) -> JsonObject:
        """The data object for a Code node (the scope JSON), everything this code may refer to included."""

    def surroundings(self) -> JsonObject:
        """Header fields the child needs beside the code: time zone, clock, language."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Returned by `execute` to let go of the worker until a time, or until the resume link is called."""

    reason: Literal["time", "webhook", "form", "approval", "workflow"]
    resume_at: datetime | None = None
    page: JsonObject | None = None
    """What whoever ends the wait is shown (`toolkit.form_pages`)."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What a trigger found by looking: the items to start with, and the state to look with next time, which has a JSON
    form. The state is stored together with what the items start; then `settle` is called. `is_more`: there is more to
    be found at once."""

    items: Items
    state: JsonObject
    is_more: bool = False


class NodeRun(Generic[P]):
    """One turn of one node. `items` is input 0; `inputs` has a list per input, `[]` for one that received nothing.
    `context` is this node's own loop state, kept from turn to turn of one execution; `timezone` is the workflow's."""

    def __init__(  # noqa: PLR0913  keyword-only; only the engine makes one
        self,
        *,
        node: Node,
        workflow: Workflow,
        run_index: int,
        inputs: list[Items],
        model: type[P],
        resolver: Resolver,
        ports: Ports,
        log: Callable[[LogLevel, str, int | None], None],
        mode: str = "manual",
        execution_id: str = "",
        timezone: str = "UTC",
        context: JsonObject | None = None,
        resumed_with: Items | None = None,
        is_resumed: bool = False,
        is_first_start: bool = False,
        earlier: "Callable[[int], tuple[Items, int]] | None" = None,
        known_labels: Mapping[str, str] | None = None,
    ) -> None:
        self.node = node
        self.workflow = workflow
        self.run_index = run_index
        self.inputs = inputs
        self.items: Items = inputs[0] if inputs else []
        self.mode = mode
        self.execution_id = execution_id
        self.timezone = timezone
        self.context: JsonObject = context if context is not None else {}
        self.resumed_with = resumed_with
        self.is_resumed = is_resumed
        self.is_start = is_first_start
        self.resolver = resolver
        self.ports = ports
        self._model = model
        self._log = log
        self._earlier = earlier
        self.known_labels: Mapping[str, str] = known_labels or {}
        self._constant: P | None = None
        self._calls: dict[int, int] = {}
        self.hints: list[str] = []

    # parameters -------------------------------------------------------------------------------------------------
    @property
    def params(self) -> P:
        """Resolved for the first item and validated."""
        return self.params_for(0)

    def params_for(self, item: int) -> P:
        """Resolved for that item of input 0. Raises ExpressionError or ParameterError."""
        if self._constant is not None:
            return self._constant
        made: P | None = self.resolver.filled(self._model, item)
        if made is None:
            made = validate(self._model, self.resolver.resolve(item), self.node)
        if self.resolver.is_constant:
            self._constant = made
        return made

    def each(self) -> Iterator[tuple[Item, P]]:
        """Every item of input 0 with its parameters."""
        for index, item in enumerate(self.items):
            yield item, self.params_for(index)

    def map(self, work: Callable[[Item, P, int], Item | JsonObject | list[Item] | None]) -> Items:
        """`work(item, params, index)` for every item; what it returns is paired with its source. Where a node continues
        on error, a failing item becomes `{"error": message}` and the others go on."""
        out: Items = []
        for index, item in enumerate(self.items):
            try:
                made = work(item, self.params_for(index), index)
            except PumpFlixError as error:
                if not self.continues_on_error:
                    error.data.setdefault("itemIndex", index)
                    raise
                made = failed_item(error, index)
            out.extend(paired(made, index))
        return out

    def earlier_input(self, run_index: int) -> tuple[Items, int]:
        """What input 0 received in an earlier turn of this node, and the number of the input it counts as now: items
        put out again pair with `PairedItem(place, number)`. For loops, whose context keeps a cursor and no items."""
        if self._earlier is None:
            return [], 0
        return self._earlier(run_index)

    @property
    def continues_on_error(self) -> bool:
        return self.node.on_error != "stopWorkflow"

    # ports ------------------------------------------------------------------------------------------------------
    def site(self, item: int = 0) -> CallSite:
        """The identity of the next outgoing call for that item."""
        call = self._calls.get(item, 0)
        self._calls[item] = call + 1
        return CallSite(node=self.node.name, run_index=self.run_index, item=item, call=call)

    def http(self, request: HttpRequest, *, item: int = 0) -> HttpResponse:
        return self._need(self.ports.http, "http").send(self.site(item), request)

    @property
    def commands(self) -> Commands:
        return self._need(self.ports.commands, "commands")

    def connect(self, server: Server) -> Conversation:
        """A conversation with a server; `toolkit.servers` closes it and counts its calls."""
        return self._need(self.ports.connect, "connect").open(server)

    @property
    def mail(self) -> Mail:
        return self._need(self.ports.mail, "mail")

    @property
    def tables(self) -> Tables:
        return self._need(self.ports.tables, "data tables")

    @property
    def files(self) -> Files:
        return self._need(self.ports.files, "the file store")

    @property
    def seen(self) -> Seen:
        return self._need(self.ports.seen, "the history of earlier runs")

    @property
    def has_http(self) -> bool:
        return self.ports.http is not None

    @property
    def http_width(self) -> int:
        """How many requests may be under way at once: 1 unless the port says that it serves more."""
        return int(getattr(self.ports.http, "width", 1))

    def credential(self, credential_type: str) -> JsonObject:
        """Decrypted fields of the node's credential of that type. Raises CredentialMissing."""
        if self.ports.credentials is None:
            raise CredentialMissing(
                f"{self.node.name} needs a credential of type {credential_type}.",
                hint="Add the credential to the node, or run with sample data.",
            )
        return self.ports.credentials.get(self.node.name, credential_type)

    def renewed_credential(self, credential_type: str, rejected: str) -> JsonObject:
        """The fields after the access token `rejected` was replaced. Raises CredentialMissing."""
        if self.ports.credentials is None:
            return self.credential(credential_type)
        return self.ports.credentials.renewed(self.node.name, credential_type, rejected)

    def respond(self, response: WebhookResponse) -> bool:
        """Answer the waiting webhook caller; False if nobody waits."""
        return self.ports.respond is not None and self.ports.respond.respond(self.site(), response)

    def code(self, call: CodeCall, on_call: Callable[[str, list[Any]], Any] | None = None) -> JsonObject:
        """Run code in the child; the header gets zone and clock if it has none."""
        return self.ports.code.run(replace(call, header={**self.resolver.surroundings(), **call.header}), on_call)

    def put_file(self, data: bytes, *, mime_type: str, file_name: str = "") -> Binary:
        return self.ports.payloads.put(data, mime_type=mime_type, file_name=file_name)

    def get_file(self, item: Item, name: str) -> tuple[Binary, bytes]:
        """A binary of that item with its bytes. Raises ParameterError naming the binaries there are."""
        binary = item.binary.get(name)
        if binary is None:
            there = ", ".join(sorted(item.binary)) or "none"
            raise ParameterError(
                f"This item has no file named '{name}'.",
                hint=f"Files on this item: {there}. Set the input field name to one of them.",
            )
        return binary, self.ports.payloads.get(binary.ref)

    def now(self) -> datetime:
        return self.ports.clock.now()

    def log(self, level: LogLevel, text: str, item: int | None = None) -> None:
        self._log(level, text, item)

    def label(self, key: str, value: str) -> None:
        """Note a value beside the run, cut to the length there is room for. One too many is left out, with a warning in
        the log."""
        own: dict[str, str] = self.context.setdefault(labels.IN_CONTEXT, {})
        key = key[: labels.MAX_KEY]
        if labels.fits({**self.known_labels, **own}, key):
            own[key] = value[: labels.MAX_VALUE]
        else:
            self.log("warn", f"'{key}' is not noted: a run has at most {labels.MAX_LABELS} labels.")

    def cancelled(self) -> bool:
        return self.ports.is_canceled()

    def _need(self, port: T | None, name: str) -> T:
        if port is None:
            raise OperationalError(
                f"This run may not use '{name}'.", code="port_missing", hint="Run it live instead of from its sample."
            )
        return port


class NodeType(Generic[P]):
    """Base of every node type. One file each below `workflows_app/nodes/`; the docstring of the class is its one-line
    description in the palette and the docs."""

    name: ClassVar[str]
    label: ClassVar[str]
    group: ClassVar[Group]
    icon: ClassVar[str]
    silhouette: ClassVar[Silhouette] = "shape"
    versions: ClassVar[tuple[float, ...]] = (1,)
    inputs: ClassVar[tuple[str, ...]] = ("main",)
    outputs: ClassVar[tuple[str, ...]] = ("main",)
    credentials: ClassVar[tuple[str, ...]] = ()
    trigger: ClassVar[bool] = False
    needs_permission: ClassVar[bool] = False
    """Off until an administrator switches it on: it reaches further than a workflow's author usually may."""
    side_effects: ClassVar[SideEffects] = "none"
    Params: ClassVar[type[Params]]

    def execute(self, run: NodeRun[P]) -> Outputs | Pause | None:
        """One list per output; None leaves no run data."""
        raise NotImplementedError

    def poll(self, run: NodeRun[P], state: JsonObject) -> Polled:
        """For triggers that look for something new: what was not there when `state` was made. At first it is `{}`: then
        what is there is noted as known, and nothing started, or all that lies there would flood in."""
        raise NotImplementedError

    @classmethod
    def is_polled(cls) -> bool:
        """Whether it is a trigger that has to look."""
        return cls.poll is not NodeType.poll

    def settle(self, run: NodeRun[P], state: JsonObject) -> JsonObject:  # noqa: ARG002  for types that override it
        """After what was found is stored, such as marking it as read. The state to keep. May be called again."""
        return state

    def describe(self, node: Node) -> str:  # noqa: ARG002 - for types that know better
        """One plain sentence for a title page: what this very node does."""
        return (type(self).__doc__ or self.label).strip().splitlines()[0]

    def input_names(self, node: Node) -> tuple[str, ...]:  # noqa: ARG002  for types that override it
        """The inputs of this very node; types whose number of inputs is a parameter override it."""
        return self.inputs

    def output_names(self, node: Node) -> tuple[str, ...]:  # noqa: ARG002  for types that override it
        """The outputs of this very node, without the error output that `onError` adds."""
        return self.outputs

    def required_inputs(self, node: Node) -> int | tuple[int, ...]:  # noqa: ARG002  for types that override it
        """How many inputs must have data before a node with several runs at the end of the work list, or which ones."""
        return 1


def validate(model: type[P], raw: Mapping[str, Any], node: Node) -> P:
    """The model of resolved parameters. Raises ParameterError naming the parameter and what was expected."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "parameters"
        raise ParameterError(
            f"Parameter '{place}' of {node.name}: {first['msg']}.",
            hint="Correct the value or the expression behind it.",
        ) from error


def failed_item(error: PumpFlixError, index: int) -> Item:
    """What a failing item becomes where the node continues on error."""
    return Item(json={"error": error.message}, error=error.to_json(), paired=pair(index))


def paired(made: Item | JsonObject | list[Item] | None, index: int) -> Items:
    """Normalise what a node made of one item and pair it with that item."""
    if made is None:
        return []
    if isinstance(made, list):
        return [item if item.paired is not None else linked(item, index) for item in made]
    if isinstance(made, Item):
        return [made if made.paired is not None else linked(made, index)]
    return [Item(json=made, paired=pair(index))]
