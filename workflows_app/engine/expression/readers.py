"""The fast path: templates that Python reads without JavaScript.

`compile_template` returns a reader for templates made of paths, simple arithmetic on them and literal text. A reader
returns the value, `UNDEFINED`, or `CHILD` where only JavaScript can tell.
"""

import re
from typing import Any

from workflows_app.engine.expression.formula import compile_formula
from workflows_app.engine.expression.paths import CHILD, STRING, UNDEFINED, Frame, Reader, compile_path
from workflows_app.engine.expression.template import blocks

_WORDS = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})", re.ASCII)
MAX_TEXT = 1_000_000
"""Characters put together here; more is the child's work."""


def compile_template(template: str) -> Reader | None:
    """A reader for the whole template, or None if any part of it is more than Python reads."""
    parts = blocks(template)
    if parts is None:
        return None
    if not any(part.is_code for part in parts):
        return constant(template)
    if len(parts) == 1:
        return compile_code(parts[0].text)
    pieces: list[str | Reader] = []
    for part in parts:
        if not part.is_code:
            pieces.append(part.text)
            continue
        reader = compile_code(part.text)
        if reader is None:
            return None
        pieces.append(reader)
    return joined(pieces)


def constant(value: Any) -> Reader:
    return lambda _frame, _item: value


def joined(pieces: list[str | Reader]) -> Reader:
    """Text with blocks in it, as JavaScript would put it together."""

    def read(frame: Frame, item: int) -> Any:
        out = []
        size = 0
        for piece in pieces:
            text = piece if type(piece) is str else as_text(piece(frame, item))  # type: ignore[operator]
            if text is None:
                return CHILD
            size += len(text)
            if size > MAX_TEXT:
                return CHILD
            out.append(text)
        return "".join(out)

    return read


def as_text(value: Any) -> str | None:
    """The text of a scalar inside a longer text; None where that is for the child to say."""
    kind = type(value)
    if kind is str:
        return str(value)
    if value is None or value is UNDEFINED:
        return ""
    if kind is bool:
        return "true" if value else "false"
    if kind is int or (kind is float and 1e-4 < abs(value) < 1e15):
        return str(value)
    return None


def compile_code(code: str) -> Reader | None:
    """The reader of one block, or None if it is more than Python reads."""
    text = code.strip()
    if text in _WORDS:
        return constant(_WORDS[text])
    if text == "$itemIndex":
        return lambda _frame, item: item
    if text == "$runIndex":
        return lambda frame, _item: frame.run_index
    if _NUMBER.fullmatch(text) and text != "-0":
        return constant(int(text))
    literal = re.fullmatch(STRING, text)
    if literal:
        return constant(next(group for group in literal.groups() if group is not None))
    # The length of a text or list is no member that paths know.
    path = None if text.endswith("length") else compile_path(text)
    return path or compile_formula(text)
