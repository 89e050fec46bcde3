"""Code nodes: what the code sees, what it may return, and how it fails."""

from typing import Any

import pytest

from pumpflix.lib.tests.prelude.realm import Realm

TWO = [{"json": {"a": 1}}, {"json": {"a": 2}}]


@pytest.mark.parametrize(
    "code, items",
    [
        ("return { a: 1 }", [{"json": {"a": 1}}]),
        ("return [{ a: 1 }, { b: 2 }]", [{"json": {"a": 1}}, {"json": {"b": 2}}]),
        ("return [{ json: { a: 1 }, pairedItem: 0 }]", [{"json": {"a": 1}, "pairedItem": 0}]),
        ("return [{ binary: { f: {} } }]", [{"json": {}, "binary": {"f": {}}}]),
        ("return []", []),
        ("return items", TWO),
        ("return $input.all()", TWO),
        ("for (x of items) x.json.a *= 2\nreturn items", [{"json": {"a": 2}}, {"json": {"a": 4}}]),
        ("const items = $input.all(), item = 1; return { n: items.length, item }", [{"json": {"n": 2, "item": 1}}]),
        ("return { last: await Promise.resolve($input.last().json.a) }", [{"json": {"last": 2}}]),
        ("total = 0; [first] = [5]; ({ a: second } = { a: 6 }); return { total, first, second }",
         [{"json": {"total": 0, "first": 5, "second": 6}}]),
        ("return { t: $today.toISODate(), e: eval('1 + 2'), f: typeof Function }",
         [{"json": {"t": "2025-06-16", "e": 3, "f": "function"}}]),
        ("return { s: JSON.stringify(this.getInputData()), m: this.getMode(), z: this.getTimezone() }",
         [{"json": {"s": '[{"json":{"a":1}},{"json":{"a":2}}]', "m": "manual", "z": "America/New_York"}}]),
        ("const a = {}; a.delete = 1; class B { static c = 2 } return { d: a.delete, c: B.c }",
         [{"json": {"d": 1, "c": 2}}]),
        ("return { p: this.getNodeParameter('p'), n: this.getNode().name, w: this.getWorkflow() }",
         [{"json": {"p": 2, "n": "Here", "w": {}}}]),
    ],
    ids=lambda case: str(case)[:50],
)  # fmt: skip
def test_code_for_all_items_returns(realm: Realm, code: str, items: list[Any]) -> None:
    scope = {"mode": "manual", "node": {"name": "Here", "parameters": {"p": "={{ 1 + 1 }}"}}}
    result = realm.code(code, [dict(item, json=dict(item["json"])) for item in TWO], scope)
    assert result == {"output": items, "console": []}


SHAPES = [
    ("return 42", "ValidationError", "Code doesn't return items properly"),
    ("return", "ValidationError", "Code doesn't return items properly"),
    ("return new Date()", "ValidationError", "Code doesn't return items properly [item 0]"),
    ("return [{ json: {} }, 5]", "ValidationError", "Code doesn't return items properly [item 1]"),
    ("return [{ json: 5 }]", "ValidationError", "A 'json' property isn't an object [item 0]"),
    ("return [{ json: {}, binary: 5 }]", "ValidationError", "A 'binary' property isn't an object [item 0]"),
    ("return [{ json: {}, extra: 1 }]", "ReservedKeyFoundError", "Unknown top-level item key: extra [item 0]"),
]


@pytest.mark.parametrize("code, kind, message", SHAPES)
def test_a_wrong_shape_is_refused_with_advice(realm: Realm, code: str, kind: str, message: str) -> None:
    error = realm.code(code)["error"]
    assert (error["type"], error["message"]) == (kind, message)
    assert len(error["description"]) > 20


@pytest.mark.parametrize(
    "code, message, line",
    [
        ("throw new Error('boom')", "boom [line 1]", 1),
        ("const a = 1;\nnull.x", "Cannot read properties of null (reading 'x') [line 2]", 2),
        ("nobody", "nobody is not defined [line 1]", 1),
        ("const a = 1;\nconst b = ;", "Unexpected token [line 2]", 2),
        ("\n\nreturn $('Nobody').first()", "Referenced node doesn't exist [line 3]", 3),
        ("throw 'text'", "text", None),
        ("throw { message: 'object' }", "object", None),
        ("throw { toString() { throw 1 } }", "An error that cannot be shown as text was thrown", None),
        ("throw null", "null", None),
        ("await Promise.reject(new RangeError('r'))", "r [line 1]", 1),
        ("require('fs')", "Module 'fs' is disallowed [line 1]", 1),
    ],
)
def test_an_exception_is_told_with_its_line(realm: Realm, code: str, message: str, line: int | None) -> None:
    error = realm.code(code)["error"]
    assert (error["type"], error["message"], error.get("line")) == ("ExecutionError", message, line)


