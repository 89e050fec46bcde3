"""Large outputs leave memory: once committed, and once a run holds more than its budget, the oldest go first."""

from executions_app.runner.claim import Claim
from executions_app.runner.commits import Commit
from executions_app.runner.resume import loader
from workflows_app.engine.state import RunState

BUDGET_BYTES = 32 * 1024 * 1024


class Offloader:
    """Called by the writer's thread after each commit; the engine takes the loaders when it next makes a step."""

    def __init__(self, claim: Claim, state: RunState, budget_bytes: int = BUDGET_BYTES) -> None:
        self._claim = claim
        self._state = state
        self._budget = budget_bytes
        self._held: list[tuple[tuple[str, int], str, int]] = []
        self._size = 0

    def __call__(self, commit: Commit) -> None:
        for row in commit.node_runs:
            if row.output_ref:
                self._held.append(((row.node, row.run_index), row.output_ref, row.output_bytes))
                self._size += row.output_bytes
        while self._size > self._budget and len(self._held) > 1:
            turn, ref, size = self._held.pop(0)
            self._size -= size
            self._state.offloaded[turn] = loader(self._claim, None, ref)
