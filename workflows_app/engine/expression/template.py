"""The text of a parameter, split once: is it an expression, and which parts are code.

A stored text that starts with `=` is a template: plain text with `{{ code }}` blocks. A backslash in front of a pair of
braces keeps it as text, so a template holding one is left to the child as a whole (`blocks` returns None)."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a template: literal text, or the code between the braces."""

    text: str
    is_code: bool


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("=")


def template_text(value: str) -> str:
    """What follows the leading `=`."""
    return value[1:]


def blocks(template: str) -> tuple[Block, ...] | None:
    """The parts in order, empty texts left out. None where only the child's own splitter can tell."""
    if "\\{{" in template or "\\}}" in template:
        return None
    parts: list[Block] = []
    rest = template
    while rest:
        text, opened, rest = rest.partition("{{")
        if text:
            parts.append(Block(text, is_code=False))
        if not opened:
            break
        code, closed, rest = rest.partition("}}")
        if not closed:
            return None
        parts.append(Block(code, is_code=True))
    return tuple(parts)


def has_expressions(value: Any) -> bool:
    """Whether a stored value holds an expression at any depth."""
    if isinstance(value, str):
        return value.startswith("=")
    if isinstance(value, dict):
        return any(has_expressions(part) for part in value.values())
    if isinstance(value, list):
        return any(has_expressions(part) for part in value)
    return False
