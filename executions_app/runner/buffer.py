"""The buffer of one execution: what the engine reported and no commit has taken yet, as rows."""

from dataclasses import dataclass
from typing import Any

import orjson

from executions_app import event_bodies, payload_codec, payloads
from executions_app.database import storable
from executions_app.payloads import StoredPayload
from executions_app.runner.claim import Claim
from executions_app.runner.commits import EventRow, NodeRunRow
from executions_app.runner.log_budget import LogBudget
from executions_app.storage_quota import quota
from workflows_app.engine import events
from workflows_app.engine.items import JsonObject, outputs_to_json
from workflows_app.engine.ports import CallSite

Turn = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Taken:
    events: list[EventRow]
    node_runs: list[NodeRunRow]
    payloads: list[StoredPayload]
    calls: list[tuple[CallSite, bytes]]
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class PackedOutput:
    """As it is written: in the row of its turn, or beside it where it is large."""

    size_bytes: int
    in_row: bytes | None
    beside: StoredPayload | None


def packed_output(claim: Claim, event: events.NodeRunFinished) -> PackedOutput:
    """Raises NotStorable, and StorageFull for a large one. It may ask the database: never with the session's lock
    held, which the writer of all runs waits for."""
    encoded = payload_codec.encode(outputs_to_json(event.outputs))
    if len(encoded) <= payload_codec.INLINE_BYTES:
        return PackedOutput(len(encoded), encoded, None)
    stored = payloads.pack(claim.team_id, encoded, is_compressed=True)
    quota().admit([stored])
    return PackedOutput(len(encoded), None, stored)