def test_the_stack_shows_the_authors_lines_alone(realm: Realm) -> None:
    error = realm.code("function inner() {\n  throw new Error('x')\n}\n\ninner()")["error"]
    assert error["stack"] == "Error: x\n    at inner (line 2, column 9)\n    at code (line 5, column 1)"


def test_code_for_each_item_pairs_what_it_returns(realm: Realm) -> None:
    code = "item.json.b = $json.a + $itemIndex; return item"
    output = realm.code(code, TWO, mode="runOnceForEachItem")["output"]
    assert output == [
        {"item": 0, "output": {"json": {"a": 1, "b": 1}, "pairedItem": {"item": 0}}},
        {"item": 1, "output": {"json": {"a": 2, "b": 3}, "pairedItem": {"item": 1}}},
    ]


def test_the_same_text_runs_in_every_kind_of_node(realm: Realm) -> None:
    code = "return { seen: [typeof items, typeof item, typeof index, typeof extra] }"

    def seen(**options: Any) -> Any:
        result = realm.code(code, TWO[:1], **options)["output"][0]
        return result.get("output", result)["json"]["seen"]

    assert seen() == ["object", "undefined", "undefined", "undefined"]
    assert seen(mode="runOnceForEachItem") == ["undefined", "object", "undefined", "undefined"]
    assert seen(legacy="functionItem") == ["undefined", "object", "number", "undefined"]
    assert seen(scope={"additionalKeys": {"extra": 1}}) == ["object", "undefined", "undefined", "number"]


def test_null_drops_an_item_and_indexes_pick_items(realm: Realm) -> None:
    code = "return $json.a === 1 ? null : { kept: $json.a }"
    assert [entry["item"] for entry in realm.code(code, TWO, mode="runOnceForEachItem")["output"]] == [1]
    assert realm.code(code, TWO, mode="runOnceForEachItem", itemIndexes=[0])["output"] == []


@pytest.mark.parametrize(
    "code, message",
    [
        ("return [1]", "Code doesn't return a single object [item 0]"),
        ("return 5", "Code doesn't return an object [item 0]"),
        ("return", "Code doesn't return an object [item 0]"),
        ("throw new Error('boom')", "boom [line 1, for item 0]"),
    ],
)
def test_the_first_failing_item_ends_the_run(realm: Realm, code: str, message: str) -> None:
    output = realm.code(code, TWO, mode="runOnceForEachItem")["output"]
    assert [entry["error"]["message"] for entry in output] == [message]


def test_with_continue_on_fail_every_item_is_tried(realm: Realm) -> None:
    code = "if ($itemIndex === 0) throw new Error('boom'); return {}"
    output = realm.code(code, TWO, mode="runOnceForEachItem", continueOnFail=True)["output"]
    assert ["error" in entry for entry in output] == [True, False]


@pytest.mark.parametrize(
    "code, result",
    [
        ("items[0].json.b = 1; return items", [{"json": {"a": 1, "b": 1}}]),
        ("return 5", "Always an Array of items has to be returned!"),
        ("return { a: 1 }", [{"json": {"a": 1}}]),
        ("", "No data got returned. Always return an Array of items!"),
        ("return [{ a: 1 }]", [{"json": {"a": 1}}]),
        ("return [{ binary: {} }]", [{"json": {}, "binary": {}}]),
        ("return [{ json: {} }, { a: 1 }]", "Inconsistent item format"),
        ("return [{ binary: {} }, { a: 1 }]", "Inconsistent item format"),
        ("return [1]", "The json-property has to be an object!"),
        ("return [{ json: [] }]", "The json-property has to be an object!"),
    ],
)
def test_a_function_node_returns_items_all_wrapped_or_none(realm: Realm, code: str, result: object) -> None:
    answer = realm.code(code, [{"json": {"a": 1}}], legacy="function")
    assert (answer["output"] if "output" in answer else answer["error"]["message"]) == result


def test_a_function_item_node_returns_the_json(realm: Realm) -> None:
    item = {"json": {"a": 1}, "binary": {"f": {"fileName": "x"}}}
    code = "item.n = index; item.f = getBinaryData().f.fileName; await setBinaryDataAsync({ g: {} }); return item"
    output = realm.code(code, [item], legacy="functionItem")["output"]
    assert output[0]["output"] == {
        "json": {"a": 1, "n": 0, "f": "x"},
        "binary": {"g": {}},
        "pairedItem": {"item": 0},
    }
    assert "Always return an object!" in realm.code("5", [item], legacy="functionItem")["output"][0]["error"]["message"]


