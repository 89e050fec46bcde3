"""Simple JavaScript, compiled to Python closures: operators, conditions and well-known methods on plain paths.

The code is parsed once, when the version is compiled. What a closure cannot answer exactly as V8 does raises `Defer`;
syntax that is not listed here never becomes a closure, so all of it is the child's.
"""

import operator
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from workflows_app.engine.expression import callbacks, javascript, moments
from workflows_app.engine.expression.functions import FUNCTIONS, METHODS, Function
from workflows_app.engine.expression.javascript import Defer
from workflows_app.engine.expression.paths import (
    CHILD,
    DENIED,
    UNDEFINED,
    Frame,
    Reader,
    Steps,
    as_javascript,
    member,
    parse_path,
)

JAVASCRIPT = Language(tree_sitter_javascript.language())
MAX_CODE = 2_000
"""Characters. Each costs time in a thread that other runs share."""
MAX_DEPTH = 60
_UNUSUAL = re.compile(r"[\r\u2028\u2029]|<!--|-->")
"""Ends of lines that change inside texts, and comments of HTML, which scripts may hold."""
_NUMBER = re.compile(r"(?:0|[1-9]\d{0,14})(?:\.\d{1,17})?", re.ASCII)
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\\\": "\\", "\\'": "'", '\\"': '"', "\\`": "`", "\\/": "/"}

Term = Callable[[Frame, int], Any]


class NotSimple(Exception):
    """The code is more than this module compiles."""


def compile_formula(code: str) -> Reader | None:
    """The reader of one block's code, or None if it is more than simple."""
    if len(code) > MAX_CODE or _UNUSUAL.search(code):
        return None
    try:
        root = Parser(JAVASCRIPT).parse(code.encode()).root_node
        term = compile_node(only_expression(root), MAX_DEPTH)
    except (NotSimple, UnicodeEncodeError):
        return None
    return reading(term)


def reading(term: Term) -> Reader:
    def read(frame: Frame, item: int) -> Any:
        try:
            value = term(frame, item)
        except Defer:
            return CHILD
        return value if value is UNDEFINED else as_javascript(value)

    return read


def only_expression(root: Node) -> Node:
    if root.has_error or len(root.children) != 1 or root.children[0].type != "expression_statement":
        raise NotSimple
    statement = root.children[0]
    if len(statement.children) != 1:
        raise NotSimple
    return statement.children[0]


def compile_node(node: Node, depth: int) -> Term:
    make = MAKERS.get(node.type)
    if make is None or depth == 0:
        raise NotSimple
    return make(node, depth - 1)


def field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise NotSimple
    return found


def source(node: Node) -> str:
    return (node.text or b"").decode()


# Leaves -----------------------------------------------------------------------------------------------------------
def constant(value: Any) -> Term:
    return lambda _frame, _item: value


def number_node(node: Node, _depth: int) -> Term:
    found = source(node)
    if not _NUMBER.fullmatch(found):
        raise NotSimple
    return constant(javascript.number(float(found)) if "." in found and float(found) else int(float(found)))


def string_node(node: Node, _depth: int) -> Term:
    return constant(string_value(node))


def string_value(node: Node) -> str:
    return "".join(fragment(child) for child in node.named_children)


def fragment(node: Node) -> str:
    if node.type == "escape_sequence":
        escaped = _ESCAPES.get(source(node))
        if escaped is None:
            raise NotSimple
        return escaped
    if node.type != "string_fragment":
        raise NotSimple
    return source(node)


def template_node(node: Node, depth: int) -> Term:
    pieces: list[str | Term] = []
    for child in node.named_children:
        if child.type == "template_substitution":
            if len(child.named_children) != 1:
                raise NotSimple
            pieces.append(compile_node(child.named_children[0], depth))
        else:
            pieces.append(fragment(child))

    def read(frame: Frame, item: int) -> str:
        texts = [piece if isinstance(piece, str) else javascript.as_string(piece(frame, item)) for piece in pieces]
        return javascript.concatenated(*texts)

    return read


def identifier_node(node: Node, depth: int) -> Term:
    name = source(node)
    if name == "$itemIndex":
        return lambda _frame, item: item
    if name == "$runIndex":
        return lambda frame, _item: frame.run_index
    if name == "$now":
        return lambda frame, _item: frame.now()
    if name == "$today":
        return lambda frame, _item: moments.start_of_day(frame.now())
    return callbacks.local_name(node, name) or path_node(node, depth)


