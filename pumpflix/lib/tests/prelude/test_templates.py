"""Text and blocks: how a template is split, and how the values of its blocks become one."""

import pytest

from pumpflix.lib.tests.prelude.realm import Failed, Realm, header

DATA = {"name": "Ann", "n": 3, "list": [1, None, "x"], "object": {"a": 1}, "when": "2024-03-30T18:49:00.000Z"}


@pytest.mark.parametrize(
    "template, value",
    [
        pytest.param("{{ $json.n }}", 3, id="a lone block keeps a number"),
        pytest.param("{{ $json.object }}", {"a": 1}, id="a lone block keeps an object"),
        pytest.param("{{ $json.n }} ", "3 ", id="a space makes it text"),
        pytest.param("Hi {{ $json.name }}!", "Hi Ann!", id="text around a block"),
        pytest.param("{{ $json.n }}{{ $json.n }}", "33", id="two blocks"),
        pytest.param("no block", "no block", id="text alone"),
        pytest.param("", "", id="nothing"),
        pytest.param("a {{ $json.list }}", "a 1,,x", id="a list among text"),
        pytest.param("a {{ $json.object }}", "a [object Object]", id="an object among text"),
        pytest.param("a {{ null }}{{ undefined }}{{ NaN }}{{ '' }} b", "a  b", id="empty values leave nothing"),
        pytest.param("{{ 0 }} {{ false }}", "0 false", id="zero and false stay"),
        pytest.param("at {{ $now }}", "at 2025-06-16T08:34:56.789-04:00", id="a moment among text is ISO"),
        pytest.param(r"\{{ no code }}", "{{ no code }}", id="escaped opening"),
        pytest.param(r"{{ 'a\}}b' }}", "a}}b", id="escaped closing"),
        pytest.param("{{ 1 + 1", 2, id="a block without an end"),
        pytest.param("{{ }}", None, id="an empty block"),
        pytest.param("x{{ }}y", "xy", id="an empty block among text"),
    ],
)
def test_a_template_gives(realm: Realm, template: str, value: object) -> None:
    assert realm.value(template, DATA) == value


@pytest.mark.parametrize(
    "template, value",
    [
        pytest.param("{{ $json.n + 1; }}", 4, id="a semicolon may follow"),
        pytest.param('{{ { "a": $json.n } }}', {"a": 3}, id="an object literal"),
        pytest.param("{{ // why\n $json.n }}", 3, id="a comment"),
        pytest.param("{{ $json.n // why }}", 3, id="a comment at the end"),
        pytest.param('{{ "a\nb" }}', "a\nb", id="a line break in quotes"),
        pytest.param("{{ `a\n${$json.n}` }}", "a\n3", id="a template literal"),
        pytest.param(
            "{{ (() => { let s = 0; for (const x of [1, 2]) s += x; return s })() }}", 3, id="statements in a function"
        ),
        pytest.param("{{ (() => { t = 1; t += 1; return t })() }}", 2, id="a name that nobody declared"),
        pytest.param("{{ ((a, { b, c = 2 }, ...d) => [a, b, c, d])(1, { b: 3 }, 4) }}", [1, 3, 2, [4]], id="patterns"),
        pytest.param("{{ (function () { return arguments.length })(1, 2) }}", 2, id="arguments of an own function"),
        pytest.param("{{ new (class A { constructor() { this.x = 1 } })().x }}", 1, id="a class"),
        pytest.param("{{ ({ get a() { return 5 } }).a }}", 5, id="a getter"),
        pytest.param("{{ (() => { a: for (;;) { break a } return 1 })() }}", 1, id="a label"),
        pytest.param("{{ ($json.n + 1) * 2 }}", 8, id="brackets stay"),
        pytest.param("{{ (1, 2) }}", 2, id="a sequence"),
        pytest.param("{{ [...$json.list, ...[4]].length }}", 4, id="spread"),
        pytest.param("{{ typeof nothing }}", "undefined", id="typeof of an unknown name"),
        pytest.param("{{ /a+b/g.test('xaab') }}", True, id="a regular expression"),
        pytest.param("{{ 10n ** 2n }}", "100", id="a big integer leaves as text"),
    ],
)
def test_a_block_may_be(realm: Realm, template: str, value: object) -> None:
    assert realm.value(template, DATA) == value