def test_raw_code_returns_anything(realm: Realm) -> None:
    assert realm.code("return 'text'", raw=True)["output"] == "text"
    assert realm.code("", raw=True)["output"] is None


def test_static_data_comes_back_once_it_was_asked_for(realm: Realm) -> None:
    stored = {"global": {"n": 1}, "node": {}}
    code = "$getWorkflowStaticData('global').n++; getWorkflowStaticData('node').seen = true; return {}"
    assert realm.code(code, scope={"staticData": stored})["staticData"] == {"global": {"n": 2}, "node": {"seen": True}}
    assert "staticData" not in realm.code("return {}", scope={"staticData": stored})
    assert "not known" in realm.code("$getWorkflowStaticData('else')")["error"]["message"]


def test_static_data_that_was_not_sent_is_an_error_and_not_empty(realm: Realm) -> None:
    told = realm.code("return $getWorkflowStaticData('global')", scope={"staticData": None})
    assert "not fetched" in told["error"]["message"]


@pytest.mark.parametrize(
    "code",
    [
        "$getWorkflowStaticData('global').x = { toJSON() { throw new TypeError('no') } }; return {}",
        "return { x: { toJSON() { throw new Error('no') } } }",
        "return { get x() { throw new Error('no') } }",
        "let deep = {}; for (let i = 0; i < 1e5; i++) deep = { deep }; return deep",
        "let d = []; for (let i = 0; i < 1e5; i++) d = [d]; $getWorkflowStaticData('node').d = d; return {}",
        "return new Proxy({}, { ownKeys() { throw new Error('no') } })",
    ],
)
def test_what_cannot_be_written_is_an_error_of_the_code(realm: Realm, code: str) -> None:
    result = realm.code(code)
    assert result["error"]["type"] in ("ExecutionError", "ApplicationError")
    assert "staticData" not in result


def test_custom_data_comes_back_once_it_changed(realm: Realm) -> None:
    code = """const c = $execution.customData; c.setAll({ a: 1, b: "x".repeat(600) });
    for (let i = 0; i < 20; i++) c.set("k" + i, i);
    return { a: c.get("a"), none: c.get("toString") }"""
    result = realm.code(code, scope={"execution": {"id": "1"}})
    assert result["output"][0]["json"] == {"a": "1"}
    assert len(result["customData"]) == 10
    assert len(result["customData"]["b"]) == 512


def test_the_console_is_kept_with_levels_and_items(realm: Realm) -> None:
    code = "console.log('n %d', $json.a, { b: [1] }); console.error(new Error('e')); console.assert(false); return {}"
    assert realm.code(code, TWO[:1], mode="runOnceForEachItem")["console"] == [
        {"level": "log", "text": "n 1 { b: [ 1 ] }", "item": 0},
        {"level": "error", "text": "Error: e", "item": 0},
        {"level": "error", "text": "Assertion failed", "item": 0},
    ]


def test_the_console_shows_any_value(realm: Realm) -> None:
    code = """console.log([undefined, null, 1n, Symbol("s"), () => 1, new Date(0), new Date(NaN), /a/g,
      new Map([[1, 2]]), new Set([1]), Buffer.from("ab"), Promise.resolve(), $now, { "a b": "it's\\n" },
      [[[[[[[1]]]]]]], new Uint8Array(2)]);
    console.log({ get boom() { throw 1 } }); console.log(); return []"""
    entries = [entry["text"] for entry in realm.code(code)["console"]]
    assert entries[0] == (
        "[ undefined, null, 1n, Symbol(s), [Function: (anonymous)], 1970-01-01T00:00:00.000Z, Invalid Date, /a/g, "
        "Map(1) [ [ 1, 2 ] ], Set(1) [ 1 ], <Buffer 61 62>, Promise {}, "
        "DateTime { 2025-06-16T08:34:56.789-04:00 }, { 'a b': 'it\\'s\\n' }, [ [ [ [ [ [Array] ] ] ] ] ], [ 0, 0 ] ]"
    )
    assert entries[1] == "[a value that cannot be shown]"


def test_console_output_is_capped(realm: Realm) -> None:
    many = realm.code("for (let i = 0; i < 1e5; i++) console.log('x'); return []")["console"]
    large = realm.code("for (let i = 0; i < 100; i++) console.log('x'.repeat(1e6)); return []")["console"]
    assert len(many) == 1001
    assert many[-1]["text"].startswith("The console output ends here")
    assert sum(len(entry["text"]) for entry in large) < 80_000


