"""Turns the text of a Python Code node into a function, and its exceptions into what the author reads."""

import ast
import linecache
import traceback
import types
from collections.abc import Callable, Iterator
from typing import Any

FILE_NAME = "<code>"
_FUNCTION = "code_node"
_LONGEST_MESSAGE = 2000
_MOST_FRAMES = 20
_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_WAITS = (ast.Await, ast.AsyncFor, ast.AsyncWith)


class Program:
    """Code made into the body of a function, so that it may return; of a coroutine function if it awaits.

    Raises what the compiler raises for text that is no Python.
    """

    def __init__(self, code: str) -> None:
        tree = ast.parse(code, FILE_NAME)
        future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
        body = [node for node in tree.body if node not in future]
        self.is_async = any(isinstance(node, _WAITS) or getattr(node, "is_async", 0) for node in _own_nodes(body))
        function = ast.parse(f"{'async ' if self.is_async else ''}def {_FUNCTION}(): pass").body[0]
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        function.body = body or function.body
        # The author's lines for tracebacks; the file itself is nowhere.
        linecache.cache[FILE_NAME] = (len(code), None, code.splitlines(keepends=True), FILE_NAME)
        self._code = compile(ast.Module([*future, function], []), FILE_NAME, "exec", dont_inherit=True)

    def function(self, names: dict[str, Any]) -> Callable[[], Any]:
        """The code as a function whose globals are ``names``."""
        exec(self._code, names)  # noqa: S102 - the whole point of this process
        return names.pop(_FUNCTION)  # type: ignore[no-any-return]


def _own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node that runs with the code itself, not inside a function or class it defines."""
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _OWN_SCOPE):
            stack.extend(ast.iter_child_nodes(node))


def code_error(error: BaseException, item: int | None = None) -> dict[str, Any]:
    """The exception as the run reports it: its name, its message with the author's line, the author's frames only."""
    name, message = type(error).__name__, _message(error)
    frames = _own_frames(error)
    line = frames[-1].lineno if frames else None
    if isinstance(error, SyntaxError) and error.filename == FILE_NAME:
        line = error.lineno
    text = f"{name}: {message}" if message else name
    places = [f"line {line}" if line else "", "" if item is None else f"for item {item}"]
    place = ", ".join(part for part in places if part)
    out: dict[str, Any] = {
        "type": "ExecutionError",
        "message": f"{text} [{place}]" if place else text,
        "description": _advice(error),
    }
    if line:
        out["line"] = line
    if frames:
        out["stack"] = f"{text}\n{_stack(frames)}"
    return out


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return str(error.msg)
    if isinstance(error, KeyError) and error.args:
        return f"there is no key {error.args[0]!r}"[:_LONGEST_MESSAGE]
    try:
        return str(error)[:_LONGEST_MESSAGE]
    except Exception:  # noqa: BLE001 - the author's own __str__
        return "an error without a readable message"


def _own_frames(error: BaseException) -> list[traceback.FrameSummary]:
    found = [
        traceback.FrameSummary(frame.f_code.co_filename, number, frame.f_code.co_name, lookup_line=False)
        for frame, number in _walk(error.__traceback__)
        if frame.f_code.co_filename == FILE_NAME
    ]
    return found[-_MOST_FRAMES:]


def _walk(link: types.TracebackType | None) -> Iterator[tuple[types.FrameType, int]]:
    while link is not None:
        yield link.tb_frame, link.tb_lineno
        link = link.tb_next


def _stack(frames: list[traceback.FrameSummary]) -> str:
    lines = []
    for frame in reversed(frames):
        where = "code" if frame.name == _FUNCTION else frame.name
        lines.append(f"    at {where} (line {frame.lineno}): {linecache.getline(FILE_NAME, frame.lineno or 0).strip()}")
    return "\n".join(lines)


def _advice(error: BaseException) -> str | None:
    if isinstance(error, ModuleNotFoundError):
        return "Only Python's standard library can be imported here; use a node, or JavaScript, for the rest."
    if isinstance(error, PermissionError):
        return "Code cannot open files, connections or programs. Use the nodes for files and HTTP requests instead."
    if isinstance(error, SystemExit):
        return "Code ends with return, not with exit()."
    return None
