"""Ending a wait from outside, in one commit."""

from uuid import UUID

from executions_app import payloads, transitions
from executions_app.database import pool
from executions_app.intake.room import STORAGE_FULL, has_room
from executions_app.payloads import StoredPayload

REASONS = ["webhook", "approval", "form"]


def end_wait(execution_id: UUID, turn: tuple[str, int], answer: bytes, files: list[StoredPayload]) -> bool:
    """`answer` is what the turn goes on with (`resume_items`). False: somebody was faster, or the caller of a called
    run does not wait yet. Raises Refused."""
    if not has_room(files):
        raise STORAGE_FULL
    values = {"id": execution_id, "answer": answer, "reasons": REASONS, "node": turn[0], "run": turn[1]}
    with pool().connection() as connection, connection.transaction(), connection.cursor() as cursor:
        if cursor.execute(transitions.RESUME, values).fetchone() is None:
            return False
        cursor.execute(transitions.RESUME_CALLERS, values)
        payloads.store(cursor, files, [(stored.id, execution_id) for stored in files])
    return True