def test_typed_output_keeps_what_json_cannot_say(realm: Realm) -> None:
    output = realm.code("return { d: DateTime, b: Buffer.from('x'), u: undefined }", typed=True)["output"]
    assert output[0]["json"] == {
        "d": {"$type": "Function", "name": "DateTime"},
        "b": {"$type": "Buffer", "base64": "eA=="},
        "u": {"$type": "undefined"},
    }


def test_a_promise_that_never_settles_is_told(realm: Realm) -> None:
    assert "never finished" in realm.code("await new Promise(() => {})")["error"]["message"]


def test_requests_go_to_the_host(realm: Realm) -> None:
    realm.answers = {"httpRequest": {"body": {"$buffer": "aGk="}}, "request": "page"}
    code = """const r = await this.helpers.httpRequest({ url: "https://a" });
    return { text: r.body.toString(), page: await $helpers.request("https://b") }"""
    assert realm.code(code)["output"][0]["json"] == {"text": "hi", "page": "page"}
    assert realm.calls == [("httpRequest", [{"url": "https://a"}]), ("request", [{"uri": "https://b"}])]


def test_a_refused_request_is_an_error_of_the_code(realm: Realm) -> None:
    assert "httpRequest is not available" in realm.code("await $helpers.httpRequest({})")["error"]["message"]


def test_binary_data_is_asked_for_and_made(realm: Realm) -> None:
    realm.answers = {"getBinaryDataBuffer": {"base64": "aGk="}}
    code = """const b = await this.helpers.getBinaryDataBuffer(0, "f");
    const made = await this.helpers.prepareBinaryData(Buffer.from("ab"), "n.txt", "text/plain");
    return { text: b.toString(), made, f: this.helpers.assertBinaryData(0, "f") }"""
    items = [{"json": {}, "binary": {"f": {"id": "1"}}}]
    assert realm.code(code, items)["output"][0]["json"] == {
        "text": "hi",
        "made": {
            "data": "YWI=", "mimeType": "text/plain", "fileName": "n.txt", "fileExtension": "txt",
            "fileSize": "2 B", "bytes": 2,
        },
        "f": {"id": "1"},
    }  # fmt: skip


@pytest.mark.parametrize("host_sleeps", [True, False])
def test_timers_fire_in_order_whether_or_not_the_host_sleeps(realm: Realm, host_sleeps: bool) -> None:
    realm.answers = {"sleep": None} if host_sleeps else {}
    code = """const seen = []; let ticks = 0;
    const wait = (ms, name) => new Promise((done) => setTimeout(() => { seen.push(name); done() }, ms));
    const gone = setTimeout(() => seen.push("gone"), 1); clearTimeout(gone);
    setTimeout(() => { throw new Error("nobody hears") }, 1);
    await Promise.all([wait(50, "late"), wait(5, "soon"), new Promise((done) => setImmediate(done)),
      new Promise((done) => { const i = setInterval(() => { if (++ticks === 3) { clearInterval(i); done() } }, 2) })]);
    queueMicrotask(() => seen.push("micro")); await null;
    return { seen, ticks }"""
    assert realm.code(code)["output"][0]["json"] == {"seen": ["soon", "late", "micro"], "ticks": 3}
    assert [args[0] for name, args in realm.calls if name == "sleep"][:1] == [1]


@pytest.mark.parametrize(
    "call, result",
    [
        ("normalizeItems({ a: 1 })", [{"json": {"a": 1}}]),
        ("normalizeItems({ json: { a: 1 } })", [{"json": {"a": 1}}]),
        ("normalizeItems([{ binary: { f: {} }, a: 1 }])", [{"json": {"a": 1}, "binary": {"f": {}}}]),
        ("normalizeItems(['a', 2])", [{"json": "a"}, {"json": 2}]),
        ("returnJsonArray([{ a: 1 }, { json: { b: 2 }, c: 3 }])", [{"json": {"a": 1}}, {"json": {"b": 2}, "c": 3}]),
        ("copyInputItems([{ json: { a: [1] } }, { json: {} }], ['a'])", [{"a": [1]}, {"a": None}]),
        (
            "constructExecutionMetaData([{ json: {} }], { itemData: { item: 3 } })",
            [{"json": {}, "pairedItem": {"item": 3}}],
        ),
    ],
)
def test_code_has_the_helpers_around_items(realm: Realm, call: str, result: object) -> None:
    assert realm.code(f"return this.helpers.{call}", raw=True)["output"] == result


def test_items_and_plain_values_do_not_mix(realm: Realm) -> None:
    answer = realm.code("return this.helpers.normalizeItems([{ json: {} }, { a: 1 }])", raw=True)
    assert answer["error"]["message"].startswith("Inconsistent item format")
