"""Joining lists of items: finding matches by fields, and melting two items into one."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Binary, Item, Items, JsonObject, PairedItem
from workflows_app.toolkit import paths
from workflows_app.toolkit.compare import json_text, loosely_equal, type_of

MAX_COMPARISONS = 20_000_000
"""Loose comparison has no index: rows times rows are looked at, and the author is told when that is too many."""

Clash = Literal["prefer_first", "prefer_last", "suffix"]


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A field of the left list and the field of the right list it must equal."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class MatchRules:
    dotted: bool = True
    loose: bool = False
    first_only: bool = False


@dataclass(slots=True)
class Matches:
    """`matched` has each left item with its right items; the other lists keep the input order."""

    matched: list[tuple[Item, Items]] = field(default_factory=list)
    right_matched: Items = field(default_factory=list)
    left_only: Items = field(default_factory=list)
    right_only: Items = field(default_factory=list)


def match_items(left: Items, right: Items, keys: Sequence[KeyPair], rules: MatchRules) -> Matches:
    """Pair up items whose key fields are equal. An item that lacks a key field matches nothing."""
    find = finder(right, keys, rules)
    found = Matches()
    used: set[int] = set()
    for item in left:
        wanted = [paths.read(item.json, key.left, dotted=rules.dotted) for key in keys]
        places = [] if any(value is paths.MISSING for value in wanted) else find(wanted)
        if rules.first_only:
            places = places[:1]
        used.update(places)
        if places:
            found.matched.append((item, [right[place] for place in places]))
        else:
            found.left_only.append(item)
    found.right_matched = [item for place, item in enumerate(right) if place in used]
    found.right_only = [item for place, item in enumerate(right) if place not in used]
    return found


def finder(right: Items, keys: Sequence[KeyPair], rules: MatchRules) -> Callable[[list[Any]], list[int]]:
    """Where in the right list the items with these key values are; by index for exact comparison."""
    rows = [[paths.read(item.json, key.right, dotted=rules.dotted) for key in keys] for item in right]
    if rules.loose:
        budget = [MAX_COMPARISONS]

        def search(wanted: list[Any]) -> list[int]:
            budget[0] -= len(rows)
            if budget[0] < 0:
                raise ParameterError(
                    "These lists are too long for a fuzzy comparison.",
                    hint="Switch the fuzzy comparison off and bring both fields to one type first.",
                )
            return [place for place, row in enumerate(rows) if all(map(fits, wanted, row))]

        return search
    index: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(rows):
        if paths.MISSING not in row:
            index.setdefault(tuple(map(exact_key, row)), []).append(place)
    return lambda wanted: index.get(tuple(map(exact_key, wanted)), [])


def fits(wanted: Any, value: Any) -> bool:
    return loosely_equal(wanted, None if value is paths.MISSING else value)


def exact_key(value: Any) -> str:
    """Text that is the same for equal values only, types included, whatever the order of an object's fields."""
    return f"{type_of(value)}:{json_text(ordered(value))}"


def ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(entry) for entry in value] if isinstance(value, list) else value


def check_fields(
    items: Items, names: Sequence[str], label: str, *, dotted: bool, may_be_empty: bool = True
) -> None:  # fmt: skip
    """Raises ParameterError for a field that no item of the list has; an empty list, where it may be one, has nothing
    to check."""
    for name in names:
        if (items or not may_be_empty) and all(
            paths.read(item.json, name, dotted=dotted) is paths.MISSING for item in items
        ):
            raise ParameterError(
                f"No item of {label} has a field '{name}'.", hint="Check the spelling of the field to match."
            )


# melting items ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class MeltRules:
    clash: Clash = "prefer_last"
    deep: bool = True
    fill_empty: bool = False


def melt(items: Sequence[Item], rules: MeltRules, suffixes: Sequence[str] = ()) -> Item:
    """One item with the fields and files of all, paired with all. With clash `suffix` every field gets its list's
    suffix."""
    parts = list(items)
    if rules.clash == "suffix":
        marks = suffixes or [str(number + 1) for number in range(len(parts))]
        parts = [suffixed(item, mark) for item, mark in zip(parts, marks, strict=False)]
    ranked = list(reversed(parts)) if rules.clash == "prefer_first" else parts
    json: JsonObject = {}
    binary: dict[str, Binary] = {}
    for item in ranked:
        merge_json(json, item.json, deep=rules.deep, fill_empty=rules.fill_empty)
        binary.update(item.binary)
    return Item(json=json, binary=binary, paired=all_pairs(items))


def suffixed(item: Item, suffix: str) -> Item:
    return Item(
        json={f"{name}_{suffix}": value for name, value in item.json.items()},
        binary={f"{name}_{suffix}": value for name, value in item.binary.items()},
        paired=item.paired,
    )


def all_pairs(items: Sequence[Item]) -> tuple[PairedItem, ...]:
    return tuple(dict.fromkeys(pair for item in items for pair in item.paired or ()))


def merge_json(target: JsonObject, source: JsonObject, *, deep: bool, fill_empty: bool) -> None:
    """Write `source` over `target`. Deep: nested objects and lists are merged entry by entry, and an object never
    replaces a list. `fill_empty`: null and empty text never replace a value."""
    for name, value in source.items():
        old = target.get(name)
        if fill_empty and name in target and (value is None or value == ""):
            continue
        if deep and isinstance(old, dict) and isinstance(value, dict):
            merge_json(old, value, deep=True, fill_empty=fill_empty)
        elif deep and isinstance(old, list) and isinstance(value, list):
            target[name] = merged_lists(old, value, fill_empty=fill_empty)
        elif deep and isinstance(old, list) and isinstance(value, dict):
            continue
        else:
            target[name] = copy.deepcopy(value) if deep and isinstance(value, dict | list) else value


def merged_lists(old: list[Any], new: list[Any], *, fill_empty: bool) -> list[Any]:
    out = list(old)
    for place, value in enumerate(new):
        if place >= len(out):
            out.append(copy.deepcopy(value))
        elif isinstance(out[place], dict) and isinstance(value, dict):
            merge_json(out[place], value, deep=True, fill_empty=fill_empty)
        elif isinstance(out[place], list) and isinstance(value, list):
            out[place] = merged_lists(out[place], value, fill_empty=fill_empty)
        else:
            out[place] = copy.deepcopy(value)
    return out
