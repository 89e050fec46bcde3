"""Calls of the fast path that take a function or a pattern: `list.map(x => x.name)`, `text.replace(/[^a-z]+/g, '-')`.

An arrow function is its expression, read once for each entry with the entry under its name. What it costs is bounded:
by the number of entries, and because no arrow function may stand inside another.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from tree_sitter import Node

from workflows_app.engine.expression.javascript import Defer, is_true
from workflows_app.engine.expression.paths import DENIED, UNDEFINED, Frame
from workflows_app.engine.expression.patterns import NotAlike, compile_pattern, is_found, replaced

Term = Callable[[Frame, int], Any]
Compile = Callable[[Node], Term]
Each = Callable[[Any, int], Any]
MOST_ENTRIES = 100
GLOBALS = {"Array", "DateTime", "JSON", "Math", "Number", "Object", "String", "parseInt", "undefined"}
ARROW = "arrow_function"


class Bound:
    """A frame in which an arrow function's parameters have values."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.names: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._frame, name)


# Methods that call ------------------------------------------------------------------------------------------------
def mapped(values: list[Any], each: Each) -> list[Any]:
    return [each(value, place) for place, value in enumerate(values)]


def filtered(values: list[Any], each: Each) -> list[Any]:
    return [value for place, value in enumerate(values) if is_true(each(value, place))]


def found(values: list[Any], each: Each) -> Any:
    return next((value for place, value in enumerate(values) if is_true(each(value, place))), UNDEFINED)


def is_any(values: list[Any], each: Each) -> bool:
    return any(is_true(each(value, place)) for place, value in enumerate(values))


def is_every(values: list[Any], each: Each) -> bool:
    return all(is_true(each(value, place)) for place, value in enumerate(values))


CALLING: dict[str, Callable[[list[Any], Each], Any]] = {
    "map": mapped,
    "filter": filtered,
    "find": found,
    "some": is_any,
    "every": is_every,
}


def callback_call(method: str, of: Node, given: list[Node], compile_one: Compile) -> Term | None:
    """None where this is no call of that kind, or more than is compiled."""
    if not given or given[0].type != ARROW:
        return None
    names, body = parameters(given[0]), given[0].child_by_field_name("body")
    if names is None or body is None or body.type == "statement_block" or enclosing(given[0]) is not None:
        return None
    read, result = compile_one(of), compile_one(body)
    if method == "reduce" and len(given) == 2 and len(names) == 2:
        return partial(reduced, read, compile_one(given[1]), result, names)
    work = CALLING.get(method)
    if work is None or len(given) != 1:
        return None

    def call(frame: Frame, item: int) -> Any:
        bound = Bound(frame)

        def each(value: Any, place: int) -> Any:
            bound.names = dict(zip(names, (value, place), strict=False))
            return result(bound, item)

        return work(entries(read(frame, item)), each)

    return call


def reduced(read: Term, start: Term, result: Term, names: list[str], frame: Frame, item: int) -> Any:
    bound = Bound(frame)
    value = start(frame, item)
    for entry in entries(read(frame, item)):
        bound.names = {names[0]: value, names[1]: entry}
        value = result(bound, item)
    return value


def entries(value: Any) -> list[Any]:
    if type(value) is not list or len(value) > MOST_ENTRIES:
        raise Defer
    return value


def parameters(arrow: Node) -> list[str] | None:
    """Two plain names at most; None for anything else."""
    one, several = arrow.child_by_field_name("parameter"), arrow.child_by_field_name("parameters")
    nodes = [one] if one is not None else several.named_children if several is not None else []
    names = [(node.text or b"").decode() for node in nodes if node.type == "identifier"]
    is_plain = len(names) == len(nodes) == len(set(names)) and 0 < len(names) <= 2
    if not is_plain or any(name.startswith("$") or name in GLOBALS for name in names):
        return None
    return None if arrow.children[0].type == "async" else names


def enclosing(node: Node) -> Node | None:
    """The arrow function around it."""
    parent = node.parent
    while parent is not None and parent.type != ARROW:
        parent = parent.parent
    return parent


def local_name(node: Node, name: str) -> Term | None:
    """What reads a parameter of the arrow function around; None if that has none of this name."""
    arrow = enclosing(node)
    if arrow is None or name not in (parameters(arrow) or ()):
        return None
    return lambda frame, _item: frame.names[name]  # type: ignore[attr-defined]


# Lists and objects ------------------------------------------------------------------------------------------------
def list_term(node: Node, compile_one: Compile) -> Term | None:
    """None for a list with holes."""
    if sum(child.type == "," for child in node.children) > max(0, len(node.named_children) - 1):
        return None
    entries = [compile_one(child) for child in node.named_children]
    return lambda frame, item: [entry(frame, item) for entry in entries]


def object_term(node: Node, compile_one: Compile) -> Term | None:
    """None unless all members are `name: value`."""
    members: dict[str, Term] = {}
    for child in node.named_children:
        key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
        name = (key.text or b"").decode() if key is not None and key.type == "property_identifier" else ""
        if child.type != "pair" or not name or name in members or name in DENIED or value is None:
            return None
        members[name] = compile_one(value)
    return lambda frame, item: {name: member(frame, item) for name, member in members.items()}


# Patterns ---------------------------------------------------------------------------------------------------------
def pattern_call(method: str, of: Node, given: list[Node], compile_one: Compile) -> Term | None:
    """`text.replace(/…/, text)` and `/…/.test(text)`; None for all else."""
    if method == "test" and of.type == "regex" and len(given) == 1:
        pattern, flags = compiled(of)
        subject = compile_one(given[0])
        # With `g` a pattern remembers where it was.
        if pattern is None or "g" in flags:
            return None
        return lambda frame, item: is_found(pattern, subject(frame, item))
    if method not in ("replace", "replaceAll") or len(given) != 2 or given[0].type != "regex":
        return None
    pattern, flags = compiled(given[0])
    if pattern is None or (method == "replaceAll" and "g" not in flags):
        return None
    read, new = compile_one(of), compile_one(given[1])
    return lambda frame, item: replaced(pattern, "g" in flags, read(frame, item), new(frame, item))


def compiled(node: Node) -> tuple[Any, str]:
    source, flags = (node.child_by_field_name(name) for name in ("pattern", "flags"))
    words = ((flags.text or b"") if flags is not None else b"").decode()
    try:
        return compile_pattern(((source.text or b"") if source is not None else b"").decode(), words), words
    except NotAlike:
        return None, words
