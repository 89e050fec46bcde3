"""Writing typed fields, for Set from version 3 on."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, JsonObject
from workflows_app.toolkit import paths
from workflows_app.toolkit.compare import json_text, to_text
from workflows_app.toolkit.convert import Unfit, convert, shown
from workflows_app.toolkit.relaxed_json import NotJson, parse

Include = Literal["all", "selected", "except", "none"]


class Written(Protocol):
    """One field to write. `type` is string, number, boolean, array or object."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def value(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Assignment:
    """A `Written` where no row has that form."""

    name: str
    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class Selection:
    """Which fields of the incoming item are kept."""

    include: Include
    fields: tuple[str, ...]
    dotted: bool


def kept_fields(json: JsonObject, selection: Selection) -> JsonObject:
    """What stays of the incoming item, as an object of its own whose inner objects are still shared. A nested field
    that is selected moves to the top."""
    if selection.include == "none":
        return {}
    if selection.include == "selected":
        out: JsonObject = {}
        for name in selection.fields:
            value = paths.read(json, name, dotted=selection.dotted)
            if value is not paths.MISSING:
                target = paths.last_step(name) if selection.dotted else name
                paths.write(out, target, value, dotted=selection.dotted)
        return out
    out = dict(json)
    if selection.include == "except":
        for name in selection.fields:
            paths.remove(out, name, dotted=selection.dotted)
    return out


def typed_value(entry: Written, *, ignore_errors: bool, version: float) -> Any:
    """The value as its type; null stays null, but is text before version 3.2. Raises ParameterError with the field."""
    if entry.value is None or entry.value is paths.MISSING:
        nothing = "null" if entry.value is None else "undefined"
        return nothing if entry.type == "string" and version < 3.2 else None
    if entry.type == "object" and entry.value == "null":
        return None
    if entry.type == "string":
        return to_text(entry.value) if not isinstance(entry.value, list | dict) else json_text(entry.value)
    try:
        return convert(entry.value, entry.type)
    except Unfit as error:
        if ignore_errors:
            return entry.value
        raise ParameterError(
            f"The field '{entry.name}' cannot be set: {error}.",
            hint="Change the type of the field, or switch 'Ignore conversion errors' on.",
            data={"parameter": entry.name},
        ) from None


def raw_fields(value: Any, parameter: str) -> JsonObject:
    """The object a JSON field stands for. Raises ParameterError where it is none."""
    if isinstance(value, dict):
        return value
    hint = 'Enter one JSON object, such as {"name": "value"}; values in it may be expressions.'
    if not isinstance(value, str):
        raise ParameterError(f"{parameter} must be a JSON object; {shown(value)} is none.", hint=hint)
    try:
        parsed = parse(value)
    except NotJson as error:
        raise ParameterError(f"{parameter} is not valid JSON: {error}.", hint=hint) from None
    if not isinstance(parsed, dict):
        raise ParameterError(f"{parameter} must be a JSON object; this is a list or a single value.", hint=hint)
    return parsed


def composed(item: Item, new_fields: JsonObject, selection: Selection, *, keep_files: bool) -> Item:
    """The outgoing item: what is kept, overwritten by the new fields."""
    json = kept_fields(item.json, selection)
    for name, value in new_fields.items():
        paths.write(json, name, value, dotted=selection.dotted)
    return Item(json=json, binary=dict(item.binary) if keep_files else {})
