"""How much one execution may log: then one line says how many were left out."""

from collections.abc import Iterator
from dataclasses import replace

from workflows_app.engine.events import LogWritten

LINES_PER_S = 1000
BYTES = 10 * 1024 * 1024


class LogBudget:
    def __init__(self) -> None:
        self._second = 0
        self._lines = 0
        self._bytes = 0
        self._dropped = 0

    def allow(self, event: LogWritten) -> Iterator[LogWritten]:
        """The event if it fits; before the first that fits again, the line about those that did not."""
        second = int(event.at.timestamp())
        if second != self._second:
            self._second, self._lines = second, 0
        if self._lines >= LINES_PER_S or self._bytes >= BYTES:
            self._dropped += 1
            if self._dropped == 1:
                yield replace(event, level="warn", text="Too many log lines; further ones are left out.", item=None)
            return
        if self._dropped:
            text = f"{self._dropped} log lines were left out."
            self._dropped = 0
            yield replace(event, level="warn", text=text, item=None)
        self._lines += 1
        self._bytes += min(len(event.text), 1024)
        yield event
