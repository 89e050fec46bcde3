"""Simple JavaScript read by Python: what it gives, what it leaves to the child. `test_fast_path` compares with V8."""

import pytest

from workflows_app.engine.expression.paths import CHILD, UNDEFINED
from workflows_app.engine.expression.readers import compile_template
from workflows_app.engine.items import Item
from workflows_app.tests.engine.expression.test_paths import FakeFrame

pytestmark = pytest.mark.engine

DATA = {
    "n": 7, "half": 0.5, "zero": 0, "none": None, "yes": True, "text": " Ada King ", "list": [3, "x", None],
    "empty": "", "deep": {"key": "value", "list": [{"n": 1}]},
    "big": 2**53 - 1, "smile": "a😀", "one": {"b": 1, "a": 2},
}  # fmt: skip


def read(code, item=0, data=DATA):
    reader = compile_template(f"{{{{ {code} }}}}")
    assert reader is not None, "left to the child at once"
    return reader(FakeFrame(items=[Item(data), Item({"n": 1})]), item)


@pytest.mark.parametrize(
    "code,value",
    [
        ("$json.n * $json.n", 49),
        ("$json.n + 1", 8),
        ("$json.n / 2", 3.5),
        ("$json.n % 4 - 1", 2),
        ("-$json.n", -7),
        ("0.1 + 0.2", 0.30000000000000004),
        ("$json.half + 0.5", 1),
        ("$json.text + '-' + $json.n", " Ada King -7"),
        ("'a' + null + undefined + true + 1.5", "anullundefinedtrue1.5"),
        ("`${$json.n} of ${$json.deep.key}`", "7 of value"),
        ("$json.n > 5 ? 'big' : 'small'", "big"),
        ("$json.missing ?? 'default'", "default"),
        ("$json.zero || 'none'", "none"),
        ("$json.zero && 1", 0),
        ("!$json.empty", True),
        ("$json.n === 7 && $json.yes === true", True),
        ("1 === true", False),
        ("$json.none == undefined", True),
        ("$json.none === undefined", False),
        ("'a' < 'b'", True),
        ("typeof $json.none", "object"),
        ("$json.text.length + $json.list.length", 13),
        ("$json.list[$json.n - 7]", 3),
        ("$json.deep['ke' + 'y']", "value"),
        ("$json.deep.missing?.key", UNDEFINED),
        ("$json.missing?.a.b === undefined", True),
        ("$json.text.trim().toUpperCase()", "ADA KING"),
        ("$json.text.trim().split(' ')", ["Ada", "King"]),
        ("$json.list.join('/')", "3/x/"),
        ("$json.text.replace('King', 'Lovelace').slice(1, 5)", "Ada "),
        ("(1.005).toFixed(2)", "1.00"),
        ("$json.half.toFixed()", "1"),
        ("'5'.padStart(3, '0')", "005"),
        ("Math.max($json.n, 10)", 10),
        ("Math.round(2.5) + Math.floor(-0.5)", 2),
        ("parseInt($json.n, 10) + Number('4')", 11),
        ("Object.keys($json.one).join(',')", "b,a"),
        ("JSON.stringify($json.deep)", '{"key":"value","list":[{"n":1}]}'),
        ("JSON.stringify('é\\n')", '"é\\n"'),
        ("$json.list.includes('x')", True),
        ("($json.n)", 7),
        ("$itemIndex + $runIndex", 3),
        ("$('X').first().json.y.length", 10),
    ],
    ids=str,
)
def test_what_python_computes(code, value):
    found = read(code)
    assert found is value if value is UNDEFINED else found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "code",
    [
        "$json.big + 1",
        "0 * -1",
        "-$json.zero",
        "0 / -5",
        "1 / 0",
        "-4 % 2",
        "'5' * 2",
        "$json.none + 1",
        "$json.yes + 1",
        "$json.list + ''",
        "$json.missing.key + 1",
        "$json.none.toString()",
        "$json.smile.length",
        "$json.smile.slice(1)",
        "'é'.toUpperCase()",
        "'a' < 1",
        "1 == '1'",
        "$json.deep === $json.deep",
        "'a'.replace('a', '$&')",
        "'a'.replace('', 'b')",
        "'a'.padEnd(100000)",
        "(0.0000001).toFixed(20)",
        "(-0.4).toFixed()",
        "Math.round(-0.4)",
        "Math.ceil(-0.4)",
        "parseInt('12px')",
        "Number('')",
        "$json['con' + 'structor']",
        "$json.toString",
        "$json['__proto__']",
        "JSON.stringify(undefined)",
        "JSON.stringify(0.00000011)",
        "$json.one.join()",
        "$('Nowhere').first().json.a + 1",
    ],
    ids=str,
)
def test_what_only_javascript_can_tell(code):
    assert read(code) is CHILD


