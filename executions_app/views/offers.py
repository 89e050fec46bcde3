"""What the pages of a run offer to those who may run it."""

from typing import Any

from django.http import HttpRequest

from executions_app.models import Execution
from executions_app.selectors.approvals import approval_of
from executions_app.selectors.edit_items import editable_items
from executions_app.selectors.lineage_view import lineage_view, trace_base
from executions_app.selectors.node_panel import NodePanel, Opened
from executions_app.selectors.turns import has_failed
from workflows_app.models import Workflow


def may_run(request: HttpRequest, execution: Execution) -> dict[str, Any]:
    is_runner = Execution.objects.runnable_by(request.user).filter(pk=execution.pk).exists()
    can_retry = is_runner and execution.is_finished
    return {
        "can_cancel": is_runner and not execution.is_finished,
        "can_retry": can_retry,
        "can_retry_failed": can_retry
        and execution.status in ("error", "crashed", "canceled")
        and has_failed(execution),
        "can_open_workflow": Workflow.objects.visible_to(request.user).filter(pk=execution.workflow_id).exists(),
        "approval": approval_of(execution) if is_runner else None,
    }


def offers(request: HttpRequest, execution: Execution, selected: NodePanel | None) -> dict[str, Any]:
    """What the panel of a node offers once the run is over: its input as text to change; while a call is undecided,
    the items it may have put out. What could not be read the last time is shown again."""
    if execution.mode == "sample":
        return {}
    is_editing = bool(request.GET.get("edit"))
    refused = request.session.pop("edited_items", "") if is_editing else ""
    if execution.reason == "outcome_unknown" and not execution.is_finished:
        return {"edited_items": refused, "is_editing": is_editing}
    if selected is None or not execution.is_finished:
        return {}
    items = editable_items(execution, node=selected.name, turn=selected.turn)
    return {"edited_items": refused or items, "is_editing": is_editing}


def traced(
    execution: Execution, opened: Opened, selected: NodePanel | None, keep: dict[str, str] | None = None
) -> dict[str, Any]:
    """The lineage that the address asks for, and what the number of an item is added to, to ask for that of another.
    `keep` is what else belongs to the address of the page."""
    found = None
    if opened.trace:
        found = lineage_view(execution, trace=opened.trace, keep=keep or {}, panel=selected)
    return {
        "lineage": found,
        "traced_nodes": found.nodes if found else frozenset(),
        "trace_base": trace_base(execution, selected),
    }
