"""Which nodes a piece of JavaScript reads, and how much of each, so that only that much is sent to the child.

The code is parsed, not searched: `$('A').item`, `$node["A"].json`, `$items("A")`. A name that is computed, or `$` used
in any other way, means every node."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from workflows_app.engine.expression.template import blocks, is_expression, template_text

JAVASCRIPT = Language(tree_sitter_javascript.language())

PAIRED = frozenset({"item", "pairedItem", "itemMatching", "$getPairedItem"})
"""Members of `$('A')` that follow paired items."""
LATEST = frozenset({"first", "last", "all", "json", "binary", "data", "isExecuted", "context", "item", "pairedItem"})
"""Members that, without arguments, read nothing but the latest run (or the paired one)."""
STATIC = frozenset({"params", "isExecuted", "context", "name"})
"""Members that read no items at all."""
MAX_PARSED = 30_000
"""Characters. Parsing runs in this process, so its cost must not be the author's to choose; longer code reads all."""
HINT = re.compile(
    r"\$(?![\w{])|\$(?:node|items?|parameter|rawParameter|evaluateExpression|getPairedItem|input)\b", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Use:
    """What is needed of one node: `pairs` its paired items, `all_runs` every run instead of the latest, `items` any."""

    pairs: bool = False
    all_runs: bool = False
    items: bool = True

    def __or__(self, other: "Use") -> "Use":
        return Use(self.pairs or other.pairs, self.all_runs or other.all_runs, self.items or other.items)


EVERYTHING = Use(pairs=True, all_runs=True)


@dataclass(frozen=True)
class References:
    """`nodes` by name; `every` when a name is computed; `parameters` when the node's own parameters are read,
    `previous` when the settings of the node in front are (`$input.params`, `$items()`)."""

    nodes: dict[str, Use]
    every: bool = False
    parameters: bool = False
    previous: bool = False

    def __or__(self, other: "References") -> "References":
        nodes = dict(self.nodes)
        for name, use in other.nodes.items():
            nodes[name] = nodes[name] | use if name in nodes else use
        return References(
            nodes,
            every=self.every or other.every,
            parameters=self.parameters or other.parameters,
            previous=self.previous or other.previous,
        )


NOTHING = References({})


def of_templates(values: Iterable[str]) -> References:
    """The union over stored parameter texts; those that are no expression count as nothing."""
    found = NOTHING
    for value in values:
        if is_expression(value):
            found = found | of_template(template_text(value))
    return found


@lru_cache(maxsize=4096)
def of_template(template: str) -> References:
    parts = blocks(template)
    if parts is None:
        return of_code(template)
    found = NOTHING
    for part in parts:
        if part.is_code:
            found = found | of_code(part.text)
    return found


@lru_cache(maxsize=1024)
def of_code(code: str) -> References:
    """The references of JavaScript source, an expression or a whole Code node."""
    if not HINT.search(code):
        return NOTHING
    if len(code) > MAX_PARSED:
        return References({}, every=True)
    tree = Parser(JAVASCRIPT).parse(wrapped(code))
    found = NOTHING
    for node in identifiers(tree.root_node):
        found = found | of_identifier(node)
        if found.every:
            break
    return found


def wrapped(code: str) -> bytes:
    """An expression that begins with a brace is an object, not a block."""
    text = f"({code}\n)" if code.lstrip().startswith("{") else code
    return text.encode("utf-8", "surrogatepass")


def identifiers(root: Node) -> Iterator[Node]:
    """Every name in the tree that starts with a dollar sign, without recursion: authors may nest deeply."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in ("identifier", "property_identifier", "shorthand_property_identifier"):
            if (node.text or b"").startswith(b"$"):
                yield node
        else:
            stack.extend(node.children)


def of_identifier(node: Node) -> References:
    name = text_of(node)
    place = outermost(node)
    if name in ("$", "$items"):
        return of_call(name, place)
    if name == "$node":
        return of_node_object(place)
    if name in ("$evaluateExpression", "$getPairedItem"):
        return References({}, every=True)
    if name in ("$parameter", "$rawParameter"):
        return References({}, parameters=True)
    if name == "$input":
        member = place.parent
        read = text_of(member.child_by_field_name("property")) if member and member.type == "member_expression" else ""
        return References({}, previous=read in ("", "params", "context"))
    return NOTHING


def outermost(node: Node) -> Node:
    """The node itself, or the member expression whose last name it is (`$item(0).$node`)."""
    parent = node.parent
    return parent if parent is not None and parent.type == "member_expression" and node.type != "identifier" else node


def of_call(name: str, callee: Node) -> References:
    call = callee.parent
    if call is None or call.type != "call_expression":
        return References({}, every=True)
    arguments = call.child_by_field_name("arguments")
    given = list(arguments.named_children) if arguments is not None else []
    if name == "$items" and not given:
        return References({}, previous=True)
    target = literal(given[0]) if given else None
    if target is None:
        return References({}, every=True)
    if name == "$items":
        return References({target: Use(all_runs=len(given) > 2)})
    return References({target: use_of(call)})


def use_of(reference: Node) -> Use:
    """What `$('A')` is used for, by the member that follows it."""
    member = reference.parent
    if member is None or member.type != "member_expression":
        return EVERYTHING
    name = text_of(member.child_by_field_name("property"))
    if name in STATIC:
        return Use(items=False)
    call = member.parent
    called = call is not None and call.type == "call_expression" and call.child_by_field_name("function") == member
    arguments = call.child_by_field_name("arguments") if called and call is not None else None
    plain = arguments is None or not arguments.named_children
    if name == "itemMatching":
        return Use(pairs=True)
    if name in LATEST and plain:
        return Use(pairs=name in PAIRED)
    return EVERYTHING


def of_node_object(place: Node) -> References:
    """`$node["A"].json`, `$node.A.json`."""
    access = place.parent
    if access is not None and access.type == "member_expression":
        target: str | None = text_of(access.child_by_field_name("property"))
    elif access is not None and access.type == "subscript_expression":
        index = access.child_by_field_name("index")
        target = literal(index) if index is not None else None
    else:
        target = None
    if target is None or access is None:
        return References({}, every=True)
    member = access.parent
    name = text_of(member.child_by_field_name("property")) if member is not None else ""
    if name == "parameter":
        return References({}, every=True)
    return References({target: Use() if name in ("json", "binary", "data") else EVERYTHING})


def literal(node: Node) -> str | None:
    """The value of a text without escapes or substitutions."""
    if node.type not in ("string", "template_string"):
        return None
    if any(child.type in ("escape_sequence", "template_substitution") for child in node.named_children):
        return None
    return text_of(node)[1:-1]


def text_of(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "surrogatepass") if node is not None else ""
