"""The lineage of an item as pages show it: node by node, with a way to each item."""

from dataclasses import dataclass
from urllib.parse import urlencode

from executions_app.models import Execution, NodeRun
from executions_app.selectors.data_view import PAGE_ROWS
from executions_app.selectors.lineage import Lineage, Slot, lineage, spot_in, spot_text
from executions_app.selectors.node_panel import NodePanel
from executions_app.selectors.outputs import input_slot

MOST_LINKS = 12


@dataclass(frozen=True, slots=True)
class LineageLink:
    number: int
    href: str


@dataclass(frozen=True, slots=True)
class LineageRow:
    """`relation` is `before`, `here` or `after`; `more` items are not linked."""

    node: str
    relation: str
    links: list[LineageLink]
    more: int


@dataclass(frozen=True, slots=True)
class LineageView:
    """`marked` are numbers, from 1, of items in the opened table that belong to it."""

    node: str
    number: int
    rows: list[LineageRow]
    broken: list[str]
    is_cut: bool
    nodes: frozenset[str]
    marked: frozenset[int] = frozenset()


def lineage_view(
    execution: Execution, *, trace: str, keep: dict[str, str], panel: NodePanel | None
) -> LineageView | None:
    """`trace` is a spot as the address says it, `keep` what else belongs to the page's address. None where the run has
    no such item."""
    spot = spot_in(trace)
    found = lineage(execution, spot) if spot else None
    if found is None:
        return None
    return LineageView(
        node=found.spot.slot.node,
        number=found.spot.item + 1,
        rows=[row_of(found, slot, keep) for slot in sorted(found.reached, key=lambda one: (found.order[one], one))],
        broken=found.broken,
        is_cut=found.is_cut,
        nodes=frozenset(found.nodes),
        marked=marked_in(execution, found, panel),
    )


def row_of(found: Lineage, slot: Slot, keep: dict[str, str]) -> LineageRow:
    items = sorted(found.reached[slot])
    place = found.order[found.spot.slot]
    relation = "here" if slot == found.spot.slot else "before" if found.order[slot] < place else "after"
    links = [LineageLink(item + 1, href_of(found, slot, item, keep)) for item in items[:MOST_LINKS]]
    return LineageRow(slot.node, relation, links, len(items) - len(links))


def href_of(found: Lineage, slot: Slot, item: int, keep: dict[str, str]) -> str:
    query = {
        **keep,
        "node": slot.node,
        "turn": str(slot.run),
        "side": "output",
        "output": str(slot.output),
        "page": str(1 + item // PAGE_ROWS),
        "trace": spot_text(found.spot),
    }
    return f"?{urlencode(query)}#node-data"


def marked_in(execution: Execution, found: Lineage, panel: NodePanel | None) -> frozenset[int]:
    slot = opened_slot(execution, panel)
    return frozenset(item + 1 for item in found.reached.get(slot, ())) if slot else frozenset()


def opened_slot(execution: Execution, panel: NodePanel | None) -> Slot | None:
    """Where the items of the opened table were put out; None where no node did."""
    if panel is None:
        return None
    if panel.side == "output":
        output = next((tab.index for tab in panel.outputs if tab.is_open), 0)
        return Slot(panel.name, panel.run_index, output)
    turn = NodeRun.objects.filter(execution=execution, node=panel.name, run_index=panel.run_index).first()
    source = input_slot(execution, turn) if turn else None
    return Slot(source[0], source[2], source[1]) if source else None


def trace_base(execution: Execution, panel: NodePanel | None) -> str:
    """What the number of an item is added to, to name it as a spot; empty where it cannot be followed."""
    slot = opened_slot(execution, panel)
    return f"{slot.node}|{slot.run}|{slot.output}|" if slot else ""
