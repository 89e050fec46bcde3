"""What a workflow's settings say about failures: n8n's `errorWorkflow`, and whether runs by hand count."""

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from workflows_app.models import Workflow
from workflows_app.services.workflows import save_draft

ERROR_WORKFLOW = "errorWorkflow"
ON_MANUAL = "errorWorkflowOnManual"
"""In the settings' own `pumpflix` object."""


@dataclass(frozen=True, slots=True)
class ErrorSettings:
    """`error_workflow` is the id as it stands there; empty for none of its own."""

    error_workflow: str = ""
    on_manual: bool = False


def chosen(workflow: Workflow) -> ErrorSettings:
    settings = settings_of(workflow)
    named, own = str(settings.get(ERROR_WORKFLOW) or ""), settings.get("pumpflix")
    on_manual = isinstance(own, dict) and own.get(ON_MANUAL) is True
    return ErrorSettings("" if named == "DEFAULT" else named, on_manual)


def choose(workflow: Workflow, *, error_workflow: str, on_manual: bool, by: User) -> Workflow:
    """Write them into the draft, where they count at once. Raises RoleTooLow, Conflict."""
    settings = {name: value for name, value in settings_of(workflow).items() if name != ERROR_WORKFLOW}
    if error_workflow:
        settings[ERROR_WORKFLOW] = error_workflow
    own = settings.get("pumpflix")
    kept = {name: value for name, value in (own if isinstance(own, dict) else {}).items() if name != ON_MANUAL}
    if on_manual:
        kept[ON_MANUAL] = True
    settings.pop("pumpflix", None)
    graph = {**workflow.graph, "settings": {**settings, **({"pumpflix": kept} if kept else {})}}
    return save_draft(workflow, graph=graph, by=by, lock_version=workflow.lock_version)


def settings_of(workflow: Workflow) -> dict[str, Any]:
    found = workflow.graph.get("settings")
    return found if isinstance(found, dict) else {}
