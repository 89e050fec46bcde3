"""Compiled versions of a process: read and compiled once, shared by every execution of that version."""

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from executions_app.database import pool
from workflows_app import nodes
from workflows_app.engine.errors import UserError
from workflows_app.engine.plan import Compiled, compile_workflow
from workflows_app.engine.registry import registry
from workflows_app.engine.workflow import Workflow

KEPT = 200

SELECT = """
SELECT v.graph, w.id, w.name, w.live_version_id = v.id
  FROM workflows_app_workflowversion v JOIN workflows_app_workflow w ON w.id = v.workflow_id
 WHERE v.id = %s
"""


class CompiledVersions:
    """The last versions used. Two threads may compile the same version at once; either result serves."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._found: OrderedDict[UUID, Compiled] = OrderedDict()
        self._lock = Lock()

    def get(self, version_id: UUID) -> Compiled:
        """Raises UserError when the version is gone, WorkflowInvalid when it cannot be read."""
        with self._lock:
            found = self._found.get(version_id)
            if found is not None:
                self._found.move_to_end(version_id)
                return found
        compiled = load(version_id)
        with self._lock:
            self._found[version_id] = compiled
            while len(self._found) > self._kept:
                self._found.popitem(last=False)
        return compiled


def load(version_id: UUID) -> Compiled:
    nodes.load()
    with pool().connection() as connection:
        row = connection.execute(SELECT, (version_id,)).fetchone()
    if row is None:
        raise UserError("The version of this run is gone.", code="version_missing", hint="Run the workflow again.")
    graph, workflow_id, name, is_live = row
    workflow = Workflow.from_n8n(graph).with_raw(id=str(workflow_id), name=name, active=bool(is_live))
    return compile_workflow(workflow, registry)


versions = CompiledVersions()
