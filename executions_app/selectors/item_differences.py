"""What one turn of a node put out in two runs, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from executions_app.models import Execution, NodeRun
from executions_app.selectors.data_view import both_shortened, shortened
from executions_app.selectors.node_panel import decoded_error
from executions_app.selectors.outputs import node_outputs
from pumpflix.lib.differences import differences

Kind = Literal["changed", "only-here", "only-there"]
MOST_ITEMS = 100
MOST_PLACES = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A turn of a run; None where the node did not run in it."""

    execution: Execution
    turn: NodeRun | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One place within an item, with short texts of both values."""

    path: str
    kind: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ItemDifference:
    """`number` counts from 1. `is_cut`: there are more places than shown."""

    number: int
    kind: Kind
    cells: list[Cell]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class ItemsDiff:
    """`totals` are items before and after; `items` the first `MOST_ITEMS` that differ, of `different`. `errors` are
    what the turn failed with."""

    turn: int
    output: int
    totals: tuple[int, int]
    same: int
    different: int
    items: list[ItemDifference]
    errors: tuple[str, str]

    @property
    def turn_number(self) -> int:
        return self.turn + 1

    @property
    def hidden(self) -> int:
        return self.different - len(self.items)


def items_diff(there: Place, here: Place, *, turn: int = 0) -> ItemsDiff:
    """Items are paired by their number. Of several outputs the first that differs."""
    before, after = outputs_of(there), outputs_of(here)
    output = first_different(before, after)
    old, new = output_at(before, output), output_at(after, output)
    found: list[ItemDifference] = []
    different = 0
    for place in range(max(len(old), len(new))):
        one = item_difference(place, old, new) if len(found) < MOST_ITEMS else None
        if one is not None:
            found.append(one)
        different += one is not None or (len(found) >= MOST_ITEMS and is_different(place, old, new))
    return ItemsDiff(
        turn=turn,
        output=output,
        totals=(len(old), len(new)),
        same=max(len(old), len(new)) - different,
        different=different,
        items=found,
        errors=(error_of(there), error_of(here)),
    )


def outputs_of(place: Place) -> list[list[Any]]:
    if place.turn is None:
        return []
    return node_outputs(place.execution, whole(place))


def whole(place: Place) -> NodeRun:
    """With what was left out when the turns were listed."""
    assert place.turn is not None
    return NodeRun.objects.get(execution=place.execution, node=place.turn.node, run_index=place.turn.run_index)


def error_of(place: Place) -> str:
    return "" if place.turn is None else str(decoded_error(whole(place)).get("message") or "")


def first_different(before: list[list[Any]], after: list[list[Any]]) -> int:
    count = max(len(before), len(after), 1)
    differing = (one for one in range(count) if jsons(output_at(before, one)) != jsons(output_at(after, one)))
    filled = (one for one in range(count) if output_at(before, one) or output_at(after, one))
    return next(differing, next(filled, 0))


def output_at(outputs: list[list[Any]], place: int) -> list[Any]:
    return outputs[place] if place < len(outputs) else []


def jsons(items: list[Any]) -> list[Any]:
    return [content(item) for item in items]


def content(item: Mapping[str, Any]) -> dict[str, Any]:
    """What an item holds: its fields, and its files by name, size and kind."""
    files = {name: bare_file(meta) for name, meta in (item.get("binary") or {}).items()}
    return {**(item.get("json") or {}), **({"binary": files} if files else {})}


def bare_file(meta: Any) -> Any:
    if not isinstance(meta, Mapping):
        return meta
    return {key: meta.get(key) for key in ("fileName", "mimeType", "fileSize", "id")}


def is_different(place: int, old: list[Any], new: list[Any]) -> bool:
    if place >= len(old) or place >= len(new):
        return True
    return content(old[place]) != content(new[place])


def item_difference(place: int, old: list[Any], new: list[Any]) -> ItemDifference | None:
    if place >= len(old) or place >= len(new):
        is_here = place < len(new)
        item = content(new[place] if is_here else old[place])
        kind: Kind = "only-here" if is_here else "only-there"
        return ItemDifference(place + 1, kind, [alone(item, is_here=is_here)])
    found = list(islice(differences(content(old[place]), content(new[place])), MOST_PLACES + 1))
    cells = [Cell(one.path, one.kind, *both_shortened(one.before, one.after)) for one in found[:MOST_PLACES]]
    return ItemDifference(place + 1, "changed", cells, len(found) > MOST_PLACES) if found else None


def alone(item: dict[str, Any], *, is_here: bool) -> Cell:
    text = shortened(item)
    return Cell("", "added" if is_here else "removed", "" if is_here else text, text if is_here else "")
