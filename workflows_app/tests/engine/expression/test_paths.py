"""The fast path: what it reads, and what it leaves to JavaScript."""

from dataclasses import dataclass, field

import pytest

from workflows_app.engine.expression.paths import CHILD, UNDEFINED
from workflows_app.engine.expression.readers import compile_template
from workflows_app.engine.items import Item

pytestmark = pytest.mark.engine

DATA = {
    "a": {"b": {"c": "deep"}},
    "a b": 1,
    "list": [{"x": "first"}, "second"],
    "none": None,
    "yes": True,
    "no": False,
    "int": 42,
    "float": 1.5,
    "whole": 2.0,
    "minus zero": -0.0,
    "tiny": 5e-324,
    "huge": 2**53,
    "big float": 1e300,
    "text": "hello",
    "0": "zero",
    "odd": {"deep": [1, {"n": 2**60}]},
    "floats": [1.0],
    "fine": {"deep": [1, 2.5, "x", None, True]},
    "toString": "own",
}


@dataclass
class FakeFrame:
    items: list = field(default_factory=lambda: [Item(DATA), Item({"a": "second"})])
    run_index: int = 3
    nodes: dict = field(default_factory=lambda: {"X": [Item({"y": "first of X"}), Item({"y": "last of X"})]})

    def paired_item(self, node, item):
        return self.same_index_item(node, item)

    def first_item(self, node):
        return self.same_index_item(node, 0)

    def last_item(self, node):
        return self.nodes[node][-1] if node in self.nodes else None

    def same_index_item(self, node, item):
        return self.nodes[node][item] if node in self.nodes else None


def read(template, item=0, frame=None):
    reader = compile_template(template)
    assert reader is not None, "not a plain path"
    return reader(frame or FakeFrame(), item)


@pytest.mark.parametrize(
    "template,value",
    [
        ("{{ $json.a.b.c }}", "deep"),
        ("{{$json.a.b.c}}", "deep"),
        ('{{ $json["a b"] }}', 1),
        ("{{ $json['a']['b'].c }}", "deep"),
        ("{{ $json.a?.b }}", {"c": "deep"}),
        ("{{ $json?.a?.['b']?.c }}", "deep"),
        ("{{ $json.list[0].x }}", "first"),
        ("{{ $json.list[ 1 ] }}", "second"),
        ("{{ $json.list[9] }}", UNDEFINED),
        ("{{ $json[0] }}", "zero"),
        ("{{ $json.none }}", None),
        ("{{ $json.yes }}", True),
        ("{{ $json.missing }}", UNDEFINED),
        ("{{ $json.missing.more }}", UNDEFINED),
        ("{{ $json.none.more.still }}", UNDEFINED),
        ("{{ $json.missing?.more }}", UNDEFINED),
        ("{{ $json.whole }}", 2),
        ('{{ $json["minus zero"] }}', 0),
        ("{{ $json.float }}", 1.5),
        ("{{ $json.fine }}", DATA["fine"]),
        ("{{ $json.toString }}", "own"),
        ("{{ $input.item.json.a.b.c }}", "deep"),
        ("{{ $input.first().json.text }}", "hello"),
        ("{{ $input.last().json.a }}", "second"),
        ("{{ $('X').item.json.y }}", "first of X"),
        ('{{ $( "X" ).pairedItem().json.y }}', "first of X"),
        ("{{ $('X').first().json.y }}", "first of X"),
        ("{{ $('X').last().json['y'] }}", "last of X"),
        ('{{ $node["X"].json.y }}', "first of X"),
        ("{{ $node.X.json.y }}", "first of X"),
        ("{{ $itemIndex }}", 0),
        ("{{ $runIndex }}", 3),
        ("{{ 200 }}", 200),
        ("{{ -7 }}", -7),
        ("{{ 'x' }}", "x"),
        ('{{ "" }}', ""),
        ("{{ true }}", True),
        ("{{ null }}", None),
        ("plain", "plain"),
        ("", ""),
        ("Hello {{ $json.text }}!", "Hello hello!"),
        ("{{ $json.int }}{{ $json.yes }}{{ $json.no }}", "42truefalse"),
        ("[{{ $json.none }}{{ $json.missing }}]", "[]"),
        ("{{ $json.float }} ", "1.5 "),
        ("{{ $json.whole }}.", "2."),
    ],
    ids=str,
)
def test_values(template, value):
    got = read(template)
    assert got == value
    assert type(got) is type(value)


def test_each_item_has_its_own_value():
    assert read("{{ $json.a }}", 1) == "second"
    assert read("{{ $itemIndex }}", 1) == 1
    assert read("{{ $('X').item.json.y }}", 1) == "last of X"


def test_the_whole_object():
    assert read("{{ $json }}", 1) == {"a": "second"}


@pytest.mark.parametrize(
    "template",
    [
        "{{ $json.text[0] }}",
        "{{ $json.list.x }}",
        "{{ $json.int.x }}",
        "{{ $json.valueOf }}",
        "{{ $json.huge }}",
        "{{ $json.tiny }}",
        '{{ $json["big float"] }}',
        "{{ $json.odd }}",
        "{{ $json.floats }}",
        "{{ $json }}",
        "a {{ $json.a }}",
        "a {{ $json.list }}",
        "{{ $('Gone').item.json.y }}",
        "{{ $node.Gone.json.y }}",
    ],
    ids=str,
)
def test_what_only_javascript_can_tell(template):
    assert read(template) is CHILD


def test_without_items_the_child_says_what_is_wrong():
    frame = FakeFrame(items=[])
    templates = ("{{ $json.a }}", "{{ $input.first().json.a }}", "{{ $input.last().json.a }}", "a {{ $json.a }}")
    assert [read(template, 0, frame) for template in templates] == [CHILD] * 4


def test_values_no_json_holds_are_left_to_the_child():
    frame = FakeFrame(items=[Item({"a": (1, 2), "b": float("nan"), "c": {"__proto__": 1}, "d": [float("inf")]})])
    assert [read(f"{{{{ $json.{name} }}}}", 0, frame) for name in "abcd"] == [CHILD] * 4


@pytest.mark.parametrize(
    "template",
    [
        "{{ $json.a . b() }}",
        "{{ $json.a`x` }}",
        "{{ $json[key] }}",
        "{{ $json.constructor }}",
        "{{ $jsonx.a }}",
        "{{ $input.all() }}",
        "{{ $input.item.jsonx }}",
        "{{ $('X').item.binary }}",
        "{{ $('X').all() }}",
        "{{ $('X') }}",
        "{{ $node['X'].binary }}",
        "{{ $vars.a }}",
        "{{ 007 }}",
        "{{ }}",
        "\\{{ $json.a }}",
        "text {{ $json.a | upper }}",
    ],
    ids=str,
)
def test_what_python_does_not_read(template):
    assert compile_template(template) is None


def test_the_marks_say_what_they_are():
    assert (repr(CHILD), repr(UNDEFINED)) == ("CHILD", "UNDEFINED")
