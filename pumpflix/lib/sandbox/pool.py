"""The pool of children: expressions, JavaScript and Python apart, spares ready, safe for many threads."""

import json
import os
import queue
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pumpflix.lib.sandbox import py_start
from pumpflix.lib.sandbox.errors import SandboxUnavailable
from pumpflix.lib.sandbox.parent import Call, Child, ChildSettings, IsCanceled, OnCall, SandboxResult, start

_REPOSITORY = Path(__file__).resolve().parents[3]
DEFAULT_LIBS = _REPOSITORY / "static" / "build" / "prelude-libs.js"
_MIB = 2**20
_RECYCLE_CALLS = 20_000
_RECYCLE_GROWTH_BYTES = 256 * _MIB
_CHECK_EVERY_CALLS = 64
# Each holds 35 MB, from the first Python run on.
_MOST_PYTHON_SPARES = 4
# The first may be a spare that failed, or died, long ago.
_START_ATTEMPTS = 3
# How often a caller who waits for a child looks whether it is still wanted.
_LOOK_UP_S = 0.25
_CLOSING = SandboxUnavailable("The sandbox is shutting down; run this again.")


class Spawner:
    """Starts every child in one thread that outlives them: a parent-death signal comes when the *thread* ends."""

    def __init__(self, start_child: Callable[[], Child], stock: int = 1) -> None:
        self._start_child = start_child
        self._stock = stock
        self._wanted: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[Child | SandboxUnavailable] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._on_order = 0
        self._thread = threading.Thread(target=self._work, name="sandbox-spawner", daemon=True)
        self._thread.start()

    def order(self) -> None:
        """Ask for as many spares as are neither ready nor on their way."""
        with self._lock:
            while self._on_order < self._stock:
                self._on_order += 1
                self._wanted.put(True)

    def take(self) -> Child:
        """The spare, or the next child to be ready. Its successor is on order when this returns."""
        failure = None
        for _ in range(_START_ATTEMPTS):
            self.order()
            found = self._ready.get()
            with self._lock:
                self._on_order -= 1
            if found is _CLOSING:
                # Whoever waits next must hear of it too.
                self._ready.put(found)
            if isinstance(found, SandboxUnavailable):
                failure = found
                continue
            self.order()
            if found.is_alive():
                return found
        raise SandboxUnavailable(str(failure or "The sandbox processes of this machine die at once.")) from failure

    def close(self) -> None:
        """End the thread and the spares."""
        self._wanted.put(False)
        self._thread.join()
        while not self._ready.empty():
            found = self._ready.get()
            if isinstance(found, Child):
                found.kill()
        self._ready.put(_CLOSING)

    def _work(self) -> None:
        while self._wanted.get():
            try:
                self._ready.put(self._start_child())
            except SandboxUnavailable as error:
                self._ready.put(error)
            except Exception as error:  # noqa: BLE001 - the edge of a thread: whoever waits must hear of it
                self._ready.put(SandboxUnavailable(f"The sandbox process could not be started: {error}"))


class Crew:
    """The children of one kind, at most ``size``. A new one joins when a caller has waited ``patience_s`` in vain.

    With ``is_single_use`` a child ends with the call it served.
    """

    def __init__(self, spawner: Spawner, size: int, patience_s: float, *, is_single_use: bool = False) -> None:
        self._spawner = spawner
        self._size = size
        self._patience_s = patience_s
        self._is_single_use = is_single_use
        self._free = threading.Condition()
        self._idle: list[Child] = []
        self._members = 0
        self._closed = False

    @contextmanager
    def child(self, team: str, call: Call | None = None) -> Iterator[Child]:
        """A child for one call; the one that served this team last, if it is free. Dropped if it did not survive."""
        child = self._take(team, call)
        try:
            yield child
        finally:
            self._put_back(child)

    def close(self) -> None:
        """End the idle children now and the busy ones as they come back."""
        with self._free:
            self._closed = True
            for child in self._idle:
                child.kill()
            self._idle.clear()
            self._free.notify_all()

    def _take(self, team: str, call: Call | None) -> Child:
        with self._free:
            while not self._closed:
                child = self._idle_for(team)
                if child is not None:
                    return child
                if self._members == 0:
                    break
                may_grow = self._members < self._size
                if not self._free.wait(self._patience_s if may_grow else _LOOK_UP_S) and self._members < self._size:
                    break
                if call is not None:
                    call.stop_if_canceled()
            if self._closed:
                raise SandboxUnavailable(str(_CLOSING))
            self._members += 1
        try:
            return self._spawner.take()
        except BaseException:
            self._drop()
            raise

    def _idle_for(self, team: str) -> Child | None:
        while self._idle:
            place = next((n for n, child in enumerate(self._idle) if team in child.teams), len(self._idle) - 1)
            child = self._idle.pop(place)
            if child.is_alive():
                return child
            child.kill()
            self._members -= 1
        return None

    def _put_back(self, child: Child) -> None:
        if self._closed or self._is_single_use or not child.is_alive() or _is_worn(child):
            child.kill()
            self._drop()
            return
        with self._free:
            self._idle.append(child)
            self._free.notify()

    def _drop(self) -> None:
        with self._free:
            self._members -= 1
            self._free.notify()