def data_node(node: Node, depth: int) -> Term:
    term = (callbacks.list_term if node.type == "array" else callbacks.object_term)(
        node, partial(compile_node, depth=depth)
    )
    if term is None:
        raise NotSimple
    return term


# Paths ------------------------------------------------------------------------------------------------------------
def path_node(node: Node, depth: int) -> Term:
    """A plain path, or one step from something else."""
    parsed = parse_path(source(node))
    if parsed is not None:
        root, steps = parsed
        return lambda frame, item: followed(root(frame, item), steps)
    if node.type == "identifier":
        raise NotSimple
    return step(node, depth)


def followed(value: Any, steps: Steps) -> Any:
    """Step by step; what would be an error ends the whole block, so the child has to tell."""
    for key, optional in steps:
        if value is CHILD:
            raise Defer
        if javascript.is_missing(value):
            if optional:
                return UNDEFINED
            raise Defer
        value = part_of(value, key)
    if value is CHILD:
        raise Defer
    return value


def part_of(value: Any, key: str | int) -> Any:
    if key == "length" and type(value) is not dict:
        return len(value) if type(value) is list else len(javascript.text(value))
    if type(value) is moments.Moment:
        return moments.field_of(value, key)
    if type(value) is str and type(key) is int:
        return javascript.text(value)[key] if key < len(value) else UNDEFINED
    found = member(value, key)
    if found is CHILD:
        raise Defer
    return found


def step(node: Node, depth: int) -> Term:
    """`object.name` or `object[key]`."""
    of = field(node, "object")
    if of.type == "number":
        raise NotSimple
    read = compile_node(of, depth)
    key = step_key(node, depth)
    is_optional = node.child_by_field_name("optional_chain") is not None

    def take(frame: Frame, item: int) -> Any:
        value = read(frame, item)
        if javascript.is_missing(value):
            if is_optional and not is_continued(node):
                return UNDEFINED
            raise Defer
        return part_of(value, key(frame, item))

    return take


def is_continued(node: Node) -> bool:
    """Whether the chain goes on to the right: then a missing value ends all of it."""
    parent = node.parent
    return parent is not None and parent.type in ("member_expression", "subscript_expression", "call_expression")


def step_key(node: Node, depth: int) -> Callable[[Frame, int], str | int]:
    if node.type == "member_expression":
        name = source(field(node, "property"))
        if name in DENIED or field(node, "property").type != "property_identifier":
            raise NotSimple
        return lambda _frame, _item: name
    index = compile_node(field(node, "index"), depth)
    return lambda frame, item: checked_key(index(frame, item))


def checked_key(key: Any) -> str | int:
    if type(key) is str and key not in DENIED and not key[:1].isdigit():
        return str(key)
    place = javascript.whole(key)
    if place < 0:
        raise Defer
    return place


# Operators --------------------------------------------------------------------------------------------------------
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": javascript.add,
    "-": javascript.subtract,
    "*": javascript.multiply,
    "/": javascript.divide,
    "%": javascript.remainder,
    "===": javascript.same,
    "!==": lambda left, right: not javascript.same(left, right),
    "==": javascript.alike,
    "!=": lambda left, right: not javascript.alike(left, right),
    "<": javascript.ordered(operator.lt),
    "<=": javascript.ordered(operator.le),
    ">": javascript.ordered(operator.gt),
    ">=": javascript.ordered(operator.ge),
}
KEEPS_LEFT: dict[str, Callable[[Any], bool]] = {
    "&&": lambda value: not javascript.is_true(value),
    "||": javascript.is_true,
    "??": lambda value: not javascript.is_missing(value),
}
UNARY: dict[str, Callable[[Any], Any]] = {
    "!": lambda value: not javascript.is_true(value),
    "-": javascript.negate,
    "+": javascript.number,
    "typeof": lambda value: "object" if value is None else javascript.kind_of(value),
}


