"""Runs that take over part of a former run: up to one node, one node alone, on from a failed turn, or from any turn
with other items. What is taken over is replayed as after a crash, so joins and loops stand where they stood."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.plan import Compiled
from workflows_app.engine.workflow import Node, Workflow

# What a node looks like, or is called beside its name, makes no difference to what it puts out.
LOOKS = frozenset({"id", "position", "notes", "notesInFlow", "color", "webhookId"})
RULES = ("executionOrder", "timezone")


@dataclass(frozen=True, slots=True)
class Ran:
    """One turn on record. `items_out` has a count per output; `failed`: the run ended with it."""

    node: str
    run_index: int
    order: int
    items_out: tuple[int, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Takeover:
    """Which turns a new run takes over. `stale` are nodes among them whose output the present graph would make anew;
    `live` the nodes that can run now. `allowed`, where given, are the only nodes that may."""

    taken: tuple[Ran, ...]
    stale: frozenset[str] = frozenset()
    live: frozenset[str] = frozenset()
    allowed: frozenset[str] | None = None


def changed_nodes(before: Workflow, now: Workflow) -> frozenset[str]:
    """Nodes of `now` that may put out something else than in `before`: other contents, wires in, or pinned data. All
    of them where the order of execution or the time zone is another."""
    if any(before.settings.get(rule) != now.settings.get(rule) for rule in RULES):
        return frozenset(now.by_name)
    wires = (wires_in(before), wires_in(now))
    return frozenset(
        name
        for name, node in now.by_name.items()
        if name not in before.by_name
        or essence(before.by_name[name]) != essence(node)
        or wires[0].get(name) != wires[1].get(name)
        or before.pin_data.get(name) != now.pin_data.get(name)
    )


def essence(node: Node) -> JsonObject:
    return {key: value for key, value in node.raw.items() if key not in LOOKS and value not in (None, False, "", {})}


def wires_in(workflow: Workflow) -> dict[str, set[tuple[str, int, int, str]]]:
    found: dict[str, set[tuple[str, int, int, str]]] = {}
    for wire in workflow.connections:
        found.setdefault(wire.target, set()).add((wire.source, wire.source_index, wire.target_index, wire.type))
    return found


def up_to(compiled: Compiled, destination: str, ran: Collection[Ran], changed: Collection[str], start: str) -> Takeover:
    """Run to a node: it runs, with every node before it that changed, failed or never got its turn, and all that
    follow from those. Raises UserError for a node that is not there."""
    before = leading_to(compiled, destination)
    turns = [one for one in ran if one.node in before]
    have = {one.node for one in turns}
    first = {destination} | {name for name in before if name in changed} | {one.node for one in turns if one.failed}
    first |= {name for name in before if name not in have and is_fed(compiled, name, turns, start)}
    live = downstream(compiled, first)
    return Takeover(tuple(one for one in turns if one.node not in live), live=frozenset(live & before))


def alone(compiled: Compiled, node: str, ran: Collection[Ran], changed: Collection[str]) -> Takeover:
    """Run one node on what the nodes before it put out last, be it stale. Raises UserError where that is nothing."""
    before = leading_to(compiled, node)
    turns = [one for one in ran if one.node in before and one.node != node and not one.failed]
    if compiled.graph.parents(node) and not is_fed(compiled, node, turns, ""):
        raise nothing_known(node)
    have = frozenset(one.node for one in turns)
    stale = downstream(compiled, {name for name in changed if name in before and name != node}) & have
    return Takeover(tuple(turns), frozenset(stale), frozenset({node}), have | {node})


def nothing_known(node: str) -> UserError:
    return UserError(
        f"Nothing is known yet of what goes into '{node}'.",
        code="input_missing",
        hint="Run the workflow up to this node, or pin data on the node before it.",
    )


def after_failure(compiled: Compiled, ran: Collection[Ran], changed: Collection[str]) -> Takeover:
    """Go on from the turn that failed. Nodes that changed since run again, with all that follow from them. Raises
    UserError where nothing failed."""
    failed = [one for one in ran if one.failed]
    if not failed:
        raise UserError("No node of this run failed.", code="nothing_failed", hint="Run it again as a whole.")
    again = downstream(compiled, {name for name in changed if name in compiled.nodes})
    taken = tuple(one for one in ran if not one.failed and one.node not in again and one.node in compiled.nodes)
    return Takeover(taken, live=frozenset({failed[-1].node, *again}))


def from_turn(compiled: Compiled, at: tuple[str, int], ran: Collection[Ran], changed: Collection[str]) -> Takeover:
    """Fork at a turn: what does not follow from it is taken over, as is what came before it in a loop. Nodes that
    changed since run again. Raises UserError for a turn that is not on record."""
    node, run_index = at
    turn = next((one for one in ran if (one.node, one.run_index) == at), None)
    if node not in compiled.nodes or turn is None:
        raise UserError(
            f"This run has no turn {run_index} of '{node}'.", code="no_such_turn", hint="Choose a node that has run."
        )
    again = downstream(compiled, {name for name in changed if name in compiled.nodes})
    follows = downstream(compiled, {node})
    taken = tuple(
        one
        for one in ran
        if not one.failed
        and one.node in compiled.nodes
        and one.node not in again
        and (one.node not in follows or one.order < turn.order)
    )
    return Takeover(taken, live=frozenset(follows | again))


def leading_to(compiled: Compiled, name: str) -> frozenset[str]:
    if name not in compiled.nodes:
        raise UserError(f"There is no node named '{name}' in this workflow.", code="no_such_node")
    return frozenset({name, *compiled.ancestors(name)})


def downstream(compiled: Compiled, names: Iterable[str]) -> set[str]:
    """The nodes themselves and all that can be reached from them."""
    found = set(names)
    for name in list(found):
        found.update(compiled.graph.reachable(name))
    return found


def is_fed(compiled: Compiled, name: str, turns: Collection[Ran], start: str) -> bool:
    """Whether something on record puts items into that node; the start needs nothing."""
    if name == start:
        return True
    filled = {(one.node, output) for one in turns for output, count in enumerate(one.items_out) if count}
    wires = (wire for incoming in compiled.graph.incoming[name] for wire in incoming)
    return any((wire.source, wire.source_index) in filled for wire in wires)
