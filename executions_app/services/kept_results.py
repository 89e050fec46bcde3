"""Forget results that nodes have kept."""

from executions_app.models import KeptResult
from workflows_app.models import Workflow


def clear_kept_results(workflow: Workflow, *, node: str = "") -> int:
    """Those of a workflow, or of one node of it; how many there were."""
    rows = KeptResult.objects.filter(workflow=workflow)
    count, _ = (rows.filter(node=node) if node else rows).delete()
    return count