@pytest.mark.parametrize(
    "code",
    [
        "$json.n ?? 1 || 2",
        "$json.n ** 2",
        "$json.n = 2",
        "$json.n++",
        "$json.a, 1",
        "[1, , 2]",
        "[...$json.list]",
        "$json.list.map(x => $json.list.map(y => y))",
        "$json.list.map(async x => x)",
        "$json.list.map(x => { return x })",
        "$json.list.map(({ n }) => n)",
        "$json.list.map((x, i, all) => all)",
        "$json.list.map(Math => Math.abs(1))",
        "$json.list.reduce((a, b) => a)",
        "$json.text.replace(/(a)+/, 'b')",
        "$json.text.replace(/a*/g, 'b')",
        "$json.text.replace(/\\bA/, 'b')",
        "$json.text.replace(/a/u, 'b')",
        "/a/g.test($json.text)",
        "$json.list.map(x => y)",
        "{ a: 1, a: 2 }",
        "{ 1: 1 }",
        "{ a }",
        "(x => x)(1)",
        "new Date()",
        "$json.text.match(/a/)",
        "$json.text.repeat(9)",
        "$json.text.constructor",
        "$json.list.join(...[1])",
        "$json.text.trim?.()",
        "$json.n 1",
        "1; 2",
        "$json.n <!-- 1",
        "017 + 1",
        "0x10 + 1",
        "'\\x41' + 1",
        "unknown + 1",
        "Math.random()",
        "$json.text.trim(1)",
        "1 + " * 70 + "1",
        "'" + "a" * 2000 + "' + 1",
        "'\ud800' + 1",
        "5.toFixed()",
        "super.a + 1",
        "$json.n /* why */ .a()",
    ],
    ids=lambda code: code.encode("unicode_escape").decode()[:40],
)
def test_what_python_does_not_read(code):
    assert compile_template(f"{{{{ {code} }}}}") is None


def test_comments_mean_nothing():
    assert read("$json.n /* one */ + 1 // more\n + 1") == 9


def test_objects_whose_members_javascript_orders_anew_are_left_to_it():
    assert read("Object.keys($json.o)", data={"o": {"b": 1, "1": 2}}) is CHILD
    assert read("JSON.stringify($json.o)", data={"o": {"b": 1, "1": 2}}) is CHILD


def test_long_texts_are_left_to_the_child():
    long = "x" * 600_000
    assert read("$json.a + $json.a", data={"a": long}) is CHILD
    assert read("$json.a.replaceAll('x', 'yy')", data={"a": long}) is CHILD
    assert compile_template("{{ $json.a }} {{ $json.a }}")(FakeFrame(items=[Item({"a": long})]), 0) is CHILD


def test_halves_of_characters_are_left_to_the_child():
    assert read("$json.a + 'b'", data={"a": "\ud83d"}) is CHILD
    assert read("$json.a + 'b'", data={"a": "😀"}) == "😀b"


def test_deep_data_costs_no_recursion():
    deep: list = []
    for _ in range(5_000):
        deep = [deep]
    assert read("$json.a || 1", data={"a": deep}) == deep
