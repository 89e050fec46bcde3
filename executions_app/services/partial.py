"""Runs that take over turns of another: up to a node, one node alone, on from what failed, from any turn with other
items. The turns are copied, by reference where they are large; the runner replays them and goes on from there."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from executions_app.items_in import checked
from executions_app.models import Execution, NodeRun
from executions_app.models.execution import TERMINAL
from executions_app.services.control import mode_of, version_for
from executions_app.services.start import NewPayloads, encoded_items, pinned, start_manual_run
from executions_app.services.takeover import Written, store
from workflows_app import nodes
from workflows_app.engine import partial
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.partial import Ran, Takeover
from workflows_app.engine.plan import Compiled, compile_workflow, start_node
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.models import Workflow, WorkflowVersion
from workflows_app.services import versions

COPIED = ("trigger_items", "cassette_ref", "expires_at", "priority", "start_node")
Edit = Literal["input", "output"]


@dataclass(frozen=True, slots=True)
class Base:
    """The run to take turns from, and the graph to run now."""

    execution: Execution
    version: WorkflowVersion
    compiled: Compiled
    ran: tuple[Ran, ...]
    changed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run to a node would do: nodes that run, are pinned, or are taken from `base`, as they are or stale."""

    base: UUID | None
    live: list[str]
    pinned: list[str]
    taken: list[str]
    stale: list[str]


def run_to(
    workflow: Workflow,
    *,
    by: User,
    node: str,
    base: Execution | None = None,
    only: bool = False,
    dirty: Collection[str] = (),
) -> Execution:
    """Run the draft up to a node, or that node alone, on the data of a former run (the newest one if none is given).
    Nodes that changed since, and those in `dirty`, run again with what follows from them. Raises UserError."""
    base = base or newest_run(workflow)
    if base is None:
        if only:
            raise partial.nothing_known(node)
        return start_manual_run(workflow, by=by, destination=node)
    found = base_of(base, versions.snapshot(workflow, reason="run", by=by))
    takeover, start = to_node(found, node, only=only, dirty=dirty)
    execution = Execution(mode="manual", started_by=by, destination_node=node, **copied_fields(found))
    if start != base.start_node:
        execution.start_node, execution.trigger_items = start, None
    files = NewPayloads(base.team_id)
    if start not in {one.node for one in takeover.taken} and (given := pinned(found.compiled.workflow, start)):
        execution.trigger_items = encoded_items(given, files)
    return store(execution, takeover, files, kind="only" if only else "to", at=(node, 0))


def preview(
    workflow: Workflow, *, node: str, base: Execution | None = None, only: bool = False, dirty: Collection[str] = ()
) -> Preview:
    """What `run_to` would do with the draft as it is now; only the draft's version is stored. Raises UserError."""
    base = base or newest_run(workflow)
    if base is None:
        compiled = compile_workflow(Graph.from_n8n(workflow.graph), nodes.load())
        return shown(compiled, None, Takeover((), live=partial.leading_to(compiled, node)))
    found = base_of(base, versions.snapshot(workflow, reason="run"))
    takeover, _ = to_node(found, node, only=only, dirty=dirty)
    return shown(found.compiled, base.pk, takeover)


def retry_from_failed(execution: Execution, *, by: User, draft: bool = False) -> Execution:
    """A new run that takes over all that succeeded and goes on with the turn that failed; of the same version, or of
    the draft as it is now. Raises UserError where nothing failed."""
    found = base_of(execution, version_for(execution, by, draft=draft))
    takeover = partial.after_failure(found.compiled, found.ran, found.changed)
    failed = next(one for one in found.ran if one.failed)
    new = Execution(mode=mode_of(execution), started_by=by, **copied_fields(found))
    at = (failed.node, failed.run_index)
    return store(new, takeover, NewPayloads(execution.team_id), kind="retry", at=at)


def fork(  # noqa: PLR0913  keyword-only, one per question of the form
    execution: Execution,
    *,
    by: User,
    node: str,
    run_index: int = 0,
    items: list[JsonObject] | None = None,
    edit: Edit = "input",
    draft: bool = False,
) -> Execution:
    """A new run that differs from one turn on: with `items` going into the node, or, with `edit="output"`, coming out
    of it (of its first output) without running it. Without items the turn is just made again. Raises UserError."""
    found = base_of(execution, version_for(execution, by, draft=draft))
    takeover = partial.from_turn(found.compiled, (node, run_index), found.ran, found.changed)
    new = Execution(mode=mode_of(execution), started_by=by, **copied_fields(found))
    given = None if items is None else checked(items)
    files = NewPayloads(execution.team_id)
    if edit == "input" or given is None:
        new.fork_items = None if given is None else encoded_items(given, files)
        return store(new, takeover, files, kind="fork", at=(node, run_index))
    written = Written(node, run_index, files.stored(given))
    return store(new, takeover, files, kind="fork", at=(node, run_index), written=written)


def newest_run(workflow: Workflow) -> Execution | None:
    """The last run of that workflow that is over, called and sample runs aside."""
    rows = Execution.objects.kept().filter(workflow=workflow, status__in=TERMINAL, parent=None).exclude(mode="sample")
    return rows.order_by("-created_at", "-id").first()


def base_of(execution: Execution, version: WorkflowVersion) -> Base:
    """A turn without any output on record did not end well: it failed, or the run ended in the middle of it."""
    if execution.status not in TERMINAL:
        raise UserError(
            "This run is not over yet.", code="run_not_over", hint="Wait for its end, or stop it, then try again."
        )
    now = Graph.from_n8n(version.graph)
    is_same = execution.version_id == version.pk
    changed = frozenset[str]() if is_same else partial.changed_nodes(Graph.from_n8n(execution.version.graph), now)
    rows = (
        NodeRun.objects.filter(execution=execution).annotate(is_empty=Q(output=None, output_ref="")).order_by("order")
    )
    ran = tuple(
        Ran(node, run_index, order, tuple(items_out), is_empty)
        for node, run_index, order, items_out, is_empty in rows.values_list(
            "node", "run_index", "order", "items_out", "is_empty"
        )
    )
    return Base(execution, version, compile_workflow(now, nodes.load()), ran, changed)


def copied_fields(base: Base) -> dict[str, Any]:
    execution = base.execution
    same: dict[str, Any] = {name: getattr(execution, name) for name in COPIED}
    place = {"team_id": execution.team_id, "workflow_id": execution.workflow_id, "version": base.version}
    return {**place, **same, "retry_of": execution}


def to_node(base: Base, node: str, *, only: bool, dirty: Collection[str]) -> tuple[Takeover, str]:
    """What to take over, and where the run starts: where its base did, if that still leads to the node."""
    changed = {*base.changed, *dirty}
    before = partial.leading_to(base.compiled, node)
    began = base.execution.start_node
    is_good = began in before and not base.compiled.nodes[began].node.disabled
    if only and not base.compiled.graph.parents(node):
        return partial.alone(base.compiled, node, base.ran, changed), node
    start = began if is_good else start_node(base.compiled, node)
    if only:
        return partial.alone(base.compiled, node, base.ran, changed), start
    return partial.up_to(base.compiled, node, base.ran, changed, start), start


def shown(compiled: Compiled, base: UUID | None, takeover: Takeover) -> Preview:
    taken = dict.fromkeys(one.node for one in takeover.taken)
    pins = [name for name in takeover.live if compiled.workflow.pin_data.get(name)]
    live = [name for name in compiled.nodes if name in takeover.live and name not in pins]
    return Preview(base, live, pins, [name for name in taken if name not in takeover.stale], sorted(takeover.stale))
