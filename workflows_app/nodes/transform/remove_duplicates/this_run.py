"""Comparing the items of one run: each compared field must be in every item, and of one type."""

from collections.abc import Iterator
from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.nodes.transform.remove_duplicates.params import RemoveDuplicatesParams
from workflows_app.toolkit import paths
from workflows_app.toolkit.compare import type_of
from workflows_app.toolkit.joins import exact_key


def unique(items: Items, params: RemoveDuplicatesParams, version: float) -> Items:
    """The first of those that are the same, in the order of the input. Raises ParameterError where no field is named,
    where one is missing, or where its type varies."""
    dotted = params.compare == "allFields" or not params.options.disable_dot_notation
    keys = compared_keys(items, params)
    rows = [[paths.read(item.json, key, dotted=dotted) for key in keys] for item in items]
    for number, key in enumerate(keys):
        check_column(key, [row[number] for row in rows], null_fits=version >= 1.1)
    seen: set[tuple[str, ...]] = set()
    kept = []
    for item, row in zip(items, rows, strict=True):
        key_of_row = tuple(map(exact_key, row))
        if key_of_row not in seen:
            seen.add(key_of_row)
            kept.append(item if not params.options.remove_other_fields else only_compared(item, params))
    return kept


def compared_keys(items: Items, params: RemoveDuplicatesParams) -> list[str]:
    """All fields are those of all items; all but some are, where dots count, those of the first item."""
    if params.compare == "selectedFields":
        return chosen_names(params.fields_to_compare)
    if params.compare == "allFields":
        return list(dict.fromkeys(path for item in items for path in leaves(item.json)))
    unwanted = chosen_names(params.fields_to_exclude)
    if params.options.disable_dot_notation:
        return list(dict.fromkeys(name for item in items for name in item.json if name not in unwanted))
    first = [path for item in items[:1] for path in leaves(without(item.json, unwanted, dotted=True))]
    return list(dict.fromkeys(first))


def chosen_names(entered: Any) -> list[str]:
    names = paths.names(entered)
    if not names:
        raise ParameterError("No field is named.", hint="Enter the names of fields, separated by commas.")
    return names


def leaves(value: Any, prefix: str = "") -> Iterator[str]:
    """Paths of all that is neither an object nor a list."""
    if not isinstance(value, dict | list):
        yield prefix
        return
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in members:
        yield from leaves(inner, f"{prefix}.{name}" if prefix else str(name))


def check_column(key: str, values: list[Any], *, null_fits: bool) -> None:
    if any(value is paths.MISSING for value in values):
        raise ParameterError(
            f"'{key}' field is missing from some input items", hint="Compare other fields, or fill it in before."
        )
    looked_at = [value for value in values if value is not None] if null_fits else values
    kinds = {"object" if type_of(value) in ("array", "null") else type_of(value) for value in looked_at}
    if len(kinds) > 1:
        raise ParameterError(f"'{key}' isn't always the same type", hint="Bring the field to one type before.")


def only_compared(item: Item, params: RemoveDuplicatesParams) -> Item:
    dotted = not params.options.disable_dot_notation
    if params.compare == "allFields":
        return item
    if params.compare == "selectedFields":
        json = selected(item.json, chosen_names(params.fields_to_compare), dotted=dotted)
    else:
        json = without(item.json, chosen_names(params.fields_to_exclude), dotted=dotted)
    return Item(json=json, binary=item.binary, paired=item.paired)


def selected(json: JsonObject, names: list[str], *, dotted: bool) -> JsonObject:
    out: JsonObject = {}
    for name in names:
        value = paths.read(json, name, dotted=dotted)
        if value is not paths.MISSING:
            paths.write(out, name, value, dotted=dotted)
    return out


def without(json: JsonObject, names: list[str], *, dotted: bool) -> JsonObject:
    out = dict(json)
    for name in names:
        paths.remove(out, name, dotted=dotted)
    return out
