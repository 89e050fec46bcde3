"""Where one item of a run came from and what became of it: the links that items carry, followed through all nodes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from executions_app.models import Execution, NodeRun
from executions_app.selectors.outputs import node_outputs, read_source
from workflows_app.engine.items import read_pairs

MOST_BYTES = 32 * 1024 * 1024
MOST_SPOTS = 20_000


class Slot(NamedTuple):
    """One output of one turn of a node."""

    node: str
    run: int
    output: int


class Spot(NamedTuple):
    """One item on a slot; `item` counts from 0."""

    slot: Slot
    item: int


@dataclass(slots=True)
class Lineage:
    """`reached` are items by slot, that of `spot` among them; `order` the turn of each slot in the run. `broken` names
    nodes whose items do not say where they came from. `is_cut`: the run is too large to follow every link."""

    spot: Spot
    reached: dict[Slot, set[int]] = field(default_factory=dict)
    order: dict[Slot, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    is_cut: bool = False
    count: int = 0

    def add(self, spot: Spot, order: int) -> bool:
        """False where it is known already."""
        items = self.reached.setdefault(spot.slot, set())
        self.order[spot.slot] = order
        if spot.item in items:
            return False
        items.add(spot.item)
        self.count += 1
        return True

    def tell(self, node: str) -> None:
        if node not in self.broken:
            self.broken.append(node)

    @property
    def places(self) -> list[dict[str, Any]]:
        """Items by turn and output, in the order the turns ran."""
        slots = sorted(self.reached, key=lambda slot: (self.order[slot], slot.output))
        return [
            {"node": slot.node, "run_index": slot.run, "output": slot.output, "items": sorted(self.reached[slot])}
            for slot in slots
        ]

    @property
    def nodes(self) -> set[str]:
        return {slot.node for slot in self.reached}


def spot_in(text: str) -> Spot | None:
    """`node|run|output|item`, as an address says it; None for anything else."""
    node, *numbers = text.rsplit("|", 3)
    if len(numbers) != 3 or not all(number.isascii() and number.isdigit() and len(number) < 9 for number in numbers):
        return None
    run, output, item = map(int, numbers)
    return Spot(Slot(node, run, output), item)


def spot_text(spot: Spot) -> str:
    return f"{spot.slot.node}|{spot.slot.run}|{spot.slot.output}|{spot.item}"


def lineage(execution: Execution, spot: Spot) -> Lineage | None:
    """None where the run has no such item."""
    return Trail(execution).follow(spot)


class Trail:
    """The turns of one run, with outputs read as they are needed."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        rows = NodeRun.objects.filter(execution=execution).defer("output", "context", "error").order_by("order")
        self._turns = {(row.node, row.run_index): row for row in rows}
        self._outputs: dict[tuple[str, int], list[list[Any]]] = {}
        self._left = MOST_BYTES

    def follow(self, spot: Spot) -> Lineage | None:
        found = Lineage(spot)
        turn = self._turns.get(spot.slot[:2])
        if turn is None or self.item_at(spot) is None:
            return None
        found.add(spot, turn.order)
        self.back(found)
        self.forth(found, turn.order)
        return found

    def back(self, found: Lineage) -> None:
        """Every item it was made of."""
        to_do = [found.spot]
        while to_do and not self.is_over(found):
            spot = to_do.pop()
            for parent in self.parents(spot, found):
                turn = self._turns.get(parent.slot[:2])
                if turn is None or self.item_at(parent) is None:
                    found.tell(spot.slot.node)
                elif found.add(parent, turn.order):
                    to_do.append(parent)

    def parents(self, spot: Spot, found: Lineage) -> list[Spot]:
        turn = self._turns[spot.slot[:2]]
        sources = [read_source(source) for source in turn.sources or []]
        if not any(source[0] for source in sources):
            return []
        pairs = read_pairs((self.item_at(spot) or {}).get("pairedItem"))
        if not pairs:
            found.tell(spot.slot.node)
            return []
        known = [pair for pair in pairs if pair.input < len(sources) and sources[pair.input][0]]
        if len(known) < len(pairs):
            found.tell(spot.slot.node)
        return [Spot(slot_of(sources[pair.input]), pair.item) for pair in known]

    def forth(self, found: Lineage, after: int) -> None:
        """Every item that was made of it. Turns come in the order they ran, so one pass is enough."""
        down: dict[Slot, set[int]] = {found.spot.slot: {found.spot.item}}
        for turn in self._turns.values():
            if turn.order <= after or self.is_over(found):
                continue
            sources = [slot_of(read_source(source)) for source in turn.sources or []]
            if any(source in down for source in sources):
                self.take(turn, sources, down, found)

    def take(self, turn: NodeRun, sources: list[Slot], down: dict[Slot, set[int]], found: Lineage) -> None:
        for output, items in enumerate(self.outputs_of(turn)):
            slot = Slot(turn.node, turn.run_index, output)
            for place, item in enumerate(items):
                pairs = read_pairs(item.get("pairedItem"))
                if not pairs:
                    found.tell(turn.node)
                elif any(
                    pair.input < len(sources) and pair.item in down.get(sources[pair.input], ()) for pair in pairs
                ):
                    found.add(Spot(slot, place), turn.order)
                    down.setdefault(slot, set()).add(place)

    def is_over(self, found: Lineage) -> bool:
        if self._left < 0 or found.count > MOST_SPOTS:
            found.is_cut = True
        return found.is_cut

    def item_at(self, spot: Spot) -> Mapping[str, Any] | None:
        turn = self._turns.get(spot.slot[:2])
        outputs = self.outputs_of(turn) if turn else []
        items = outputs[spot.slot.output] if spot.slot.output < len(outputs) else []
        return items[spot.item] if spot.item < len(items) else None

    def outputs_of(self, turn: NodeRun) -> list[list[Any]]:
        key = (turn.node, turn.run_index)
        if key not in self._outputs:
            self._left -= turn.output_bytes
            row = NodeRun.objects.get(execution=self._execution, node=turn.node, run_index=turn.run_index)
            self._outputs[key] = node_outputs(self._execution, row)
        return self._outputs[key]


def slot_of(source: tuple[str, int, int]) -> Slot:
    node, output, run = source
    return Slot(node, run, output)
