"""Answering, in the product, what a run asks a person."""

from django.db import transaction

from accounts.models import User
from accounts.services import audit
from executions_app import doorbell, payload_codec
from executions_app.intake.waits import end_wait
from executions_app.models import Execution
from workflows_app.engine.errors import UserError
from workflows_app.toolkit.approvals import answer_item


def answer_approval(execution: Execution, *, by: User, approved: bool, note: str = "") -> None:
    """End the wait for an approval. Raises UserError where the run does not wait for one, any more or at all."""
    item = answer_item(approved=approved, note=note, by=str(by))
    told = payload_codec.encode({"items": [item], "decision": "continue"})
    turn = (execution.resume_node, execution.resume_run or 0)
    if execution.reason != "approval" or not end_wait(execution.pk, turn, told, []):
        raise UserError(
            "This run does not wait for an approval any more.",
            code="nothing_to_decide",
            hint="Look at the run once more.",
        )
    audit.record("execution.approve", actor=by, team=execution.team, target=execution, approved=approved)
    transaction.on_commit(doorbell.ring)
    execution.refresh_from_db(fields=["status", "reason"])
