"""Two runs of one workflow, node by node: what is the same, what differs, what took longer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import CharField, Func, QuerySet
from django.utils.safestring import SafeString, mark_safe

from executions_app.models import Execution, NodeRun
from executions_app.selectors.item_differences import ItemsDiff, Place, items_diff
from executions_app.selectors.one_moment import one_moment
from executions_app.selectors.run_words import MODE_LABELS, delta_text, duration_text, milliseconds_text
from pumpflix.lib.drawing import DrawnNode, graph
from workflows_app.selectors.definition_diff import DefinitionDiff, definition_diff
from workflows_app.selectors.scenes import scene_of

Verdict = Literal["same", "changed", "only-here", "only-there"]
MOST_CHOICES = 30


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs. `duration_ms` is None while it goes on."""

    id: UUID
    status: str
    mode_label: str
    created_at: datetime
    version: int
    duration: str
    duration_ms: float | None
    error_text: str


@dataclass(frozen=True, slots=True)
class NodeComparison:
    """One node in both runs; the values of a run it did not run in are None and empty. `reasons` name what differs."""

    id: str
    name: str
    icon: str
    verdict: Verdict
    statuses: tuple[str, str]
    items: tuple[int | None, int | None]
    took: tuple[str, str]
    took_ms: tuple[float | None, float | None]
    delta: str
    reasons: list[str]
    is_redefined: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """`there` is the run compared with, `here` the one that is looked at. `definition` is None where both ran the same
    version; `opened` the items of one node, `node` its name."""

    here: Side
    there: Side
    nodes: list[NodeComparison]
    delta: str
    definition: DefinitionDiff | None
    svg: SafeString
    node: str
    opened: ItemsDiff | None

    @property
    def counts(self) -> dict[str, int]:
        kinds = ("same", "changed", "only-here", "only-there")
        return {kind: sum(node.verdict == kind for node in self.nodes) for kind in kinds}

    @property
    def redefined(self) -> list[str]:
        return [node.node for node in self.definition.working] if self.definition else []

    @property
    def sides(self) -> tuple[Side, Side]:
        """As they are read: the other run, then this one."""
        return self.there, self.here


@dataclass(frozen=True, slots=True)
class Turns:
    """What one run has on record of one node, in the order of its turns."""

    rows: list[NodeRun]

    @property
    def status(self) -> str:
        return self.rows[-1].status if self.rows else ""

    @property
    def took_ms(self) -> float | None:
        return sum(row.duration_ms or 0.0 for row in self.rows) if self.rows else None

    @property
    def items(self) -> int | None:
        return sum(sum(row.items_out) for row in self.rows) if self.rows else None


def compare(here: Execution, there: Execution, *, address: str = "", sprite: str = "", node: str = "") -> Comparison:
    """`address` is the page's own, to which `&node=` is added. Without a node, the first that differs is opened."""
    with one_moment():
        ours, theirs = turns_by_node(here), turns_by_node(there)
    definition = None
    if here.version_id != there.version_id:
        definition = definition_diff(there.version.graph, here.version.graph)
    scene = scene_of(united(here.version.graph, there.version.graph))
    drawn = {one.label: one for one in scene.nodes}
    found = [
        node_comparison(name, Turns(theirs.get(name, [])), Turns(ours.get(name, [])), drawn.get(name), definition)
        for name in dict.fromkeys([*ours, *theirs])
    ]
    verdicts = {one.name: one.verdict for one in found}
    looks = tuple(replace(one, status=verdicts.get(one.label, "")) for one in scene.nodes)
    svg = graph(replace(scene, nodes=looks), title="Both runs", sprite=sprite, href=to_node(address))
    opened = node if node in verdicts else first_difference(found)
    sides = side(here), side(there)
    return Comparison(
        here=sides[0],
        there=sides[1],
        nodes=found,
        delta=delta_text(sides[1].duration_ms, sides[0].duration_ms),
        definition=definition,
        svg=mark_safe(svg),  # noqa: S308 - the drawing escapes every value
        node=opened,
        opened=opened_items(here, there, theirs.get(opened, []), ours.get(opened, [])) if opened else None,
    )


def to_node(address: str) -> Callable[[DrawnNode], str]:
    return lambda one: f"{address}&{urlencode({'node': one.label})}#items"


def turns_by_node(execution: Execution) -> dict[str, list[NodeRun]]:
    """Turns in the order they ran, each with the digest of what it put out instead of the output."""
    digest = Func("output", function="md5", output_field=CharField())
    rows = NodeRun.objects.filter(execution=execution).defer("output", "context", "error")
    found: dict[str, list[NodeRun]] = {}
    for row in rows.annotate(digest=digest).order_by("order"):
        found.setdefault(row.node, []).append(row)
    return found


def put_out(row: Any) -> tuple[Any, ...]:
    return (row.status, list(row.items_out), row.output_ref, row.digest)


