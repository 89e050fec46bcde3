"""Items on their way in: judged, files given inline as base64 become payloads, trigger items come out of their row."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from executions_app import payload_codec
from executions_app.adapters.payloads import describe
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import Item, Items, JsonObject, items_from_json

Put = Callable[[bytes], str]


def is_item(value: Any) -> bool:
    """Whether it has the shape in which people and programs give items: an object with `json`, its files objects by
    name."""
    if not isinstance(value, dict) or not isinstance(value.get("json"), dict):
        return False
    files = value.get("binary") or {}
    return isinstance(files, dict) and all(isinstance(file, dict) for file in files.values())


def checked(items: list[JsonObject]) -> list[JsonObject]:
    """Items as a person wrote them. Raises UserError naming the first that is none."""
    for index, item in enumerate(items):
        if not is_item(item):
            raise UserError(
                f"Item {index} is not an object with a 'json' object, and its files by name in 'binary'.",
                code="items_invalid",
                hint='Write every item as {"json": {...}}.',
            )
    return items


def refuse_unreadable(items: list[JsonObject]) -> None:
    """Raises ValueError naming the first item that a worker could not take out of its row again."""
    for index, item in enumerate(items):
        try:
            Item.from_json(item)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
            raise ValueError(f"A file or the 'pairedItem' of item {index} cannot be read.") from error


def store_inline_files(items: list[JsonObject], put: Put) -> list[JsonObject]:
    """The same items with `{"data": base64, "mimeType", "fileName"}` replaced by references; `put` returns those.
    Raises ValueError for a text that is not base64, or files that are not objects by name."""
    return [_with_references(item, put) if item.get("binary") else item for item in items]


def _with_references(item: JsonObject, put: Put) -> JsonObject:
    if not isinstance(item["binary"], dict):
        raise ValueError("The files of an item belong into an object, by name.")  # noqa: TRY004  what a user gave
    binary = {name: _reference(meta, put) for name, meta in item["binary"].items() if isinstance(meta, dict)}
    return {**item, "binary": binary}


def _reference(meta: JsonObject, put: Put) -> JsonObject:
    if meta.get("id") or "data" not in meta:
        return meta
    try:
        data = base64.b64decode(str(meta["data"]), validate=True)
    except binascii.Error as error:
        raise ValueError(f"The file '{meta.get('fileName', '')}' is not valid base64.") from error
    mime_type, file_name = str(meta.get("mimeType") or ""), str(meta.get("fileName") or "")
    described = describe(put(data), data, mime_type=mime_type, file_name=file_name).to_json()
    return {**{key: value for key, value in meta.items() if key != "data"}, **described}


def trigger_items(stored: bytes | None, load: Callable[[str], bytes]) -> Items | None:
    """The items an execution was started with; `load` fetches a payload by reference. None where there are none."""
    if stored is None:
        return None
    ref = payload_codec.reference_in(stored)
    encoded: Any = stored if ref is None else load(ref)
    return items_from_json(payload_codec.decode(encoded))
