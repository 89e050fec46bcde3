"""Looks at the rows all the time: how long until somebody else holds what a dead worker held, and whether an end is
final."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from pumpflix.lab.chaos.truth import PATIENCE_S, Truth

LOOK_S = 0.1
ENDS_EVERY_S = 1.0
TERMINAL = ("success", "error", "canceled", "crashed")
ENDS = "SELECT id, status FROM executions_app_execution"
PENDING = "SELECT id, status, epoch FROM executions_app_execution WHERE id = ANY(%s)"


@dataclass
class Watch:
    """`gaps` are seconds between a loss and the next claim; `changed` executions that left their end."""

    truth: Truth
    gaps: list[float] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pending: dict[Any, tuple[int, float]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._ends: dict[Any, str] = {}
        self._eyes = self.truth.again()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def died(self, pids: list[int]) -> dict[Any, int]:
        """Those processes hold nothing any more: what they held, as the rows say, is waited for from now on."""
        began = time.monotonic()
        query = """
            SELECT id, epoch FROM executions_app_execution
             WHERE status = 'running' AND worker_pid = ANY(%s) AND parent_id IS NULL
        """
        held = dict(self.truth.rows(query, (pids,)))
        self.lost(held, began)
        return held

    def lost(self, held: dict[Any, int], at: float | None = None) -> None:
        now = time.monotonic() if at is None else at
        with self._lock:
            self._pending |= {execution: (epoch, now) for execution, epoch in held.items()}

    def is_pending(self, executions: list[Any]) -> bool:
        """Whether nobody has claimed one of them since it was lost."""
        return any(execution in self._pending for execution in executions)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._eyes.close()

    def _run(self) -> None:
        looked_at = time.monotonic()
        while not self._stop.wait(LOOK_S):
            try:
                self._look()
                if time.monotonic() - looked_at > ENDS_EVERY_S:
                    self._compare_ends(self._eyes, patience_s=0)
                    looked_at = time.monotonic()
            except psycopg.Error:
                self._eyes.close()

    def _look(self) -> None:
        with self._lock:
            pending = dict(self._pending)
        if not pending:
            return
        rows = self._eyes.rows(PENDING, (list(pending),), patience_s=0)
        now = time.monotonic()
        with self._lock:
            for execution, status, epoch in rows:
                held_epoch, since = pending[execution]
                if epoch > held_epoch:
                    self.gaps.append(now - since)
                is_over = epoch > held_epoch or status != "running"
                if is_over and self._pending.get(execution) == (held_epoch, since):
                    del self._pending[execution]

    def look_at_ends(self) -> None:
        """Compare every end with the one seen before; the watch does so once a second by itself."""
        self._compare_ends(self.truth)

    def _compare_ends(self, truth: Truth, *, patience_s: float = PATIENCE_S) -> None:
        rows = truth.rows(ENDS, patience_s=patience_s)
        with self._lock:
            for execution, status in rows:
                known = self._ends.get(execution)
                if known is not None and known != status:
                    self.changed.append(f"{execution}: {known} became {status}")
                if status in TERMINAL:
                    self._ends[execution] = status
