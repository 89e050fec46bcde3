"""Checks what Python code returned and brings it into the form of items; messages say what to change."""

from collections.abc import Mapping
from typing import Any

from pumpflix.lib.sandbox.py_values import NotJson, to_json

_ITEM_KEYS = frozenset({"json", "binary", "pairedItem", "error", "index"})
_LIST_ADVICE = 'Return a list with one dict per item, for example: return [{"json": {"name": "Ada"}}]'
_DICT_ADVICE = 'Return one dict, for example: return {"json": {"name": "Ada"}}'


class WrongShape(Exception):
    """The code returned something that is no item. ``description`` says what to return instead."""

    def __init__(self, message: str, description: str, item: int | None = None) -> None:
        super().__init__(message if item is None else f"{message} [item {item}]")
        self.description = description


def all_items(returned: Any) -> list[dict[str, Any]]:
    """Items of code that ran once for all of them: a list of dicts, or a single dict."""
    if isinstance(returned, Mapping):
        returned = [returned]
    if not isinstance(returned, list | tuple):
        raise WrongShape(f"The code returned {_named(returned)} instead of a list of items", _LIST_ADVICE)
    for index, value in enumerate(returned):
        if not isinstance(value, Mapping):
            raise WrongShape(f"The code returned {_named(value)} as an item", _LIST_ADVICE, index)
    are_wrapped = any(_is_wrapped(value) for value in returned)
    return [_item(value, are_wrapped, index) for index, value in enumerate(returned)]


def one_item(returned: Any, index: int) -> dict[str, Any] | None:
    """The item of code that ran for one item; None drops it."""
    if returned is None:
        return None
    if isinstance(returned, list | tuple):
        advice = f"{_DICT_ADVICE}. To return several items, run the code once for all items."
        raise WrongShape("The code returned a list instead of one item", advice, index)
    if not isinstance(returned, Mapping):
        raise WrongShape(f"The code returned {_named(returned)} instead of one item", _DICT_ADVICE, index)
    item = _item(returned, _is_wrapped(returned), index)
    binary = {"binary": item["binary"]} if "binary" in item else {}
    return {"json": item["json"], **binary, "pairedItem": {"item": index}}


def raw(returned: Any) -> Any:
    """Whatever was returned, as JSON."""
    try:
        return to_json(returned)
    except NotJson as error:
        raise WrongShape(f"The returned value: {error}", error.advice) from None


def _is_wrapped(value: Mapping[str, Any]) -> bool:
    return not _ITEM_KEYS.isdisjoint(value)


def _item(value: Mapping[str, Any], is_wrapped: bool, index: int) -> dict[str, Any]:
    item = dict(value) if is_wrapped else {"json": value}
    for key in item:
        if key not in _ITEM_KEYS:
            advice = f'Put it below json: {{"json": {{"{key}": ...}}}}. Beside json stand only binary and pairedItem.'
            raise WrongShape(f"An item has the unknown key '{key}'", advice, index)
    item.setdefault("json", {})
    for key in ("json", "binary"):
        if not isinstance(item.get(key, {}), Mapping):
            raise WrongShape(f"'{key}' of an item is {_named(item[key])} instead of a dict", _LIST_ADVICE, index)
    try:
        return {key: to_json(part, key) for key, part in item.items()}
    except NotJson as error:
        raise WrongShape(str(error), error.advice, index) from None


def _named(value: Any) -> str:
    if value is None:
        return "nothing"
    article = "an" if type(value).__name__[:1] in "aeiou" else "a"
    return f"{article} {type(value).__name__}"
