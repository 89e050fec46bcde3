"""asyncio where no file descriptor can be made: a loop that sleeps, wakes and runs tasks, and has nothing to poll."""

import asyncio
import selectors
import threading
from collections.abc import Mapping
from typing import Any


class _Nothing(selectors.BaseSelector):
    """A selector without files: it waits until the time is over or somebody wakes it."""

    def __init__(self) -> None:
        self.woken = threading.Event()

    def register(self, *_: Any, **__: Any) -> selectors.SelectorKey:
        raise PermissionError("There are no sockets and no pipes here.")

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        raise KeyError(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self.woken.wait(timeout)
        self.woken.clear()
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return {}


class Loop(asyncio.SelectorEventLoop):
    """An event loop for tasks, timers and threads; connections and processes are refused by the walls anyway."""

    def __init__(self) -> None:
        self._nothing = _Nothing()
        super().__init__(self._nothing)

    def _make_self_pipe(self) -> None:
        pass

    def _close_self_pipe(self) -> None:
        pass

    def _write_to_self(self) -> None:
        self._nothing.woken.set()


class Policy(asyncio.DefaultEventLoopPolicy):
    """Makes every loop one of these."""

    _loop_factory = Loop


def install() -> None:
    """To be called once asyncio is loaded."""
    asyncio.set_event_loop_policy(Policy())
