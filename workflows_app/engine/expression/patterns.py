"""Regular expressions of the fast path: literals whose meaning is the same to RE2, on ASCII text.

RE2 takes time linear in the text, whatever the pattern. Left to the child are groups that repeat, references back,
looking around, word boundaries, and patterns that match nothing at all.
"""

import re
from typing import Any

import re2

from workflows_app.engine.expression.functions import ascii_only
from workflows_app.engine.expression.javascript import MAX_TEXT, Defer, text

_SPACE = r"\t\n\v\f\r "
_IN_CLASS = {"d": "0-9", "w": "A-Za-z0-9_", "s": _SPACE}
_PLAIN = re.compile(r"[A-Za-z0-9_ \-@#%&,;:!\"'<>=~]", re.ASCII)
_CLASS = re.compile(r"\[(\^?)((?:[A-Za-z0-9_ @#%&,;:!\"'<>=~.+*?|(){}$/-]|\\[dws\-\].\\/tnr])+)\]", re.ASCII)
_COUNT = re.compile(r"(?:[*+?]|\{\d{1,2}(?:,\d{0,2})?\})\??", re.ASCII)
_ESCAPED = re.compile(r"\\([dwDW.\-+*?()\[\]{}|^$/\\tnr])", re.ASCII)


class NotAlike(Exception):
    """The two engines may differ."""


def compile_pattern(source: str, flags: str) -> Any:
    """Raises NotAlike."""
    if not source.isascii() or set(flags) - {"g", "i"} or len(set(flags)) != len(flags):
        raise NotAlike
    try:
        compiled = re2.compile(("(?i)" if "i" in flags else "") + translated(source))
    except re2.error as error:
        raise NotAlike from error
    if compiled.search("") is not None:
        raise NotAlike
    return compiled


def translated(source: str) -> str:
    """The same pattern in RE2's words."""
    out, place = [], 0
    may_repeat = False
    while place < len(source):
        if (found := _CLASS.match(source, place)) is not None:
            inside = re.sub(r"\\([dws])", lambda part: _IN_CLASS[part[1]], found[2])
            out.append(f"[{found[1]}{inside}]")
            may_repeat = True
        elif (found := _ESCAPED.match(source, place)) is not None or (found := _PLAIN.match(source, place)) is not None:
            out.append(found[0])
            may_repeat = True
        elif source.startswith("\\s", place):
            found = re.compile(r"\\s").match(source, place)
            out.append(f"[{_SPACE}]")
            may_repeat = True
        elif (found := _COUNT.match(source, place)) is not None and may_repeat:
            out.append(found[0])
            may_repeat = False
        else:
            found = re.compile(r"[.^$|]").match(source, place)
            if found is None:
                raise NotAlike
            out.append(r"[^\n\r]" if found[0] == "." else found[0])
            may_repeat = found[0] == "."
        assert found is not None
        place = found.end()
    return "".join(out)


def replaced(pattern: Any, is_global: bool, value: Any, new: Any) -> str:
    subject, put = ascii_only(value), text(new)
    if "$" in put or (len(subject) + 1) * (len(put) + 1) > MAX_TEXT:
        raise Defer
    return str(pattern.sub(lambda _: put, subject, 0 if is_global else 1))


def is_found(pattern: Any, value: Any) -> bool:
    return pattern.search(ascii_only(value)) is not None
