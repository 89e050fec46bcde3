"""Plain paths (`$json.a["b c"][0]`, `$('Node').item.json.x`), compiled to Python closures.

A reader returns the value, `UNDEFINED`, or `CHILD` where only JavaScript can tell: it accepts a case only if V8 gives
the very same answer. CHILD is the answer for members of texts and numbers, whole numbers from 2^53, inherited members
and every kind of error.
"""

import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from workflows_app.engine.items import Item


class _Marker:
    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


CHILD: Final = _Marker("CHILD")
UNDEFINED: Final = _Marker("UNDEFINED")

SAFE_INTEGER = 2**53


class Frame(Protocol):
    """What a path may start from. The look-ups answer None where the child must produce the error."""

    items: list[Item]
    run_index: int

    def paired_item(self, node: str, item: int) -> Item | None: ...
    def first_item(self, node: str) -> Item | None: ...
    def last_item(self, node: str) -> Item | None: ...
    def same_index_item(self, node: str, item: int) -> Item | None: ...
    def now(self) -> Any: ...


Reader = Callable[[Frame, int], Any]
Key = str | int
Steps = tuple[tuple[Key, bool], ...]
"""Each step is a key and whether it was written with `?.`."""

DENIED = frozenset({"constructor", "prototype", "__proto__"})
"""Members the expression language refuses even where the data has them."""

STRING = r"""(?:"([^"\\\n]*)"|'([^'\\\n]*)')"""
_NODE = re.compile(rf"\$\(\s*{STRING}\s*\)")
_LEGACY_NODE = re.compile(rf"\$node(?:\[\s*{STRING}\s*\]|\.([A-Za-z_$][\w$]*))", re.ASCII)
_STEP = re.compile(
    rf"\s*(?:(\?)?\.([A-Za-z_$][\w$]*)|(\?\.)?\[\s*(?:{STRING}|(0|[1-9]\d{{0,8}}))\s*\])(?!\s*(?:\(|`))", re.ASCII
)
_SOURCE = re.compile(r"\.(?:(item|pairedItem\(\))|(first\(\))|(last\(\)))\.json(?![\w$])", re.ASCII)
_INPUT = re.compile(r"\$input\.(?:(item)|(first\(\))|(last\(\)))\.json(?![\w$])", re.ASCII)
_JSON = re.compile(r"\$json(?![\w$])", re.ASCII)
_LEGACY_JSON = re.compile(r"\.json(?![\w$])", re.ASCII)


def parse_path(text: str) -> tuple[Reader, Steps] | None:
    """What the path starts from, and its steps; None if the text is more than a path."""
    root, end = compile_root(text)
    if root is None:
        return None
    steps = read_steps(text, end)
    return None if steps is None else (root, steps)


def compile_path(text: str) -> Reader | None:
    parsed = parse_path(text)
    if parsed is None:
        return None
    root, steps = parsed
    if all(type(key) is str and not optional for key, optional in steps):
        return plain_path(root, tuple(str(key) for key, _ in steps), steps)
    return lambda frame, item: follow(root(frame, item), steps)


def compile_root(text: str) -> tuple[Callable[[Frame, int], Any] | None, int]:
    """The part up to `.json` and where it ends. A root gives the JSON object, or CHILD."""
    found = _JSON.match(text)
    if found:
        return current_json, found.end()
    found = _INPUT.match(text)
    if found:
        return (current_json if found[1] else first_json if found[2] else last_json), found.end()
    found = _NODE.match(text)
    if found:
        name = found[1] if found[1] is not None else found[2]
        source = _SOURCE.match(text, found.end())
        return (node_root(name, source), source.end()) if source else (None, 0)
    found = _LEGACY_NODE.match(text)
    if found:
        name = next(group for group in found.groups() if group is not None)
        member = _LEGACY_JSON.match(text, found.end())
        return (legacy_root(name), member.end()) if member else (None, 0)
    return None, 0