def node_comparison(
    name: str, before: Turns, after: Turns, drawn: DrawnNode | None, definition: DefinitionDiff | None
) -> NodeComparison:
    took = before.took_ms, after.took_ms
    redefined = definition.of(name) if definition else None
    return NodeComparison(
        id=drawn.id if drawn else name,
        name=name,
        icon=drawn.icon if drawn else "n-unknown",
        verdict=verdict_of(before, after),
        statuses=(before.status, after.status),
        items=(before.items, after.items),
        took=(shown_ms(took[0]), shown_ms(took[1])),
        took_ms=took,
        delta=delta_text(*took),
        reasons=reasons_of(before, after),
        is_redefined=redefined is not None and redefined.change != "moved",
    )


def verdict_of(before: Turns, after: Turns) -> Verdict:
    if not before.rows:
        return "only-here"
    if not after.rows:
        return "only-there"
    same = [put_out(row) for row in before.rows] == [put_out(row) for row in after.rows]
    return "same" if same else "changed"


def reasons_of(before: Turns, after: Turns) -> list[str]:
    """Words of what differs: `status`, `turns`, `items`, `values`."""
    if not before.rows or not after.rows:
        return []
    checks = {
        "status": before.status != after.status,
        "turns": len(before.rows) != len(after.rows),
        "items": before.items != after.items,
    }
    found = [word for word, differs in checks.items() if differs]
    return found or (["values"] if verdict_of(before, after) == "changed" else [])


def opened_items(here: Execution, there: Execution, before: list[NodeRun], after: list[NodeRun]) -> ItemsDiff:
    """The first turn that differs, or the first one."""
    pairs = range(max(len(before), len(after)))
    differing = (place for place in pairs if key_at(before, place) != key_at(after, place))
    turn = next(differing, 0)
    return items_diff(Place(there, turn_at(before, turn)), Place(here, turn_at(after, turn)), turn=turn)


def turn_at(rows: Sequence[NodeRun], place: int) -> NodeRun | None:
    return rows[place] if place < len(rows) else None


def key_at(rows: Sequence[NodeRun], place: int) -> tuple[Any, ...] | None:
    row = turn_at(rows, place)
    return put_out(row) if row else None


def first_difference(found: Sequence[NodeComparison]) -> str:
    """What tells most: a node that ended otherwise, else one that is defined otherwise, else one that put out something
    else. Of several the first; a trigger differs by its time alone, so it comes last."""
    differing = [one for one in found if one.verdict != "same"]
    later = [*differing[1:], *differing[:1]] if found and differing and differing[0] is found[0] else differing
    ranked = sorted(later, key=lambda one: (one.statuses[0] == one.statuses[1], not one.is_redefined))
    return ranked[0].name if ranked else found[0].name if found else ""


def side(execution: Execution) -> Side:
    start, end = execution.started_at, execution.finished_at
    return Side(
        id=execution.pk,
        status=execution.status,
        mode_label=MODE_LABELS.get(execution.mode, execution.mode),
        created_at=execution.created_at,
        version=execution.version.number,
        duration=duration_text(start, end),
        duration_ms=(end - start).total_seconds() * 1000 if start and end else None,
        error_text=execution.error_text,
    )


def shown_ms(value: float | None) -> str:
    return "" if value is None else milliseconds_text(value)


def united(here: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """The graph of `here` with the nodes that only `there` has, and the wires on them."""
    nodes = list(here.get("nodes") or [])
    names = {node.get("name") for node in nodes}
    lost = [node for node in there.get("nodes") or [] if node.get("name") not in names]
    if not lost:
        return dict(here)
    extra = {node.get("name") for node in lost}
    wires = {name: dict(kinds) for name, kinds in (here.get("connections") or {}).items()}
    for name, kinds in (there.get("connections") or {}).items():
        for kind, outputs in kinds.items():
            wires.setdefault(name, {})
            wires[name][kind] = merged(wires[name].get(kind) or [], outputs or [], extra, is_new=name in extra)
    return {**here, "nodes": [*nodes, *({**node, "id": node.get("name")} for node in lost)], "connections": wires}


def merged(have: list[Any], more: list[Any], extra: set[Any], *, is_new: bool) -> list[Any]:
    found = [list(output or []) for output in have]
    for place, output in enumerate(more):
        found.extend([] for _ in range(place + 1 - len(found)))
        found[place] += [wire for wire in output or [] if is_new or wire.get("node") in extra]
    return found


def last_success(execution: Execution) -> Execution | None:
    """The newest run of its workflow before it that succeeded; the newest other one where there is none before."""
    rows = comparable(execution).filter(status="success")
    before = rows.filter(created_at__lte=execution.created_at).first()
    return before or rows.first()


def choices(execution: Execution) -> list[Side]:
    """The newest other runs of its workflow."""
    return [side(row) for row in comparable(execution).defer("version__graph")[:MOST_CHOICES]]


def comparable(execution: Execution) -> QuerySet[Execution]:
    rows = Execution.objects.kept().filter(workflow_id=execution.workflow_id).exclude(pk=execution.pk)
    rows = rows.filter(mode="sample") if execution.mode == "sample" else rows.exclude(mode="sample")
    return rows.select_related("version").order_by("-created_at", "-id")
