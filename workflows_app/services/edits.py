"""Changing a workflow by its fields: one write, one lock version, a version where the change is a significant one."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Team, User
from accounts.services import audit, roles
from workflows_app.engine.errors import Problem, WorkflowInvalid
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.errors import Conflict, Unsuitable
from workflows_app.models import Workflow, WorkflowVersion
from workflows_app.services import bell, versions, workflows
from workflows_app.services.import_secrets import secrets_in, without
from workflows_app.services.imports import strip_credentials
from workflows_app.toolkit.occurrences import RuleInvalid
from workflows_app.toolkit.schedule_rules import entry_of_text, rows, rules_in_words

MOST_TAGS = 20
DEFINITION = ("name", "nodes", "connections", "settings", "meta")
SCHEDULE = "n8n-nodes-base.scheduleTrigger"
EMPTY_GRAPH: dict[str, Any] = {"nodes": [], "connections": {}, "settings": {"executionOrder": "v1"}}


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes different; None keeps what is there."""

    name: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None
    visibility: str | None = None
    graph: dict[str, Any] | None = None

    def given(self) -> dict[str, Any]:
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in pairs if value is not None}


def create(changes: Changes, *, team: Team, by: User) -> Workflow:
    """A new draft with those fields. Raises WorkflowInvalid, RoleTooLow."""
    roles.require(by, team.pk, "editor")
    refuse_wider(changes, team, by)
    with transaction.atomic():
        workflow = workflows.create(
            {**EMPTY_GRAPH, "name": changes.name or ""} if changes.graph is None else changes.graph,
            team=team,
            by=by,
            name=changes.name or "",
            description=changes.description or "",
        )
        rest = {"tags": clean_tags(changes.tags or ()), "visibility": changes.visibility or "team"}
        Workflow.objects.filter(pk=workflow.pk).update(**rest)
    workflow.refresh_from_db()
    return workflow


def update(
    workflow: Workflow, changes: Changes, *, by: User, lock_version: int | None = None, create_version: bool = False
) -> Workflow:
    """Write the given fields. With `lock_version`, only if nobody saved since: else Conflict, whose data holds both
    sides. A version of the new graph is kept when asked for, and by itself when nodes or wires came, went or moved to
    others. Raises WorkflowInvalid, RoleTooLow."""
    roles.require(by, workflow.team_id, "editor")
    refuse_wider(changes, workflow.team, by)
    refuse_hiding(changes, workflow, by)
    values = stored(changes)
    before = workflow.graph
    with transaction.atomic():
        rows = Workflow.objects.filter(pk=workflow.pk, deleted_at=None)
        if lock_version is not None:
            rows = rows.filter(lock_version=lock_version)
        changed = rows.update(**values, lock_version=F("lock_version") + 1, updated_at=timezone.now())
        workflow.refresh_from_db()
        if not changed:
            raise conflict(workflow, changes, lock_version)
        if create_version or (changes.graph is not None and is_significant(before, changes.graph)):
            versions.snapshot(workflow, reason="save", by=by)
        audit.record("workflow.save", actor=by, team=workflow.team, target=workflow, fields=sorted(values))
        bell.tell(workflow.pk, "saved")
    return workflow


def conflict(workflow: Workflow, changes: Changes, lock_version: int | None) -> Conflict:
    """`yours` is what was sent, `theirs` what is stored."""
    theirs = {name: getattr(workflow, name) for name in changes.given()}
    about = {"lockVersion": workflow.lock_version, "updatedAt": workflow.updated_at.isoformat()}
    return Conflict(
        "Somebody saved this workflow in the meantime.",
        hint="Compare both sides, then save again with the lockVersion of theirs.",
        data={"yours": {"lockVersion": lock_version, **changes.given()}, "theirs": {**about, **theirs}},
    )


def stored(changes: Changes) -> dict[str, Any]:
    """Columns and their new values."""
    values = changes.given()
    if changes.graph is not None:
        parsed = Graph.from_n8n(changes.graph)
        workflows.refuse_unstorable(changes.graph)
        values["node_types"] = sorted({node.type for node in parsed.nodes})[:500]
    if changes.tags is not None:
        values["tags"] = clean_tags(changes.tags)
    if changes.name is not None and not changes.name.strip():
        raise WorkflowInvalid([Problem("name", "A workflow needs a name.", "name_missing")])
    return values


def refuse_wider(changes: Changes, team: Team, by: User) -> None:
    """Only owners show a workflow to everybody."""
    if changes.visibility == "public":
        roles.require(by, team.pk, "owner")