@pytest.mark.parametrize(
    "code",
    [
        "1 +",
        "const x = 1; x",
        "a; b",
        "1);(2",
        "while (true) {}",
        "import('fs')",
        "with ({}) 1",
        '"}}" + 1',
        "a b",
        "return 1",
    ],
)
def test_anything_but_an_expression_is_invalid_syntax(realm: Realm, code: str) -> None:
    with pytest.raises(Failed, match="invalid syntax") as failed:
        realm.value("{{ " + code + " }}")
    assert failed.value.kind == "ApplicationError"


@pytest.mark.parametrize("code", ["(" * 20_000 + "1" + ")" * 20_000, "a" + ".b" * 30_000, "{{" * 10_000, "'={{7*7}}'"])
def test_strange_text_is_refused_in_words(realm: Realm, code: str) -> None:
    with pytest.raises(Failed, match=r"invalid syntax|nested too deeply"):
        realm.value("{{ " + code + " }}")


def test_a_value_from_data_is_never_evaluated(realm: Realm) -> None:
    text = "={{ 7 * 7 }}"
    assert realm.value("{{ $json.answer }}", {"answer": text}) == text
    assert realm.value("got {{ $json.answer }}", {"answer": text}) == f"got {text}"


@pytest.mark.parametrize(
    "template",
    [
        "{{ $json.missing.deeper }}",
        "{{ nobody }}",
        "{{ nobody() }}",
        "{{ (() => { throw new Error('x') })() }}",
        "{{ (function f() { f() })() }}",
    ],
)
def test_a_javascript_error_makes_the_value_undefined(realm: Realm, template: str) -> None:
    data = {"items": [{"json": DATA}]}
    assert realm.evaluate(header([template]), data)["results"] == [{"u": 1}]


@pytest.mark.parametrize(
    "template, message",
    [
        ("{{ Math.max }}", "this is a function, please add ()"),
        ("{{ DateTime }}", "this is a DateTime, please access its methods"),
    ],
)
def test_a_function_as_result_is_explained(realm: Realm, template: str, message: str) -> None:
    with pytest.raises(Failed) as failed:
        realm.value(template)
    assert str(failed.value) == message


def test_results_come_in_the_order_asked_for(realm: Realm) -> None:
    items = [{"json": {"n": 1}}, {"json": {"n": 2}}]
    templates = ["{{ $json.n }}", "#{{ $itemIndex }}"]
    everything = realm.evaluate(header(templates), {"items": items})["results"]
    some = realm.evaluate(header(templates, wanted=[[1, 1], [0, 0]]), {"items": items})["results"]
    assert [result["v"] for result in everything] == [1, "#0", 2, "#1"]
    assert [result["v"] for result in some] == ["#1", 1]


def test_one_bad_template_leaves_the_others_alone(realm: Realm) -> None:
    results = realm.evaluate(header(["{{ 1 + }}", "{{ 1 }}"]), {"items": [{"json": {}}]})["results"]
    assert [sorted(result) for result in results] == [["e"], ["v"]]


@pytest.mark.parametrize(
    "template, value",
    [
        ("{{ $json.list.reverse() }}", ["x", None, 1]),
        ("{{ $json.n = 5 }}", 5),
        ("{{ delete $json.n }}", True),
        ("{{ $json.object.a++ }}", 1),
        ("{{ Object.assign($json, { n: 9 }).n }}", 9),
        ("{{ $input.all().map(x => { x.json.n = 0; return x.json.n }) }}", [0]),
        ("{{ $('Here').first().json.list.push(1) }}", 4),
        ("{{ (() => { for ($json.n of [7]); return $json.n })() }}", 7),
        ("{{ (() => { const own = { z: 1 }; $json.own = own; own.z = 2; return $json.own.z })() }}", 2),
    ],
)
def test_what_one_block_changes_no_other_sees(realm: Realm, template: str, value: object) -> None:
    items = [{"json": {**DATA}}]
    scope = {"items": items, "nodes": {"Here": {"runs": [[items]], "executed": True}}, "knownNodes": ["Here"]}
    first, second = realm.evaluate(header([template, "{{ $json }}"]), scope)["results"]
    assert first["v"] == value
    assert second["v"] == DATA