def read_steps(text: str, start: int) -> Steps | None:
    """The members after the root up to the end of the text; None if anything else follows."""
    steps: list[tuple[Key, bool]] = []
    while start < len(text):
        found = _STEP.match(text, start)
        if not found:
            return None
        optional, word, optional_index, double, single, number = found.groups()
        key: Key = int(number) if number else next(part for part in (word, double, single) if part is not None)
        if key in DENIED:
            return None
        steps.append((key, bool(optional or optional_index)))
        start = found.end()
    return tuple(steps)


# Roots ------------------------------------------------------------------------------------------------------------
def current_json(frame: Frame, item: int) -> Any:
    return frame.items[item].json if item < len(frame.items) else CHILD


def first_json(frame: Frame, _item: int) -> Any:
    return frame.items[0].json if frame.items else CHILD


def last_json(frame: Frame, _item: int) -> Any:
    return frame.items[-1].json if frame.items else CHILD


def node_root(name: str, source: re.Match[str]) -> Callable[[Frame, int], Any]:
    if source[1]:
        return lambda frame, item: json_of(frame.paired_item(name, item))
    if source[2]:
        return lambda frame, _item: json_of(frame.first_item(name))
    return lambda frame, _item: json_of(frame.last_item(name))


def legacy_root(name: str) -> Callable[[Frame, int], Any]:
    return lambda frame, item: json_of(frame.same_index_item(name, item))


def json_of(item: Item | None) -> Any:
    return CHILD if item is None else item.json


# Following --------------------------------------------------------------------------------------------------------
def plain_path(root: Callable[[Frame, int], Any], keys: tuple[str, ...], steps: Steps) -> Reader:
    """Member names only: the common case, without a test per step."""

    def read(frame: Frame, item: int) -> Any:
        value = base = root(frame, item)
        try:
            for key in keys:
                value = value[key]
        except (KeyError, TypeError):
            return follow(base, steps)
        kind = type(value)
        if kind is str or kind is bool or value is None:
            return value
        return as_javascript(value)

    return read


def follow(value: Any, steps: Steps) -> Any:
    """Step by step. A member of null or undefined makes the block undefined: the language swallows that TypeError."""
    for key, _optional in steps:
        if value is None or value is UNDEFINED:
            return UNDEFINED
        value = member(value, key)
        if value is CHILD:
            return CHILD
    return value if value is UNDEFINED else as_javascript(value)


def member(value: Any, key: Key) -> Any:
    """One step. Only objects and whole-number places of lists are answered here."""
    if type(value) is dict:
        name = str(key)
        if name in value:
            return value[name]
        return CHILD if name in INHERITED else UNDEFINED
    if type(value) is list and type(key) is int:
        return value[key] if key < len(value) else UNDEFINED
    return CHILD


INHERITED = DENIED | {
    "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "hasOwnProperty", "isPrototypeOf",
    "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
}  # fmt: skip


def as_javascript(value: Any) -> Any:
    """The value as JavaScript would hand it back, or CHILD if a number in it would change."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        return value if -SAFE_INTEGER < value < SAFE_INTEGER else CHILD
    if kind is float:
        return number(value)
    if kind is dict or kind is list:
        return value if is_exact(value) else CHILD
    return CHILD


def number(value: float) -> Any:
    """Whole floats become integers, as JSON text from JavaScript has no other form for them."""
    if value.is_integer():
        return int(value) if abs(value) < SAFE_INTEGER else CHILD
    return value if 1e-300 < abs(value) < SAFE_INTEGER else CHILD


def is_exact(value: Any) -> bool:
    """Whether an object or list survives JavaScript unchanged. Without recursion: data may be nested deeply."""
    remaining = [value]
    while remaining:
        one = remaining.pop()
        if type(one) is dict and "__proto__" in one:
            return False
        for part in one.values() if type(one) is dict else one:
            kind = type(part)
            if kind is str or kind is bool or part is None:
                continue
            if kind is dict or kind is list:
                remaining.append(part)
            elif kind is int:
                if not -SAFE_INTEGER < part < SAFE_INTEGER:
                    return False
            elif kind is not float or part.is_integer() or not 1e-300 < abs(part) < SAFE_INTEGER:
                return False
    return True
