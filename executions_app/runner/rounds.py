"""A thread of a worker that does the same thing again and again."""

import threading
from abc import ABC, abstractmethod

import structlog

log = structlog.get_logger(__name__)


class Rounds(ABC):
    """`round` is called every `pause_s`. What it raises is logged, and the next round comes all the same: without its
    rounds a worker would go on as if nothing was."""

    def __init__(self, name: str, pause_s: float) -> None:
        self._name = name
        self._pause_s = pause_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the present round is over."""
        self._stop.set()
        self._thread.join()

    @abstractmethod
    def round(self) -> None: ...

    def _run(self) -> None:
        while not self._stop.wait(self._pause_s):
            try:
                self.round()
            except Exception:
                log.exception("round_failed", part=self._name)
