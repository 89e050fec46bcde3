"""The author's text as a function, and the author's errors as the author reads them."""

import asyncio
import builtins
from typing import Any

import pytest

from pumpflix.lib.sandbox.py_compile import Program, code_error


def outcome(code: str, **names: Any) -> Any:
    program = Program(code)
    returned = program.function({"__builtins__": builtins, **names})()
    return asyncio.run(returned) if program.is_async else returned


def error_of(code: str, item: int | None = None) -> dict[str, Any]:
    with pytest.raises(BaseException) as raised:  # noqa: PT011 - any
        outcome(code)
    return code_error(raised.value, item)


@pytest.mark.parametrize(
    "code, value",
    [
        ("return 1", 1),
        ("x = 2\ndef f():\n    return x\nreturn f()", 2),
        ("def f(n):\n    return n and f(n - 1)\nreturn f(3)", 0),
        ("class A:\n    x = 3\nreturn A().x", 3),
        ("return [n for n in range(3)]", [0, 1, 2]),
        ("from __future__ import annotations\nx: Unknown = 1\nreturn x", 1),
        ("import math as m\nreturn m.sqrt(4)", 2.0),
        ("", None),
        ("# nothing but a comment", None),
        ("return 1; ", 1),
        ("return '''a\n  b'''", "a\n  b"),
        ("import asyncio\nawait asyncio.sleep(0)\nreturn 5", 5),
        ("async def f():\n    return 6\nreturn await f()", 6),
        ("async def g():\n    yield 7\nreturn [x async for x in g()]", [7]),
        ("import contextlib\nasync with contextlib.AsyncExitStack():\n    return 8", 8),
        ("async def unused():\n    await None\nreturn 9", 9),
        ("return given", 10),
        ("\tx = 1\n\treturn x" if False else "if True:\n\treturn 11", 11),
    ],
)
def test_code_may_return_await_and_define(code, value):
    assert outcome(code, given=10) == value


@pytest.mark.parametrize(
    "code, message, line",
    [
        ("x = 1\nreturn nothing", "NameError: name 'nothing' is not defined [line 2]", 2),
        ("return {}['a']", "KeyError: there is no key 'a' [line 1]", 1),
        ("raise ValueError", "ValueError [line 1]", 1),
        ("return (", "SyntaxError: '(' was never closed [line 1]", 1),
        ("x = 1\n  y = 2", "IndentationError: unexpected indent [line 2]", 2),
        ("def f():\n    return 1 / 0\nreturn f()", "ZeroDivisionError: division by zero [line 2]", 2),
        ("import json\njson.loads('{')", "JSONDecodeError: Expecting property name", 2),
        ("return eval('(')", "SyntaxError: '(' was never closed [line 1]", 1),
        ("return 1\x00", "SyntaxError: source code string cannot contain null bytes", None),
        ("from math import *", "SyntaxError: import * only allowed at module level [line 1]", 1),
    ],
)
def test_an_error_tells_its_kind_and_the_authors_line(code, message, line):
    error = error_of(code)
    assert error["message"].startswith(message)
    assert error.get("line") == line


def test_only_the_authors_frames_are_told():
    error = error_of("import json\ndef read(text):\n    return json.loads(text)\nreturn read('{')", item=4)
    assert error["message"].endswith("[line 3, for item 4]")
    assert error["stack"].splitlines()[1:] == [
        "    at read (line 3): return json.loads(text)",
        "    at code (line 4): return read('{')",
    ]


def test_an_error_without_a_readable_text_is_told_all_the_same():
    code = "class E(Exception):\n    def __str__(self):\n        raise ValueError\nraise E"
    assert error_of(code)["message"] == "E: an error without a readable message [line 4]"


def test_a_long_text_is_cut():
    assert len(error_of("raise ValueError('x' * 10**6)")["message"]) < 3000
    assert len(error_of("return {}['x' * 10**6]")["message"]) < 3000


@pytest.mark.parametrize(
    "code, advice",
    [
        ("import no_such_module", "standard library"),
        ("raise PermissionError", "cannot open files"),
        ("raise SystemExit", "ends with return"),
    ],
)
def test_the_commonest_errors_say_what_to_do(code, advice):
    assert advice in error_of(code)["description"]
