"""The shape of items: which fields there are, of which kinds, in how many of them. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows_app.toolkit.compare import type_of

IN_WORDS = {"string": "text", "array": "list"}
"""What the pages call the types that JSON has, where they do not use JSON's names."""

READ_ITEMS = 1_000
MOST_FIELDS = 300
DEEPEST = 6
LISTED = 5


@dataclass(frozen=True)
class SchemaField:
    """`path` names the field from the item on, `[]` standing for every entry of a list; `share` is the percentage of
    the items read that have it."""

    path: str
    kinds: str
    share: int
    depth: int

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


def schema_of(items: Sequence[Mapping[str, Any]]) -> list[SchemaField]:
    """Fields in the order they are first seen, nested ones below theirs; from the first `READ_ITEMS` items."""
    read = items[:READ_ITEMS]
    kinds: dict[str, Counter[str]] = {}
    held: Counter[str] = Counter()
    for item in read:
        seen: set[str] = set()
        walk(item.get("json"), "", 0, kinds, seen)
        held.update(seen)
    paths = sorted(kinds, key=lambda path: order_of(path, list(kinds)))[:MOST_FIELDS]
    return [
        SchemaField(
            path, " or ".join(sorted(kinds[path])), round(100 * held[path] / len(read)), path.count(".")
        )
        for path in paths
    ]  # fmt: skip


def walk(value: Any, path: str, depth: int, kinds: dict[str, Counter[str]], seen: set[str]) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            note(inner, f"{path}.{key}" if path else str(key), depth, kinds, seen)
    elif isinstance(value, list):
        for inner in value[:LISTED]:
            walk(inner, f"{path}[]", depth, kinds, seen)


def note(value: Any, path: str, depth: int, kinds: dict[str, Counter[str]], seen: set[str]) -> None:
    if path not in kinds and len(kinds) >= MOST_FIELDS:
        return
    kinds.setdefault(path, Counter())[kind_of(value)] += 1
    seen.add(path)
    if depth < DEEPEST:
        walk(value, path, depth + 1, kinds, seen)


def order_of(path: str, known: list[str]) -> list[int]:
    """Where a field stands: after its holder, beside its neighbours."""
    places = {name: place for place, name in enumerate(known)}
    parts = path.split(".")
    heads = [".".join(parts[: count + 1]) for count in range(len(parts))]
    return [places.get(head, places.get(head.removesuffix("[]"), 0)) for head in heads]


def kind_of(value: Any) -> str:
    name = type_of(value)
    return IN_WORDS.get(name, name)
