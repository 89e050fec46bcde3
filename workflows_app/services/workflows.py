"""What changes workflows: create, save, set variables, publish, rename, delete."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Team, User
from accounts.services import audit, roles
from workflows_app import nodes
from workflows_app.engine.checks import check
from workflows_app.engine.errors import Problem, WorkflowInvalid
from workflows_app.engine.registry import registry
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.errors import Conflict
from workflows_app.models import Workflow
from workflows_app.services import bell, polls, schedules, starts, versions, webhooks

VARIABLES_NODE = "Variables"
HUGE = 2.0**63
WITH_EXPONENT = re.compile(rb"\de\+\d")


@dataclass(frozen=True, slots=True)
class Origin:
    """The template a copy comes from. `needs_setup` sends its user to the wizard first."""

    template: UUID
    version: int
    needs_setup: bool = False


def create(
    graph: dict[str, Any],
    *,
    team: Team,
    by: User | None,
    name: str = "",
    description: str = "",
    origin: Origin | None = None,
) -> Workflow:
    """A new draft. Raises WorkflowInvalid with every problem; nothing is stored then."""
    parsed = Graph.from_n8n(graph)
    refuse_unstorable(graph)
    with transaction.atomic():
        workflow = Workflow.objects.create(
            team=team,
            name=free_name(team, (name or parsed.name or "Untitled workflow").strip()[:190]),
            description=description,
            graph=graph,
            node_types=sorted({node.type for node in parsed.nodes})[:500],
            source_template=origin.template if origin else None,
            source_template_version=origin.version if origin else None,
            setup_done=not (origin and origin.needs_setup),
            created_by=by,
        )
        # Its addresses can be shown, and listened at, before it is ever switched on.
        webhooks.sync(workflow, graph=graph, is_live=False)
        audit.record("workflow.create", actor=by, team=team, target=workflow)
    return workflow


def free_name(team: Team, name: str) -> str:
    """`name`, or `name (2)`, `name (3)` … where the team has it already."""
    taken = set(
        Workflow.objects.filter(team=team, name__startswith=name, deleted_at=None).values_list("name", flat=True)
    )
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate


def refuse_unstorable(graph: dict[str, Any]) -> None:
    """The draft is stored as jsonb, which has no NUL character and no lone surrogate, and gives a number such as 1e300
    back as an integer of 301 digits, which nothing else takes."""
    try:
        text = orjson.dumps(graph)
    except (TypeError, ValueError) as error:
        raise unstorable(str(error)) from error
    if WITH_EXPONENT.search(text) and has_huge_number(graph):
        raise unstorable("Number exceeds 64-bit range")
    if b"\\u0000" in text:
        raise WorkflowInvalid(
            [Problem("$", "The workflow contains a NUL character (\\u0000). Remove it.", "nul_character")]
        )


def unstorable(why: str) -> WorkflowInvalid:
    return WorkflowInvalid(
        [Problem("$", f"The workflow holds a value that JSON cannot store: {why}.", "unstorable_value")]
    )


def has_huge_number(graph: dict[str, Any]) -> bool:
    waiting: list[Any] = [graph]
    while waiting:
        value = waiting.pop()
        if isinstance(value, float) and abs(value) >= HUGE:
            return True
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return False


def save_draft(workflow: Workflow, *, graph: dict[str, Any], by: User, lock_version: int) -> Workflow:
    """Replace the draft if nobody saved since `lock_version`. Raises Conflict or WorkflowInvalid."""
    roles.require(by, workflow.team_id, "editor")
    parsed = Graph.from_n8n(graph)
    refuse_unstorable(graph)
    with transaction.atomic():
        changed = Workflow.objects.filter(pk=workflow.pk, lock_version=lock_version, deleted_at=None).update(
            graph=graph,
            node_types=sorted({node.type for node in parsed.nodes})[:500],
            lock_version=F("lock_version") + 1,
            updated_at=timezone.now(),
        )
        if changed:
            audit.record("workflow.save", actor=by, team=workflow.team, target=workflow, lock_version=lock_version + 1)
            bell.tell(workflow.pk, "saved")
    workflow.refresh_from_db()
    if not changed:
        raise Conflict(
            "Somebody saved this workflow in the meantime.",
            hint="Reload it, compare, and save again.",
            data={"yours": lock_version, "theirs": workflow.lock_version},
        )
    return workflow


def set_variables(workflow: Workflow, *, values: dict[str, Any], by: User, setup_done: bool = True) -> Workflow:
    """Write values into the assignments of the node `Variables`; names it does not have are ignored."""
    graph = with_variables(workflow.graph, values)
    save_draft(workflow, graph=graph, by=by, lock_version=workflow.lock_version)
    Workflow.objects.filter(pk=workflow.pk).update(setup_done=setup_done)
    workflow.setup_done = setup_done
    return workflow


def with_variables(graph: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """A copy of the graph whose `Variables` node assigns those values."""
    parsed = Graph.from_n8n(graph)
    node = parsed.by_name.get(VARIABLES_NODE)
    if node is None:
        return graph
    outer = node.parameters.get("assignments") or {}
    assigned = [
        {**entry, "value": values[entry["name"]]} if entry.get("name") in values else entry
        for entry in outer.get("assignments") or []
    ]
    parameters = {**node.parameters, "assignments": {**outer, "assignments": assigned}}
    changed = tuple(n.replace(parameters=parameters) if n.name == VARIABLES_NODE else n for n in parsed.nodes)
    return parsed.with_nodes(changed).to_n8n()


def publish(workflow: Workflow, *, by: User) -> Workflow:
    """Make the draft what triggers run. Raises WorkflowInvalid when a check finds an error, Unsuitable for a trigger or
    a wait that nothing here would ever end."""
    roles.require(by, workflow.team_id, "editor")
    nodes.load()
    graph = Graph.from_n8n(workflow.graph)
    problems = [p for p in check(graph, registry) if p.level == "error"]
    if problems:
        raise WorkflowInvalid(problems)
    starts.refuse_unserved(graph)
    with transaction.atomic():
        version = versions.snapshot(workflow, reason="publish", by=by)
        workflow.live_version, workflow.max_running = version, runs_at_a_time(graph)
        workflow.updated_at = timezone.now()
        workflow.save(update_fields=["live_version", "max_running", "updated_at"])
        webhooks.sync(workflow, graph=version.graph, is_live=True)
        schedules.sync(workflow, graph=version.graph, is_live=True)
        polls.sync(workflow, graph=version.graph, is_live=True)
        audit.record("workflow.publish", actor=by, team=workflow.team, target=workflow, version=version.number)
        bell.tell(workflow.pk, "published")
    return workflow


def runs_at_a_time(graph: Graph) -> int | None:
    """`maxRunning` of the object `pumpflix` in the workflow's settings; nonsense means none."""
    own = graph.settings.get("pumpflix")
    limit = own.get("maxRunning") if isinstance(own, dict) else None
    return limit if isinstance(limit, int) and not isinstance(limit, bool) and 0 < limit < 10_000 else None


