"""One run of a Python Code node: names in, code run once or per item, result or error out."""

import builtins
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pumpflix.lib.sandbox import py_output
from pumpflix.lib.sandbox.py_compile import Program, code_error
from pumpflix.lib.sandbox.py_console import Console, Stream
from pumpflix.lib.sandbox.py_scope import Scope
from pumpflix.lib.sandbox.py_values import NotJson, to_json

_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class CodeRun:
    """``answer()`` is what the child sends back: ``{output | error, console, staticData?, customData?}`` as JSON."""

    def __init__(self, header: dict[str, Any], data: dict[str, Any]) -> None:
        self._header = header
        self._scope = Scope(header, data)
        self._console = Console()
        self._program: Program | None = None
        self._is_each = header.get("mode") == "runOnceForEachItem"

    def answer(self) -> bytes:
        """Raises ``MemoryError`` alone; everything else that the code does is told in the answer."""
        with self._streams():
            try:
                told: dict[str, Any] = {"output": self._each() if self._is_each else self._all()}
            except MemoryError:
                raise
            except BaseException as error:  # noqa: BLE001 - foreign code may raise anything, SystemExit too
                told = {"error": self._failure(error)}
        told["console"] = self._console.entries
        return _encode(told | self._kept()).encode()

    def _all(self) -> Any:
        returned = self._returned(0)
        return py_output.raw(returned) if self._header.get("raw") else py_output.all_items(returned)

    def _each(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = []
        wanted = self._header.get("itemIndexes")
        for index in range(len(self._scope.items)) if wanted is None else wanted:
            self._console.item = index
            try:
                output = py_output.one_item(self._returned(index), index)
            except MemoryError:
                raise
            except BaseException as error:  # noqa: BLE001 - foreign code may raise anything, SystemExit too
                entries.append({"item": index, "error": self._failure(error, index)})
                if not self._header.get("continueOnFail"):
                    break
            else:
                if output is not None:
                    entries.append({"item": index, "output": output})
        return entries

    def _returned(self, index: int) -> Any:
        """Names are made anew for each item: what the code defines for one item is not there for the next."""
        self._program = self._program or Program(str(self._header.get("code") or ""))
        names = {"__name__": "__main__", "__builtins__": builtins, **self._scope.names(index)}
        returned = self._program.function(names)()
        if self._program.is_async:
            import asyncio  # noqa: PLC0415 - few need it, and it costs each start 30 ms

            return asyncio.run(returned)
        return returned

    @staticmethod
    def _failure(error: BaseException, item: int | None = None) -> dict[str, Any]:
        if isinstance(error, py_output.WrongShape):
            return {"type": "ValidationError", "message": str(error), "description": error.description}
        return code_error(error, item)

    def _kept(self) -> dict[str, Any]:
        """Static and custom data, once the code touched them; left out where they cannot be written."""
        kept: dict[str, Any] = {}
        try:
            if self._scope.static_data is not None:
                kept["staticData"] = to_json(self._scope.static_data)
            if self._scope.custom.is_changed:
                kept["customData"] = to_json(self._scope.custom.values)
        except NotJson as error:
            self._console.add("warn", f"Static data was not kept: {error}. {error.advice}")
        return kept

    @contextmanager
    def _streams(self) -> Iterator[None]:
        kept = sys.stdout, sys.stderr, sys.stdin
        out, err = Stream(self._console, "log"), Stream(self._console, "error")
        sys.stdout, sys.stderr, sys.stdin = out, err, io.StringIO()
        try:
            yield
        finally:
            out.flush()
            err.flush()
            sys.stdout, sys.stderr, sys.stdin = kept


def run_code(header: bytes, data: bytes) -> bytes:
    """Header and data as JSON texts; the answer as JSON text."""
    return CodeRun(json.loads(header), json.loads(data)).answer()
