"""Large outputs leave memory: once committed, and once a run or the process holds more than its budget, the oldest go
first. The newest of each run stays: it is what comes next."""

import weakref
from collections import deque
from dataclasses import dataclass
from threading import Lock

from executions_app.runner.claim import Claim
from executions_app.runner.commits import Commit
from executions_app.runner.resume import loader
from workflows_app.engine.state import RunState

BUDGET_BYTES = 16 * 1024 * 1024
PROCESS_BUDGET_BYTES = 24 * 1024 * 1024
"""Compressed, as stored. In memory an output is several times as large."""


@dataclass(frozen=True, slots=True)
class Held:
    turn: tuple[str, int]
    ref: str
    size: int


class ProcessBudget:
    """What all runs of a process hold, oldest first. Runs that are gone count no more."""

    def __init__(self, limit_bytes: int = PROCESS_BUDGET_BYTES) -> None:
        self._limit = limit_bytes
        self._lock = Lock()
        self._order: deque[tuple[weakref.ref[Offloader], Held]] = deque()
        self._size = 0

    def add(self, owner: "Offloader", held: Held) -> None:
        with self._lock:
            self._order.append((weakref.ref(owner), held))
            self._size += held.size
            for _ in range(len(self._order) if self._size > self._limit else 0):
                reference, oldest = self._order.popleft()
                holder = reference()
                if holder is not None and not holder.release(oldest):
                    self._order.append((reference, oldest))
                    continue
                self._size -= oldest.size
                if self._size <= self._limit:
                    return


_process = ProcessBudget()


class Offloader:
    """Called by the writer's thread after each commit; the engine takes the loaders when it next makes a step."""

    def __init__(
        self,
        claim: Claim,
        state: RunState,
        budget_bytes: int = BUDGET_BYTES,
        process: ProcessBudget = _process,
    ) -> None:
        self._claim = claim
        self._state = state
        self._budget = budget_bytes
        self._process = process
        self._held: dict[tuple[str, int], Held] = {}
        self._size = 0

    def __call__(self, commit: Commit) -> None:
        for row in commit.node_runs:
            if row.output_ref:
                held = Held((row.node, row.run_index), row.output_ref, row.output_bytes)
                self._held[held.turn] = held
                self._size += held.size
                self._process.add(self, held)
        while self._size > self._budget and len(self._held) > 1:
            self._let_go(next(iter(self._held.values())))
        if commit.is_last:
            self._held.clear()

    def release(self, held: Held) -> bool:
        """Whether nothing of it is held here any more. The newest stays."""
        if held.turn not in self._held:
            return True
        if held.turn == next(reversed(self._held)):
            return False
        self._let_go(held)
        return True

    def _let_go(self, held: Held) -> None:
        del self._held[held.turn]
        self._size -= held.size
        self._state.offloaded[held.turn] = loader(self._claim, None, held.ref)