def binary_node(node: Node, depth: int) -> Term:
    sign = source(field(node, "operator"))
    sides = field(node, "left"), field(node, "right")
    left, right = (compile_node(side, depth) for side in sides)
    keeps_left = KEEPS_LEFT.get(sign)
    if keeps_left is not None:
        refuse_mixture(sign, sides)
        return choosing(left, right, keeps_left)
    work = BINARY.get(sign)
    if work is None:
        raise NotSimple
    return lambda frame, item: work(left(frame, item), right(frame, item))


def refuse_mixture(sign: str, sides: tuple[Node, ...]) -> None:
    """`a ?? b || c` is an error of syntax in JavaScript, though not to this parser."""
    for side in sides:
        other = source(field(side, "operator")) if side.type == "binary_expression" else sign
        if other in KEEPS_LEFT and (other == "??") != (sign == "??"):
            raise NotSimple


def choosing(left: Term, right: Term, keeps_left: Callable[[Any], bool]) -> Term:
    def read(frame: Frame, item: int) -> Any:
        value = left(frame, item)
        return value if keeps_left(value) else right(frame, item)

    return read


def unary_node(node: Node, depth: int) -> Term:
    work = UNARY.get(source(field(node, "operator")))
    if work is None:
        raise NotSimple
    argument = compile_node(field(node, "argument"), depth)
    return lambda frame, item: work(argument(frame, item))


def ternary_node(node: Node, depth: int) -> Term:
    condition, one, other = (
        compile_node(field(node, name), depth) for name in ("condition", "consequence", "alternative")
    )
    return lambda frame, item: (one if javascript.is_true(condition(frame, item)) else other)(frame, item)


def group_node(node: Node, depth: int) -> Term:
    if len(node.named_children) != 1:
        raise NotSimple
    return compile_node(node.named_children[0], depth)


# Calls ------------------------------------------------------------------------------------------------------------
def call_node(node: Node, depth: int) -> Term:
    callee, given = field(node, "function"), field(node, "arguments")
    if node.child_by_field_name("optional_chain") is not None or given.type != "arguments":
        raise NotSimple
    special = special_call(callee, given, depth)
    if special is not None:
        return special
    name = source(callee)
    arguments = [compile_node(one, depth) for one in given.named_children]
    known = FUNCTIONS.get(name)
    if known is not None:
        return calling(known, arguments)
    if callee.type != "member_expression" or callee.child_by_field_name("optional_chain") is not None:
        raise NotSimple
    of = field(callee, "object")
    if of.type == "number":
        raise NotSimple
    method = METHODS.get(source(field(callee, "property")))
    if method is None:
        raise NotSimple
    work, least, most = method
    return calling((work, least + 1, most + 1), [compile_node(of, depth), *arguments])


def special_call(callee: Node, given: Node, depth: int) -> Term | None:
    """Calls that take a function or a pattern, and those that ask for the time."""
    if callee.type != "member_expression" or callee.child_by_field_name("optional_chain") is not None:
        return None
    arguments, compile_one = given.named_children, partial(compile_node, depth=depth)
    for compiled in (callbacks.callback_call, callbacks.pattern_call):
        term = compiled(source(field(callee, "property")), field(callee, "object"), arguments, compile_one)
        if term is not None:
            return term
    if source(callee) == "DateTime.now" and not arguments:
        return lambda frame, _item: frame.now()
    if source(callee) != "DateTime.fromISO" or len(arguments) != 1:
        return None
    text = compile_one(arguments[0])
    return lambda frame, item: moments.from_iso(text(frame, item), frame.now())


def calling(function: tuple[Function, int, int], arguments: list[Term]) -> Term:
    work, least, most = function
    if not least <= len(arguments) <= most:
        raise NotSimple
    return lambda frame, item: work(*[argument(frame, item) for argument in arguments])


MAKERS: dict[str, Callable[[Node, int], Term]] = {
    "number": number_node,
    "string": string_node,
    "template_string": template_node,
    "true": lambda _node, _depth: constant(True),
    "false": lambda _node, _depth: constant(False),
    "null": lambda _node, _depth: constant(None),
    "undefined": lambda _node, _depth: constant(UNDEFINED),
    "identifier": identifier_node,
    "member_expression": path_node,
    "subscript_expression": path_node,
    "parenthesized_expression": group_node,
    "binary_expression": binary_node,
    "unary_expression": unary_node,
    "ternary_expression": ternary_node,
    "call_expression": call_node,
    "array": data_node,
    "object": data_node,
}
