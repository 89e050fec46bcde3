"""Who may follow what on the live socket."""

from typing import Any
from uuid import UUID

from executions_app.models import Execution
from workflows_app.models import Workflow


def may_follow_execution(user: Any, execution_id: UUID) -> bool:
    return Execution.objects.visible_to(user).filter(pk=execution_id).exists()


def may_follow_workflow(user: Any, workflow_id: UUID) -> bool:
    return Workflow.objects.visible_to(user).filter(pk=workflow_id).exists()
