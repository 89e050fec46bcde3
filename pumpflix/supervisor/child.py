"""One supervised process: started, watched, restarted with back-off, stopped."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pumpflix.supervisor.spawn import Recipe, spawn, stop_group

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
LONGEST_DELAY_HIT_S = 1.0
STEADY_AFTER_S = 60.0
RECYCLED_AFTER_S = 5.0
LAST_WORD_S = 3.0
# A worker that cannot reach the database ends itself with this code, so that others may have its runs.
FENCED = 70
HIT = (-signal.SIGKILL, FENCED)


@dataclass
class Child:
    """`stop_signal` asks for an orderly end."""

    name: str
    recipe: Recipe
    log: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    is_ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    next_start: float = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.started_at = time.monotonic()
        log = self.log.open("ab") if self.log else None
        try:
            self.process = spawn(self.recipe, log)
        finally:
            if log:
                log.close()

    def keep_alive(self, now: float) -> str | None:
        """Start the child again when it has ended and its pause is over. Returns what happened, once, for the log."""
        if self.is_running:
            return None
        if self.process is not None:
            return self._note_end(now)
        if now >= self.next_start:
            self.start()
        return None

    def _note_end(self, now: float) -> str:
        """A clean exit after a while is a worker that recycles itself: it comes back at once. All else waits, longer
        each time, but not long where it was hit from outside: it would run well."""
        assert self.process is not None
        code = self.process.returncode
        stop_group(self.process, signal.SIGKILL)
        self.process = None
        steady_after_s = RECYCLED_AFTER_S if code == 0 else STEADY_AFTER_S
        self.failures = 0 if now - self.started_at > steady_after_s else self.failures + 1
        longest = LONGEST_DELAY_HIT_S if code in HIT else LONGEST_DELAY_S
        delay = min(longest, FIRST_DELAY_S * 2 ** (self.failures - 1)) if self.failures else 0.0
        self.next_start = now + delay
        return f"{self.name} ended ({_ending(code)}); next start in {delay:g} s"

    def ask_to_stop(self) -> None:
        if self.process is not None and self.is_running:
            self.process.send_signal(self.stop_signal)

    def kill(self) -> None:
        """The child and all it started, at once; PostgreSQL gets the moment it needs to release its shared memory."""
        if self.process is None:
            return
        self.process.send_signal(self.recipe.death_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(LAST_WORD_S)
        stop_group(self.process, signal.SIGKILL)
        self.process.wait()
        self.process = None


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