def test_values_without_json_leave_as_json_writes_them(realm: Realm) -> None:
    value = realm.value("{{ ({ d: new Date(0), n: NaN, u: undefined, list: [undefined], i: -Infinity }) }}")
    assert value == {"d": "1970-01-01T00:00:00.000Z", "n": None, "list": [None], "i": None}


def test_a_cycle_is_cut_where_it_closes(realm: Realm) -> None:
    assert realm.value("{{ (() => { const a = { b: { n: 1n } }; a.b.a = a; return a })() }}") == {
        "b": {"n": "1", "a": "[Circular]"}
    }


@pytest.mark.parametrize(
    "code",
    [
        "({ toJSON() { throw new TypeError('no') } })",
        "({ get a() { throw 1 } })",
        "(() => { let deep = {}; for (let i = 0; i < 1e5; i++) deep = { deep, text: '\"[[' }; return deep })()",
    ],
)
def test_a_value_that_cannot_be_written_spoils_no_other(realm: Realm, code: str) -> None:
    results = realm.evaluate(header(["{{ " + code + " }}", "{{ 1 }}"]), {"items": [{"json": {}}]})["results"]
    assert "e" in results[0]
    assert results[1] == {"v": 1}


def test_brackets_in_text_are_not_depth(realm: Realm) -> None:
    text = "[{" * 500 + '\\"'
    assert realm.value("{{ $json }}", {"text": text}) == {"text": text}


@pytest.mark.parametrize(
    "code, encoded",
    [
        ("undefined", {"$type": "undefined"}),
        ("NaN", {"$type": "NaN"}),
        ("-0", {"$type": "-0"}),
        ("1 / 0", {"$type": "Infinity"}),
        ("5n", {"$type": "BigInt", "value": "5"}),
        ("new Date(0)", {"$type": "Date", "iso": "1970-01-01T00:00:00.000Z"}),
        ("new Date('x')", {"$type": "Date", "iso": None}),
        ("DateTime.fromMillis(0).toUTC()", {"$type": "DateTime", "iso": "1970-01-01T00:00:00.000Z", "zone": "UTC"}),
        ("Duration.fromMillis(5)", {"$type": "Duration", "value": {"milliseconds": 5}, "iso": "PT0.005S"}),
        ("/a/gi", {"$type": "RegExp", "source": "a", "flags": "gi"}),
        ("new Map([[1, NaN]])", {"$type": "Map", "entries": [[1, {"$type": "NaN"}]]}),
        ("new Set([1])", {"$type": "Set", "values": [1]}),
        ("new RangeError('r')", {"$type": "Error", "name": "RangeError", "message": "r"}),
        ("new Uint8Array([1])", {"$type": "Uint8Array", "values": [1]}),
        ("new ArrayBuffer(2)", {"$type": "ArrayBuffer", "byteLength": 2}),
        ("Interval", {"$type": "Function", "name": "Interval"}),
        ("Symbol('s')", {"$type": "Symbol", "value": "Symbol(s)"}),
        ("new String('s')", "s"),
        ("[, 1]", [{"$type": "undefined"}, 1]),
    ],
)
def test_typed_results_say_what_json_cannot(realm: Realm, code: str, encoded: object) -> None:
    result = realm.evaluate(header(["{{ " + code + " }}"], typed=True), {"items": [{"json": {}}]})["results"][0]
    assert result.get("v", {"$type": "undefined"}) == encoded
