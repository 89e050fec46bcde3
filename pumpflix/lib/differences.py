"""What differs between two JSON values, place by place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["changed", "added", "removed"]
MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place (`order.lines[2].price`, empty for the whole) and what stands there before and after; None also where
    the value is missing, which `kind` tells."""

    path: str
    kind: Kind
    before: Any
    after: Any


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Places in the order of the keys before, then those that came. Lists are compared place by place."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from differences(before.get(key, MISSING), after.get(key, MISSING), joined(path, str(key)))
    elif isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            yield from differences(at(before, place), at(after, place), f"{path}[{place}]")
    elif before is MISSING:
        yield Difference(path, "added", None, after)
    elif after is MISSING:
        yield Difference(path, "removed", before, None)
    elif not same(before, after):
        yield Difference(path, "changed", before, after)


def same(before: Any, after: Any) -> bool:
    """Python takes `True` and `1` for equal, JSON does not."""
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


def at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else MISSING


def joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
