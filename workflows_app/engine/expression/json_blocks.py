"""JSON with expressions in it: each value is written the way its place asks for. Between quotes it is text, escaped;
elsewhere it is JSON, except that a text stands as it is, so it may be a part of the JSON."""

from collections.abc import Sequence
from typing import Any

from workflows_app.engine.expression.paths import UNDEFINED
from workflows_app.engine.expression.template import Block
from workflows_app.engine.json_text import dumps


def json_with(parts: Sequence[Block], values: Sequence[Any]) -> str:
    """The text with one value for each block of code, in order."""
    out: list[str] = []
    given = iter(values)
    is_quoted = False
    for part in parts:
        out.append(written(next(given), is_quoted=is_quoted) if part.is_code else part.text)
        is_quoted = is_quoted if part.is_code else ends_quoted(part.text, is_quoted=is_quoted)
    return "".join(out)


def written(value: Any, *, is_quoted: bool) -> str:
    """Nothing at all is null, but `undefined` between quotes. Objects and lists are JSON anywhere."""
    if value is UNDEFINED:
        return "undefined" if is_quoted else "null"
    if isinstance(value, str):
        return dumps(value).decode()[1:-1] if is_quoted else value
    return dumps(value).decode()


def ends_quoted(text: str, *, is_quoted: bool) -> bool:
    """Whether the place behind the text is inside a quoted text."""
    place = 0
    while place < len(text):
        if text[place] == "\\" and is_quoted:
            place += 1
        elif text[place] == '"':
            is_quoted = not is_quoted
        place += 1
    return is_quoted
