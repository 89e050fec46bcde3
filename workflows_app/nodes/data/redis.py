"""Redis: keys, lists and channels of a Redis or Valkey server."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.json_text import dumps, loads
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.fields import AsGroup, Flag, Text, Whole
from workflows_app.toolkit.paths import write
from workflows_app.toolkit.servers import Talk, talking

KeyType = Literal["automatic", "hash", "list", "sets", "string"]
KEY_TYPES = ["Whatever fits", "Hash", "List", "Set", "Text"]
EXPIRING = {"operation": ["set", "incr"]}


class RedisOptions(Params):
    dot_notation: Flag = Field(
        True, title="Dots mean nesting", description="Read a.b as field b inside a; else as a name with a dot."
    )


class RedisParams(Params):
    operation: Literal["delete", "get", "incr", "info", "keys", "llen", "pop", "publish", "push", "set"] = Field(
        "info",
        title="Operation",
        description="What happens.",
        json_schema_extra=ui(
            labels=["Delete", "Get", "Increment", "Info", "Keys", "Length of a list", "Pop", "Publish", "Push", "Set"]
        ),
    )
    key: Text = Field(
        "", title="Key", description="Name of the key.",
        json_schema_extra=ui(visible_when={"operation": ["delete", "get", "incr", "set"]}),
    )  # fmt: skip
    property_name: Text = Field(
        "propertyName", title="Field", description="Field of the item that gets the value.",
        json_schema_extra=ui(visible_when={"operation": ["get", "pop"]}),
    )  # fmt: skip
    key_type: KeyType = Field(
        "automatic", title="Type of the key", description="What is kept under the key.",
        json_schema_extra=ui(labels=KEY_TYPES, visible_when={"operation": ["get", "set"]}),
    )  # fmt: skip
    value: Any = Field(
        "", title="Value", description="What is kept: a text, a list, or an object for a hash.",
        json_schema_extra=ui(visible_when={"operation": ["set"]}),
    )  # fmt: skip
    value_is_json: Flag = Field(
        True, alias="valueIsJSON", title="Value is JSON",
        description="Read a text for a hash as JSON; else as names and values with spaces between them.",
        json_schema_extra=ui(visible_when={"operation": ["set"], "keyType": ["hash"]}),
    )  # fmt: skip
    expire: Flag = Field(
        False, title="Expire", description="Let the key go after a while.", json_schema_extra=ui(visible_when=EXPIRING)
    )
    ttl: Whole = Field(
        60, ge=1, title="After seconds", description="How long the key is kept.",
        json_schema_extra=ui(visible_when={**EXPIRING, "expire": [True]}),
    )  # fmt: skip
    key_pattern: Text = Field(
        "", title="Pattern", description="Which keys, such as user:*.",
        json_schema_extra=ui(visible_when={"operation": ["keys"]}),
    )  # fmt: skip
    get_values: Flag = Field(
        True, title="With values", description="Put out the values too, not only the names.",
        json_schema_extra=ui(visible_when={"operation": ["keys"]}),
    )  # fmt: skip
    list: Text = Field(
        "", title="List", description="Name of the list.",
        json_schema_extra=ui(visible_when={"operation": ["llen", "pop", "push"]}),
    )  # fmt: skip
    message_data: Any = Field(
        "", title="Data", description="What is sent or put into the list.",
        json_schema_extra=ui(visible_when={"operation": ["push", "publish"]}),
    )  # fmt: skip
    tail: Flag = Field(
        False, title="At the end", description="At the end of the list instead of at its beginning.",
        json_schema_extra=ui(visible_when={"operation": ["pop", "push"]}),
    )  # fmt: skip
    channel: Text = Field(
        "", title="Channel", description="Who listens there gets the data.",
        json_schema_extra=ui(visible_when={"operation": ["publish"]}),
    )  # fmt: skip
    options: Annotated[RedisOptions, AsGroup] = Field(
        default_factory=RedisOptions, title="Options", description="Finer points."
    )


Run = NodeRun[RedisParams]


@register
class Redis(NodeType[RedisParams]):
    """Read and write keys and lists of a Redis server, or publish to a channel."""

    name = "n8n-nodes-base.redis"
    label = "Redis"
    group = "data"
    icon = "n-table"
    silhouette = "world"
    credentials = ("redis",)
    side_effects = "write"
    Params = RedisParams

    def execute(self, run: Run) -> Outputs:
        with talking(run, "redis", "redis") as talk:

            def work(item: Item, params: RedisParams, index: int) -> Item | JsonObject:
                made = Keys(talk, index).answer(params)
                return Item(json=item.json) if made is None else made

            # What the server tells of itself is the same for every item.
            if run.params.operation == "info":
                return [run.map(lambda _item, _params, index: Keys(talk, index).info() if index == 0 else None)]
            return [run.map(work)]


class Keys:
    """The commands of one item."""

    def __init__(self, talk: Talk, index: int) -> None:
        self._talk = talk
        self._index = index

    def answer(self, params: RedisParams) -> JsonObject | None:
        """What is put out; None where the item goes on as it came."""
        match params.operation:
            case "get":
                return placed(params, self.value(params.key, params.key_type))
            case "pop":
                popped = self.one("RPOP" if params.tail else "LPOP", params.list)
                return placed(params, read_json(popped))
            case "keys":
                return self.keys(params.key_pattern, with_values=params.get_values)
            case "incr":
                number = self.one("INCR", params.key)
                self.let_expire(params)
                return {params.key: number}
            case "llen":
                return {params.list: self.one("LLEN", params.list)}
            case "delete":
                self.one("DEL", params.key)
            case "push":
                self.one("RPUSH" if params.tail else "LPUSH", params.list, shown(params.message_data))
            case "publish":
                self.one("PUBLISH", params.channel, shown(params.message_data))
            case "set":
                self.put(params)
                self.let_expire(params)
        return None

    def commands(self, *commands: tuple[Any, ...]) -> list[Any]:
        arguments = {"commands": [[str(word) for word in command] for command in commands]}
        return list(self._talk.ask("commands", arguments, item=self._index).value)

    def one(self, *words: Any) -> Any:
        return self.commands(words)[0]

    def let_expire(self, params: RedisParams) -> None:
        if params.expire:
            self.one("EXPIRE", params.key, params.ttl)

    def info(self) -> JsonObject:
        return parse_info(str(self.one("INFO")))

    def keys(self, pattern: str, *, with_values: bool) -> JsonObject:
        found = self._talk.ask("scan", {"pattern": pattern}, item=self._index).value
        if not with_values:
            return {"keys": found}
        kinds = self.commands(*(("TYPE", key) for key in found)) if found else []
        return {key: self.value(key, KINDS.get(kind, kind)) for key, kind in zip(found, kinds, strict=True)}

    def value(self, key: str, kind: str) -> Any:
        """The value of a key; None where there is none, or of a type that has no JSON form."""
        if kind == "automatic":
            kind = KINDS.get(str(self.one("TYPE", key)), "none")
        if kind not in READING:
            return None
        reply = self.one(*(key if word is None else word for word in READING[kind]))
        return dict(zip(reply[::2], reply[1::2], strict=True)) if kind == "hash" else reply

    def put(self, params: RedisParams) -> None:
        """Keep the value under the key. Raises ParameterError where it does not fit the type."""
        kind, value = params.key_type, params.value
        if kind == "automatic":
            kind = "list" if isinstance(value, list) else "hash" if isinstance(value, dict) else "string"
        if kind == "string":
            self.one("SET", params.key, shown(value))
        elif kind == "hash":
            self.commands(*(("HSET", params.key, name, shown(field)) for name, field in fields_of(params).items()))
        elif kind == "sets":
            self.one("SADD", params.key, *(shown(entry) for entry in entries_of(value)))
        else:
            self.put_list(params.key, entries_of(value))

    def put_list(self, key: str, entries: list[Any]) -> None:
        """Entry for entry over what the list holds already; what is longer is added."""
        length = int(self.one("LLEN", key) or 0)
        commands: list[tuple[Any, ...]] = [("LSET", key, at, shown(entry)) for at, entry in enumerate(entries[:length])]
        if entries[length:]:
            commands.append(("RPUSH", key, *(shown(entry) for entry in entries[length:])))
        if commands:
            self.commands(*commands)


KINDS = {"string": "string", "list": "list", "set": "sets", "hash": "hash"}
READING: dict[str, tuple[Any, ...]] = {
    "string": ("GET", None),
    "list": ("LRANGE", None, 0, -1),
    "sets": ("SMEMBERS", None),
    "hash": ("HGETALL", None),
}
"""The command for each type; None stands for the key."""


def placed(params: RedisParams, value: Any) -> JsonObject:
    out: JsonObject = {}
    write(out, params.property_name, value, dotted=params.options.dot_notation)
    return out


def shown(value: Any) -> str:
    """A value as text: lists and objects as JSON."""
    return dumps(value).decode() if isinstance(value, list | dict) else to_text(value)


def read_json(text: Any) -> Any:
    """What a list gave, read as JSON where it is an object, a list or another JSON value."""
    if not isinstance(text, str):
        return text
    try:
        return loads(text.encode())
    except ValueError:
        return text


def fields_of(params: RedisParams) -> JsonObject:
    value = params.value
    if isinstance(value, dict):
        return value
    if params.value_is_json:
        found = read_json(to_text(value))
        if not isinstance(found, dict):
            raise ParameterError("The value of a hash is no JSON object.", hint='Write it as {"name": "value"}.')
        return found
    words = to_text(value).split()
    if not words or len(words) % 2:
        raise ParameterError("The value of a hash needs names and values in turn.", hint="Write name1 value1 name2 …")
    return dict(zip(words[::2], words[1::2], strict=True))


def entries_of(value: Any) -> list[Any]:
    found = read_json(value) if isinstance(value, str) else value
    if not isinstance(found, list):
        raise ParameterError("The value of a list or set is no list.", hint='Write it as ["a", "b"].')
    if not found:
        raise ParameterError("The list is empty.", hint="Delete the key instead.")
    return found


NUMBER = re.compile(r"[\d.]+")


def parse_info(text: str) -> JsonObject:
    """Lines `name:value`; `a=1,b=2` as an object, numbers as numbers."""
    out: JsonObject = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            out[name] = parse_fact(value)
    return out


def parse_fact(text: str) -> Any:
    if "=" in text:
        pairs = (part.partition("=") for part in text.split(","))
        return {name: parse_fact(value) for name, _, value in pairs}
    return leading_number(text) if NUMBER.fullmatch(text) else text


def leading_number(text: str) -> Any:
    """`7.0.15` is 7, as n8n reads a version."""
    found = re.match(r"\d+(\.\d+)?", text)
    if found is None:
        return text
    value = float(found[0])
    return int(value) if value.is_integer() else value
