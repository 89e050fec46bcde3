"""Error workflows: what runs when another workflow fails, as its settings name it."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from executions_app import payload_codec
from executions_app.models import Execution, Failure
from executions_app.services.alert_messages import execution_address
from executions_app.services.start import NewPayloads, store_run
from workflows_app.engine.items import JsonObject
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.models import Workflow
from workflows_app.services import versions
from workflows_app.services.error_settings import chosen

ERROR_TRIGGER = "n8n-nodes-base.errorTrigger"
MODES = {"schedule": "trigger", "form": "webhook", "api": "trigger", "sub": "integrated"}
"""n8n's words for how a run was started, where they are others than ours."""


def start(failure: Failure, execution: Execution | None) -> Execution | None:
    """Start the error workflow of what failed, once; None where there is none. What an error workflow itself fails in
    starts nothing."""
    workflow = failure.workflow
    if execution is not None and not is_wanted(workflow, execution.mode):
        return None
    target = target_of(workflow)
    node = None if target is None else trigger_of(target.graph)
    if target is None or node is None:
        return None
    version = target.live_version or versions.snapshot(target, reason="called")
    node = trigger_of(version.graph) or node
    started = Execution(
        team_id=target.team_id,
        workflow=target,
        version=version,
        mode="error",
        start_node=node,
        trigger_key=f"error:{(failure.execution_id or failure.pk).hex}",
        # It may start what failed once more, by itself: that ends where workflows stand too deep.
        depth=0 if execution is None else execution.depth + 1,
    )
    payloads = NewPayloads(target.team_id)
    try:
        with transaction.atomic():
            # One for each failure at most. Were it refused, the alerts of that failure would be lost with it.
            return store_run(started, [{"json": item_of(failure, execution)}], payloads, is_admitted=True)
    except IntegrityError:
        return None


def is_wanted(workflow: Workflow, mode: str) -> bool:
    return mode != "error" and (mode != "manual" or chosen(workflow).on_manual)


def target_of(workflow: Workflow) -> Workflow | None:
    """The workflow that its settings name, of the same team; without any itself, where it begins with an error trigger.
    The settings of the draft count: they say what to do about a failure now, whichever version it was of."""
    named = chosen(workflow).error_workflow
    if not named:
        return workflow if trigger_of(workflow.graph) else None
    try:
        wanted = UUID(named)
    except ValueError:
        return None
    rows = Workflow.objects.filter(team_id=workflow.team_id, deleted_at=None).select_related("live_version")
    return rows.filter(pk=wanted).first()


def candidates(workflow: Workflow, *, by: User) -> list[Workflow]:
    """Workflows that could be its error workflow: those of its team that begin with an error trigger and that `by`
    sees."""
    rows = Workflow.objects.visible_to(by).filter(team_id=workflow.team_id, node_types__contains=[ERROR_TRIGGER])
    return list(rows.for_lists().order_by("name"))


def trigger_of(graph: dict[str, Any]) -> str | None:
    """The name of the first error trigger that is not disabled."""
    found = (node.name for node in Graph.from_n8n(graph).nodes if node.type == ERROR_TRIGGER and not node.disabled)
    return next(found, None)


def item_of(failure: Failure, execution: Execution | None) -> JsonObject:
    """In the shape that n8n's error workflows read."""
    workflow = {"id": str(failure.workflow_id), "name": failure.workflow.name}
    if execution is None:
        error = {**told(failure.error or {}), "node": {"name": failure.node}}
        return {"trigger": {"error": error, "mode": "trigger"}, "workflow": workflow}
    about: JsonObject = {
        "id": str(execution.pk),
        "url": execution_address(execution.pk),
        "error": error_of(execution),
        "lastNodeExecuted": execution.last_node or execution.crash_node,
        "mode": MODES.get(execution.mode, execution.mode),
    }
    if execution.retry_of_id:
        about["retryOf"] = str(execution.retry_of_id)
    return {"execution": about, "workflow": workflow}


def error_of(execution: Execution) -> JsonObject:
    stored = payload_codec.decode(bytes(execution.error)) if execution.error else {}
    known = stored if isinstance(stored, dict) else {}
    return told({"message": execution.why_it_failed, "code": execution.error_code, **known})


def told(error: JsonObject) -> JsonObject:
    """With the fields that n8n gives errors: a name and a stack beside the message."""
    name, message = str(error.get("type") or "Error"), str(error.get("message") or "It failed.")
    kept = {key: value for key, value in error.items() if key not in ("type", "context")}
    return {**kept, "name": name, "message": message, "stack": f"{name}: {message}"}
