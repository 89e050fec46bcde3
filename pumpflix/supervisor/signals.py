"""Signals as plain facts: which came, and a sleep that any of them ends."""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """`stop_requests` counts; the second one means at once. SIGUSR1 asks for fresh web and worker processes."""

    def __init__(self) -> None:
        self.stop_requests = 0
        self.is_restart_wanted = False
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)

    @contextmanager
    def caught(self) -> Iterator["Signals"]:
        """From here until the block ends the signals are ours."""
        numbers = (*STOP, signal.SIGUSR1, signal.SIGCHLD)
        before = {number: signal.signal(number, self._note) for number in numbers}
        wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        try:
            yield self
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)

    def sleep(self, seconds: float) -> None:
        """Returns early when a signal arrives, or when a child has ended."""
        ready, _, _ = select.select([self._reader], [], [], max(0.0, seconds))
        if ready:
            os.read(self._reader, 512)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number in STOP:
            self.stop_requests += 1
        elif number == signal.SIGUSR1:
            self.is_restart_wanted = True
