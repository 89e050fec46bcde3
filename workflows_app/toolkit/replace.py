"""Replacing by regular expression, with JavaScript's signs in the new text: `$1`, `$<name>`, `$&`, `$$`."""

import re as grammar
from itertools import islice
from typing import Any

from workflows_app.toolkit.regex import compile_pattern, parse_literal

SIGN = grammar.compile(r"\$(?:(\$)|(&)|(\d{1,2})|<([^>]+)>)")
MAX_RESULT = 10_000_000


def replace_all(pattern: str, text: str, new: str, *, flags: str = "", literal: bool = False) -> str:
    """Every match replaced. `literal`: the pattern may be written as `/pattern/flags`."""
    return replaced(pattern, text, new, flags=flags, literal=literal, most=len(text) + 1)


def replace_first(pattern: str, text: str, new: str, *, flags: str = "") -> str:
    """The first match replaced."""
    return replaced(pattern, text, new, flags=flags, literal=False, most=1)


def replaced(pattern: str, text: str, new: str, *, flags: str, literal: bool, most: int) -> str:
    compiled = parse_literal(pattern, flags) if literal else compile_pattern(pattern, flags)
    out: list[str] = []
    size, at = 0, 0
    for found in islice(compiled.finditer(text), most):
        piece = text[at : found.start()] + expanded(found, new)
        size += len(piece)
        if size > MAX_RESULT:
            break
        out.append(piece)
        at = found.end()
    return "".join(out) + text[at:]


def expanded(found: Any, new: str) -> str:
    """The new text for one match; a sign for a group that is not there stays as it is."""

    def sign(place: "grammar.Match[str]") -> str:
        if place[1]:
            return "$"
        if place[2]:
            return str(found.group(0))
        try:
            return str(found.group(int(place[3]) if place[3] else place[4]) or "")
        except (IndexError, KeyError):
            return place[0]

    return SIGN.sub(sign, new) if "$" in new else new
