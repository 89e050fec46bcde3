"""The Results port made real: outputs kept in rows, large ones and files in the payload store."""

from typing import Any

from executions_app import payload_codec, payloads
from executions_app.database import pool
from executions_app.payloads import PayloadMissing
from executions_app.runner.session import Session
from pumpflix.lib.ids import uuid7
from workflows_app.engine.items import Outputs, outputs_from_json, outputs_to_json
from workflows_app.engine.ports import KeptResult

GET = """
SELECT output, output_ref, refs, made_at FROM executions_app_keptresult
 WHERE team_id = %s AND key = %s AND expires_at > clock_timestamp()
"""
# The run that uses a kept result needs its payloads as long as the one that made it.
USE = """
INSERT INTO executions_app_payloaduse (payload_id, execution_id)
SELECT id, %s FROM executions_app_payload WHERE id = ANY(%s) FOR KEY SHARE
ON CONFLICT (payload_id, execution_id) DO UPDATE SET execution_id = excluded.execution_id
RETURNING payload_id
"""
PUT = """
INSERT INTO executions_app_keptresult
    (id, team_id, workflow_id, node, key, output, output_ref, refs, made_at, expires_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, clock_timestamp(), clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (team_id, key) DO UPDATE
   SET output = excluded.output, output_ref = excluded.output_ref, refs = excluded.refs, made_at = excluded.made_at,
       expires_at = excluded.expires_at
"""
FORGET = """
DELETE FROM executions_app_keptresult WHERE id IN
    (SELECT id FROM executions_app_keptresult WHERE expires_at < clock_timestamp() LIMIT 100 FOR UPDATE SKIP LOCKED)
"""


class ResultsAdapter:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, key: str) -> KeptResult | None:
        claim = self._session.claim
        with pool().connection() as connection, connection.transaction():
            row = connection.execute(GET, (claim.team_id, key)).fetchone()
            if row is None:
                return None
            output, output_ref, refs, made_at = row
            ids = [payloads.row_id(claim.team_id, payloads.digest_of(ref)) for ref in refs]
            if ids and len(connection.execute(USE, (claim.id, ids)).fetchall()) < len(ids):
                return None
        try:
            encoded = payloads.load(claim.team_id, output_ref) if output_ref else output
        except PayloadMissing:
            return None
        outputs = outputs_from_json(payload_codec.decode(encoded))
        return None if outputs is None else KeptResult(outputs, made_at)

    def put(self, key: str, node: str, outputs: Outputs, ttl_s: float) -> None:
        """What no JSON can hold is not kept; the run itself will say so."""
        claim = self._session.claim
        try:
            encoded = payload_codec.encode(outputs_to_json(outputs))
        except payload_codec.NotStorable:
            return
        is_large = len(encoded) > payload_codec.INLINE_BYTES
        ref = self._session.put_payload(encoded) if is_large else ""
        refs = sorted({one.ref for items in outputs for item in items for one in item.binary.values()} | {ref} - {""})
        values: tuple[Any, ...] = (
            uuid7(), claim.team_id, claim.workflow_id, node, key, None if is_large else encoded, ref,
            payload_codec.to_json(refs).decode(), ttl_s,
        )  # fmt: skip
        with pool().connection() as connection, connection.transaction():
            connection.execute(PUT, values)
            connection.execute(FORGET)
