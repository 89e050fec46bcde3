"""Pauses for teams whose code keeps killing its children: each death costs a new process, at everybody's expense."""

import threading
import time
from collections.abc import Callable

FREE_DEATHS = 2
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 1.0
FORGOTTEN_AFTER_S = 60.0


class Backoff:
    """The first deaths are free; then each doubles the pause, until none has come for a minute."""

    def __init__(
        self, *, longest_pause_s: float = LONGEST_PAUSE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._longest_pause_s = longest_pause_s
        self._clock = clock
        self._deaths: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def died(self, team: str) -> None:
        """A child of the team ended because of what it ran."""
        now = self._clock()
        with self._lock:
            known = {name: entry for name, entry in self._deaths.items() if now - entry[1] < FORGOTTEN_AFTER_S}
            count, _ = known.get(team, (0, now))
            self._deaths = {**known, team: (count + 1, now)}

    def pause_s(self, team: str) -> float:
        """Seconds until the team may have its next child; 0 at once."""
        count, last = self._deaths.get(team, (0, 0.0))
        if count <= FREE_DEATHS:
            return 0.0
        pause_s = min(FIRST_PAUSE_S * 2.0 ** (count - FREE_DEATHS - 1), self._longest_pause_s)
        return max(0.0, last + pause_s - self._clock())
