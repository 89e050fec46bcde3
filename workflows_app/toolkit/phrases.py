"""Stored parameters in plain words: expressions shortened to what they read, lists shortened to their beginning."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import re2

from workflows_app.toolkit.compare import to_text

BLOCK = re2.compile(r"(?s)\{\{(.*?)\}\}")
PATH = re.compile(r"""\$json((?:\??\.[A-Za-z_$][\w$]*|\[["'][^"'\]]+["']\])+)""")
NODE_PATH = re.compile(
    r"""\$\(["']([^"']+)["']\)\.(?:item|first\(\)|last\(\))\.json((?:\??\.[A-Za-z_$][\w$]*|\[["'][^"'\]]+["']\])+)"""
)
MAX_LENGTH = 60
COMPUTED = "a computed value"


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("=")


def shown(value: Any) -> str:
    """A value for a sentence: the field a lone expression reads, a literal in quotes, `a computed value` else."""
    if not is_expression(value):
        return f"'{shortened(to_text(value))}'" if isinstance(value, str) else shortened(to_text(value))
    body = str(value)[1:].strip()
    blocks = BLOCK.findall(body)
    if len(blocks) == 1 and BLOCK.fullmatch(body):
        return field_of(blocks[0]) or COMPUTED
    return f"'{shortened(BLOCK.sub(lambda block: field_of(block[1]) or '…', body))}'"


def named(name: Any) -> str:
    """A field's name for a sentence; for a computed one, which node holds its name."""
    if not is_expression(name):
        return shortened(to_text(name))
    found = [NODE_PATH.fullmatch(block.strip()) for block in BLOCK.findall(str(name))]
    return f"fields named in {found[0][1]}" if len(found) == 1 and found[0] else "fields with computed names"


def field_of(expression: str) -> str:
    """`email` for `$json.email`, `Rows' email` for `$('Rows').item.json.email`; empty for anything else."""
    text = expression.strip()
    found = PATH.fullmatch(text)
    if found:
        return plain_path(found[1])
    found = NODE_PATH.fullmatch(text)
    return f"{plain_path(found[2])} of {found[1]}" if found else ""


def plain_path(path: str) -> str:
    parts: list[str] = re.findall(r"""\??\.([\w$]+)|\[["']([^"'\]]+)["']\]""", path)
    return ".".join("".join(part) for part in parts)


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_LENGTH else line[: MAX_LENGTH - 1] + "…"


def enumerated(names: Sequence[str], *, most: int = 4, joint: str = "and") -> str:
    """`a, b and c`; `a, b, c and 2 more` where there are many."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {joint} {names[-1]}"


def counted(number: Any, one: str, many: str) -> str:
    """`1 item`, `3 items`; `some items` where the number is computed."""
    if is_expression(number):
        return f"some {many}"
    return f"1 {one}" if str(number) == "1" else f"{number} {many}"


def host_of(stored: Any) -> str:
    """The host of a stored address, if no expression decides on it; else empty."""
    base, mark, _ = str(stored or "").removeprefix("=").strip().partition("{{")
    if not base.lower().startswith(("http://", "https://")):
        return ""
    try:
        parts = urlsplit(base)
    except ValueError:
        return ""
    # An expression right behind the host could still change it: `https://api.{{ ... }}`.
    is_whole = not mark or bool(parts.path or parts.query or parts.fragment)
    return (parts.hostname or "").rstrip(".") if is_whole and "@" not in parts.netloc else ""
