"""The pool of children: expressions, JavaScript and Python apart, spares ready, safe for many threads."""

import json
import os
import secrets
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pumpflix.lib.sandbox import py_start
from pumpflix.lib.sandbox.backoff import Backoff
from pumpflix.lib.sandbox.crew import Crew, Spawner
from pumpflix.lib.sandbox.errors import SandboxUnavailable
from pumpflix.lib.sandbox.parent import Call, Child, ChildSettings, IsCanceled, OnCall, SandboxResult, start

_REPOSITORY = Path(__file__).resolve().parents[3]
DEFAULT_LIBS = _REPOSITORY / "static" / "build" / "prelude-libs.js"
_MIB = 2**20
# Each holds 35 MB, from the first Python run on.
_MOST_PYTHON_SPARES = 4
# Made once: `dumps` with anything but its defaults makes one for every call.
_JSON = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


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
        backoff: Backoff | None = None,
    ) -> None:
        self._accept_reduced = accept_reduced
        self._max_output_bytes = max_output_bytes
        self._settings = settings or ChildSettings(libs=DEFAULT_LIBS)
        self._level: str | None = None
        self._pid = os.getpid()
        code_children = code_children or os.cpu_count() or 1
        self._spawner = Spawner(self._start)
        self._python_spawner = Spawner(self._start_python, stock=min(code_children, _MOST_PYTHON_SPARES))
        self._backoff = backoff or Backoff()
        self._expressions = Crew(self._spawner, expression_children, patience_s=0.05, backoff=self._backoff)
        self._code = Crew(self._spawner, code_children, patience_s=0.005, backoff=self._backoff)
        self._python = Crew(
            self._python_spawner, code_children, patience_s=0.0, is_single_use=True, backoff=self._backoff
        )

    @property
    def level(self) -> str:
        """ "full", "reduced: no ..." or "none: ...", for the health page. Starts a child if none has started yet."""
        if self._level is None:
            with suppress(SandboxUnavailable):
                self.warm()
        return self._level or "none"

    @property
    def known_level(self) -> str:
        """The same, as far as it is known; empty before the first child. Never waits."""
        return self._level or ""

    def warm(self, *, python: bool = False) -> None:
        """Start an expression child and a spare, with ``python`` also Python spares; returns when the first is ready.

        Raises ``SandboxUnavailable``.
        """
        if python:
            self._python_spawner.order()
        with self._member(self._expressions, ""):
            pass

    def evaluate(
        self,
        header: dict[str, Any],
        data: bytes,
        *,
        team: str,
        timeout_s: float = 1.0,
        memory_mb: int = 128,
        is_canceled: IsCanceled | None = None,
    ) -> SandboxResult:
        """Evaluate a batch of expressions of one node. ``header`` and ``data`` as the prelude reads them."""
        call = self._call("e", header, data, team=team, timeout_s=timeout_s, memory_mb=memory_mb)
        call = replace(call, is_canceled=is_canceled)
        with self._member(self._expressions, team, call) as child:
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
            header=_JSON.encode(header).encode(),
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