class Buffer:
    """Not safe for threads by itself: the session's lock guards it. Numbers (`seq`) are given when rows are taken,
    so an event that never left can still be dropped."""

    def __init__(self, claim: Claim, stored_intents: set[Turn]) -> None:
        self._stored_intents = stored_intents
        self._begun: dict[Turn, events.NodeRunStarted] = {}
        self._attempts: dict[Turn, int] = {}
        self._events: list[EventRow | events.NodeRunStarted | None] = []
        self._pending_starts: dict[Turn, int] = {}
        self._rows: dict[Turn, NodeRunRow] = {}
        self._logs = LogBudget()
        self.payloads: dict[str, StoredPayload] = {}
        self.calls: dict[CallSite, bytes] = {}
        self.labels: dict[str, str] = {}
        self.next_seq = claim.next_seq
        self.last_node = ""
        # A turn has ended since the last commit: here, or in a run that this one calls.
        self.is_progress = False

    @property
    def is_empty(self) -> bool:
        return not (self._events or self._rows or self.payloads or self.calls or self.is_progress)

    @property
    def payload_bytes(self) -> int:
        return sum([len(stored.data) for stored in self.payloads.values()]) if self.payloads else 0

    def begun(self, turn: Turn) -> events.NodeRunStarted | None:
        return self._begun.get(turn)

    # what the engine reports ------------------------------------------------------------------------------------
    def add_started(self, event: events.NodeRunStarted) -> None:
        turn = (event.node, event.run_index)
        self._begun[turn] = event
        self._pending_starts[turn] = len(self._events)
        # Most starts are dropped before they leave, so it becomes a row only then.
        self._events.append(event)

    def add_finished(self, event: events.NodeRunFinished, output: PackedOutput) -> None:
        turn = (event.node, event.run_index)
        begun = self._begun.pop(turn, None)
        self._add(event_bodies.finished(event, begun if self._drop_start(turn) else None), event.node)
        row = self._row(event, begun, "skipped" if event.skipped else "error" if event.error else "success")
        row.output_bytes, row.output = output.size_bytes, output.in_row
        if output.beside is not None:
            row.output_ref = output.beside.ref
            self.payloads[row.output_ref] = output.beside
        row.items_out = [len(items) for items in event.outputs or []]
        row.error = None if event.error is None else payload_codec.encode(event.error)
        row.origin = event.origin
        row.context = None if event.context is None else payload_codec.encode(event.context)
        self._rows[turn] = row
        if event.labels:
            self.labels |= {key: storable(value) for key, value in event.labels.items()}
        self.last_node = event.node
        self.is_progress = True

    def add_failed(self, event: events.NodeRunFailed) -> None:
        turn = (event.node, event.run_index)
        begun = self._begun.pop(turn, None)
        self._drop_start(turn)
        self._add(event_bodies.failed(event), event.node, "error")
        row = self._row(event, begun, "error")
        row.error = payload_codec.encode(event.error)
        self._rows[turn] = row
        self.last_node = event.node
        self.is_progress = True

    def add_retried(self, event: events.NodeRunRetried) -> None:
        self._attempts[(event.node, event.run_index)] = event.attempt + 1
        self._add(event_bodies.retried(event), event.node, "warn")

    def add_log(self, event: events.LogWritten) -> None:
        for allowed in self._logs.allow(event):
            self._add(event_bodies.log(allowed), allowed.node, allowed.level)

    def add_body(self, body: dict[str, Any], node: str = "") -> None:
        self._add(body, node)

    def add_intent(self, turn: Turn, at: Any, page: JsonObject | None = None) -> None:
        """The row that says: from here on the outside may have seen this turn. One that waits may have a page."""
        begun = self._begun.get(turn)
        order, started_at = (begun.order, begun.at) if begun else (0, at)
        items_in = list(begun.items_in) if begun else []
        is_update = turn in self._stored_intents
        self._rows[turn] = NodeRunRow(
            turn[0], turn[1], order, "started", started_at, items_in=items_in, is_update=is_update
        )
        if page is not None:
            self._rows[turn].context = payload_codec.encode({"page": page})
        self._stored_intents.add(turn)

    def mark_rest(self, status: str, at: Any) -> None:
        """Turns that began and will not end: after a cancel, or a wait."""
        for turn, begun in list(self._begun.items()):
            if turn in self._stored_intents:
                self._rows[turn] = NodeRunRow(
                    turn[0], turn[1], begun.order, status, begun.at, finished_at=at, is_update=True
                )

    def take(self) -> Taken:
        """Everything, numbered; the buffer is empty afterwards."""
        rows = (started_row(row) if isinstance(row, events.NodeRunStarted) else row for row in self._events if row)
        numbered = [EventRow(seq, *row[1:]) for seq, row in enumerate(rows, self.next_seq)]
        self.next_seq += len(numbered)
        taken = Taken(
            numbered, list(self._rows.values()), list(self.payloads.values()), list(self.calls.items()), self.labels
        )
        self._events, self._rows, self.payloads, self.calls, self._pending_starts = [], {}, {}, {}, {}
        self.labels = {}
        self.is_progress = False
        return taken

    # rows -------------------------------------------------------------------------------------------------------
    def _add(self, body: dict[str, Any], node: str, level: str = "") -> None:
        self._events.append(row_of(body, node, level))

    def _drop_start(self, turn: Turn) -> bool:
        """Forget the beginning of a turn whose end goes out in the same commit."""
        place = self._pending_starts.pop(turn, None)
        if place is None:
            return False
        self._events[place] = None
        return True

    def _row(
        self, event: events.NodeRunFinished | events.NodeRunFailed, begun: events.NodeRunStarted | None, status: str
    ) -> NodeRunRow:
        turn = (event.node, event.run_index)
        sources = [
            None if s is None else {"node": s.node, "output": s.output, "runIndex": s.run_index} for s in event.sources
        ]
        return NodeRunRow(
            node=event.node,
            run_index=event.run_index,
            order=event.order,
            status=status,
            started_at=begun.at if begun else event.at,
            attempt=self._attempts.pop(turn, 1),
            finished_at=event.at,
            duration_ms=event.duration_ms,
            items_in=list(begun.items_in) if begun else [],
            sources=orjson.dumps(sources),
            is_update=turn in self._stored_intents,
        )


def row_of(body: dict[str, Any], node: str, level: str = "") -> EventRow:
    """A row that has no number yet."""
    return EventRow(0, body["at"], body["type"], node[:300], level, event_bodies.to_bytes(body))


def started_row(event: events.NodeRunStarted) -> EventRow:
    return row_of(event_bodies.started(event), event.node)