def _is_worn(child: Child) -> bool:
    """Whether a child has grown, or served, so much that a fresh one should take its place."""
    if child.calls % _CHECK_EVERY_CALLS:
        return False
    return child.calls >= _RECYCLE_CALLS or child.rss_bytes() > child.ready_rss_bytes + _RECYCLE_GROWTH_BYTES


class CodePool:
    """Runs foreign JavaScript and Python in processes that hold nothing.

    Expressions and Code nodes have children of their own, so that neither waits for the other's loop; a Python child
    serves one run and ends. Children start when first needed; ``warm`` starts them earlier. Every method may be called
    from many threads. The first child tells how well this machine can lock it in (``level``); below "full" nothing runs
    unless an administrator accepts that (``accept_reduced``).
    """

    def __init__(
        self,
        *,
        accept_reduced: bool = False,
        code_children: int | None = None,
        expression_children: int = 2,
        max_output_bytes: int = 64 * _MIB,
        settings: ChildSettings | None = None,
    ) -> None:
        self._accept_reduced = accept_reduced
        self._max_output_bytes = max_output_bytes
        self._settings = settings or ChildSettings(libs=DEFAULT_LIBS)
        self._level: str | None = None
        self._pid = os.getpid()
        code_children = code_children or os.cpu_count() or 1
        self._spawner = Spawner(self._start)
        self._python_spawner = Spawner(self._start_python, stock=min(code_children, _MOST_PYTHON_SPARES))
        self._expressions = Crew(self._spawner, expression_children, patience_s=0.05)
        self._code = Crew(self._spawner, code_children, patience_s=0.005)
        self._python = Crew(self._python_spawner, code_children, patience_s=0.0, is_single_use=True)

    @property
    def level(self) -> str:
        """ "full", "reduced: no ..." or "none: ...", for the health page. Starts a child if none has started yet."""
        if self._level is None:
            with suppress(SandboxUnavailable):
                self.warm()
        return self._level or "none"

    def warm(self, *, python: bool = False) -> None:
        """Start an expression child and a spare, with ``python`` also Python spares; returns when the first is ready.

        Raises ``SandboxUnavailable``.
        """
        if python:
            self._python_spawner.order()
        with self._member(self._expressions, ""):
            pass

    def evaluate(
        self, header: dict[str, Any], data: bytes, *, team: str, timeout_s: float = 1.0, memory_mb: int = 128
    ) -> SandboxResult:
        """Evaluate a batch of expressions of one node. ``header`` and ``data`` as the prelude reads them."""
        call = self._call("e", header, data, team=team, timeout_s=timeout_s, memory_mb=memory_mb)
        with self._member(self._expressions, team) as child:
            return child.run(call)

    def run_code(  # noqa: PLR0913 - two texts, then limits and call-backs by name
        self,
        header: dict[str, Any],
        data: bytes,
        *,
        team: str,
        timeout_s: float = 60.0,
        memory_mb: int = 256,
        on_call: OnCall | None = None,
        is_canceled: IsCanceled | None = None,
    ) -> SandboxResult:
        """Run a Code node, JavaScript unless ``header["language"]`` begins with "python".

        ``on_call(name, args)`` answers its calls to the host, one at a time, in this thread; Python code has none.
        Waiting for a free child does not count against ``timeout_s``. The time ``on_call`` takes does, but nothing
        interrupts it. A ``HostCallError`` from it rejects the promise in the code; anything else ends the child and
        comes out of here. ``is_canceled`` is asked many times a second; once true, the child ends.
        """
        is_python = str(header.get("language") or "").startswith("python")
        # The child has no source of chance that its author could not predict.
        header = {**header, "entropy": secrets.token_hex(32)}
        call = self._call("c", header, data, team=team, timeout_s=timeout_s, memory_mb=memory_mb)
        call = replace(call, on_call=None if is_python else on_call, is_canceled=is_canceled)
        with self._member(self._python if is_python else self._code, team, call) as child:
            return child.run(call)

    def close(self) -> None:
        """End every child. Calls in flight end as their children do."""
        self._expressions.close()
        self._code.close()
        self._python.close()
        self._spawner.close()
        self._python_spawner.close()

    def _member(self, crew: Crew, team: str, call: Call | None = None) -> AbstractContextManager[Child]:
        if os.getpid() != self._pid:
            raise SandboxUnavailable("A CodePool cannot be used in a forked process; make one there.")
        return crew.child(team, call)

    def _call(
        self, operation: str, header: dict[str, Any], data: bytes, *, team: str, timeout_s: float, memory_mb: int
    ) -> Call:
        return Call(
            operation=operation,
            header=json.dumps(header, separators=(",", ":"), allow_nan=False).encode(),
            data=data,
            team=team,
            timeout_s=timeout_s,
            memory_mb=min(memory_mb, self._settings.max_memory_mb),
            max_output_bytes=self._max_output_bytes,
        )

    def _start(self) -> Child:
        try:
            child = start(self._settings)
        except SandboxUnavailable as error:
            self._level = f"none: {error}"
            raise
        self._level = str(child.level)
        return self._accepted(child)

    def _start_python(self) -> Child:
        return self._accepted(py_start.start(self._settings))

    def _accepted(self, child: Child) -> Child:
        if child.level.name != "full" and not self._accept_reduced:
            child.kill()
            raise SandboxUnavailable(
                f"Expressions and Code nodes are off: this machine can lock them in only in part ({child.level}). "
                "Allow what is missing, or let an administrator accept the lower level in the settings."
            )
        return child