def unpublish(workflow: Workflow, *, by: User) -> Workflow:
    """Switch the triggers off; what is running goes on."""
    roles.require(by, workflow.team_id, "editor")
    with transaction.atomic():
        Workflow.objects.filter(pk=workflow.pk).update(live_version=None, updated_at=timezone.now())
        workflow.live_version = None
        webhooks.sync(workflow, graph=workflow.graph, is_live=False)
        schedules.sync(workflow, graph=workflow.graph, is_live=False)
        polls.sync(workflow, graph=workflow.graph, is_live=False)
        audit.record("workflow.unpublish", actor=by, team=workflow.team, target=workflow)
        bell.tell(workflow.pk, "unpublished")
    return workflow


def rename(workflow: Workflow, *, name: str, by: User) -> Workflow:
    """Give it another name; an empty one keeps the old."""
    roles.require(by, workflow.team_id, "editor")
    before, workflow.name = workflow.name, name.strip()[:200] or workflow.name
    with transaction.atomic():
        Workflow.objects.filter(pk=workflow.pk).update(name=workflow.name, updated_at=timezone.now())
        audit.record(
            "workflow.rename", actor=by, team=workflow.team, target=workflow, before=before, after=workflow.name
        )
        bell.tell(workflow.pk, "renamed")
    return workflow


def duplicate(workflow: Workflow, *, by: User) -> Workflow:
    return create(workflow.graph, team=workflow.team, by=by, name=workflow.name, description=workflow.description)


def delete(workflow: Workflow, *, by: User) -> None:
    """Hide the workflow and switch its triggers off; `restore` brings it back until it is pruned."""
    with transaction.atomic():
        unpublish(workflow, by=by)
        Workflow.objects.filter(pk=workflow.pk).update(deleted_at=timezone.now())
        audit.record("workflow.delete", actor=by, team=workflow.team, target=workflow)
        bell.tell(workflow.pk, "deleted")


def restore(workflow: Workflow, *, by: User) -> Workflow:
    with transaction.atomic():
        Workflow.objects.filter(pk=workflow.pk).update(deleted_at=None)
        audit.record("workflow.restore", actor=by, team=workflow.team, target=workflow)
    workflow.deleted_at = None
    return workflow
