"""What Python code prints: whole prints become lines of the run's log, up to a limit."""

import io
from typing import Any

MOST_ENTRIES = 1000
LONGEST_ENTRY = 8192
MOST_CHARACTERS = 65536


class Console:
    """The lines printed so far, each ``{level, text, item?}``; ``item`` is the one the code runs for."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.item: int | None = None
        self._room = MOST_CHARACTERS
        self._is_full = False

    def add(self, level: str, text: str) -> None:
        if self._is_full:
            return
        if len(self.entries) >= MOST_ENTRIES or self._room <= 0:
            self._is_full = True
            told = f"The console output ends here: more than {MOST_ENTRIES} lines or {MOST_CHARACTERS} characters."
            self._push("warn", told)
            return
        cut = f"{text[:LONGEST_ENTRY]}…" if len(text) > LONGEST_ENTRY else text
        self._room -= len(cut)
        self._push(level, cut)

    def _push(self, level: str, text: str) -> None:
        entry: dict[str, Any] = {"level": level, "text": text}
        self.entries.append(entry if self.item is None else {**entry, "item": self.item})


class Stream(io.TextIOBase):
    """Stands for ``sys.stdout`` or ``sys.stderr``. A print ends with a write that ends in a line break."""

    def __init__(self, console: Console, level: str) -> None:
        self._console = console
        self._level = level
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if len(self._begun) <= LONGEST_ENTRY:
            self._begun += text[: LONGEST_ENTRY + 2]
        if text.endswith("\n"):
            self.flush()
        return len(text)

    def flush(self) -> None:
        if self._begun:
            begun, self._begun = self._begun, ""
            self._console.add(self._level, begun.removesuffix("\n"))