def refuse_hiding(changes: Changes, workflow: Workflow, by: User) -> None:
    """Nobody takes a colleague's workflow out of everybody's sight, their own too."""
    if changes.visibility == "private" != workflow.visibility and workflow.created_by_id != by.pk:
        raise Unsuitable("Only its author can keep a workflow private.", hint="Make a copy of your own.")


def clean_tags(tags: Sequence[str]) -> list[str]:
    """Trimmed, each once whatever its case, in the order given. Raises WorkflowInvalid for too many."""
    kept: dict[str, str] = {}
    for tag in tags:
        shown = " ".join(tag.split())[:40]
        if shown:
            kept.setdefault(shown.casefold(), shown)
    if len(kept) > MOST_TAGS:
        raise WorkflowInvalid([Problem("tags", f"At most {MOST_TAGS} tags.", "too_many_tags")])
    return list(kept.values())


def is_significant(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether nodes or wires differ: what was moved, renamed in notes or given another value is not."""
    return outline(before) != outline(after)


def outline(graph: dict[str, Any]) -> tuple[frozenset[Any], frozenset[Any]]:
    parsed = Graph.from_n8n(graph or EMPTY_GRAPH)
    boxes = frozenset((node.name, node.type, node.type_version, node.disabled) for node in parsed.nodes)
    return boxes, frozenset(parsed.connections)


def restore(workflow: Workflow, version: WorkflowVersion, *, by: User) -> Workflow:
    """Make an older version the draft again. What the draft was is kept as a version first."""
    roles.require(by, workflow.team_id, "editor")
    with transaction.atomic():
        Workflow.objects.select_for_update().only("pk").get(pk=workflow.pk)
        workflow.refresh_from_db()
        versions.snapshot(workflow, reason="save", by=by)
        changed = workflows.save_draft(workflow, graph=version.graph, by=by, lock_version=workflow.lock_version)
        audit.record("workflow.restore_version", actor=by, team=workflow.team, target=workflow, version=version.number)
    return changed


def duplicate(workflow: Workflow, *, by: User, team: Team, name: str = "") -> Workflow:
    """A copy of the draft, switched off. Into another team go neither credentials nor pinned data."""
    roles.require(by, team.pk, "editor")
    graph = workflow.graph if team == workflow.team else for_others(workflow)
    with transaction.atomic():
        copied = workflows.create(graph, team=team, by=by, name=name or workflow.name, description=workflow.description)
        Workflow.objects.filter(pk=copied.pk).update(tags=workflow.tags)
    copied.tags = workflow.tags
    return copied


def final_json(workflow: Workflow) -> dict[str, Any]:
    """The workflow as n8n takes it: its draft under its present name, without ids of credentials."""
    graph, _ = strip_credentials(Graph.from_n8n({**EMPTY_GRAPH, **workflow.graph}))
    return {**graph, "name": workflow.name}


def for_others(workflow: Workflow) -> dict[str, Any]:
    """The definition and nothing else: without credentials, what looks like a secret, the data pinned to its nodes,
    and whatever an export of another instance left beside it (static data, owners, shares)."""
    whole = final_json(workflow)
    cleaned, _, _ = without(whole, secrets_in(whole), to_vault=False)
    for node in cleaned["nodes"]:
        if node.get("credentials"):
            node["credentials"] = {kind: {"id": None, "name": ""} for kind in node["credentials"]}
    return {**{name: cleaned[name] for name in DEFINITION if name in cleaned}, "pinData": {}}


def reschedule(workflow: Workflow, *, node: str, rule: int, text: str, by: User) -> Workflow:
    """Give one rule of a schedule trigger in the draft another time: a cron expression, or plain words, kept in n8n's
    own form. Raises Unsuitable."""
    try:
        rules_in_words(text, settings.TIME_ZONE)
        entry = entry_of_text(text)
    except RuleInvalid as error:
        hint = "Enter a cron expression, or words such as: every weekday at 8."
        raise Unsuitable(f"This schedule cannot be kept: {error}.", code="schedule_invalid", hint=hint) from error
    graph = copy.deepcopy(workflow.graph)
    found = next((one for one in graph["nodes"] if one.get("name") == node and one.get("type") == SCHEDULE), None)
    if found is None:
        hint = "Open the workflow and change the trigger there."
        raise Unsuitable(f"The draft has no schedule '{node[:60]}'.", code="no_such_node", hint=hint)
    parameters = found.setdefault("parameters", {})
    rules = rows(parameters.get("rule"), "interval") or [{}]
    rules[min(max(rule, 0), len(rules) - 1)] = entry
    parameters["rule"] = {"interval": rules}
    return update(workflow, Changes(graph=graph), by=by, lock_version=workflow.lock_version)
