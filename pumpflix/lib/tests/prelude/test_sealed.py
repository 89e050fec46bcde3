"""Nothing that one evaluation or run does is seen by the next, and nothing leads out of the realm."""

from typing import Any

import pytest

from pumpflix.lib.tests.prelude.cases import read_cases
from pumpflix.lib.tests.prelude.realm import Failed, Realm, header

# Escapes that were published against other evaluators; in expressions each is an error or an inert value.
ESCAPES = [
    "(function () { return this.process.mainModule.require('child_process').execSync('id').toString() })()",
    "({}).constructor.constructor('return process')()",
    "(() => (() => {}).constructor('return globalThis')())()",
    "(function () { with ({}) { return constructor.constructor('return 1')() } })()",
    "[].at.constructor('return this')()",
    "''['con' + 'structor']['con' + 'structor']('return 1')()",
    "({})[['constructor']][['constructor']]('return 1')()",
    "({})[{ toString() { return 'constructor' } } ]",
    "({})[(() => { let n = 0; return { toString() { return n++ ? 'constructor' : 'x' } } })()]",
    "`${(() => {}).constructor('return 1')()}`",
    "Reflect.getPrototypeOf(async function () {}).constructor('return 1')()",
    "Object['getPrototype' + 'Of'](async function () {})",
    "(function* () {}).constructor('yield 1')().next()",
    "(({ constructor: c }) => c)({})",
    "(({ ['con' + 'structor']: c }) => c)({})",
    "(class { static ['con' + 'structor']() {} })",
    "$json.__proto__.x = 1",
    "import('fs')",
    "require('fs')",
    "process.env",
    "globalThis.process",
    "new Proxy({ }, { get(t, k) { return t } })",
    "({ get a() { throw { toString() { return 'x' } } } }).a",
    "new Promise(() => {})",
    "setTimeout(() => {}, 1e9)",
    "new SharedArrayBuffer(1e9)",
    "new WebAssembly.Memory({ initial: 65536 })",
    "$credentials",
    "$secrets.x",
    "$request.headers.authorization",
    "eval('1')",
    "new Function('1')",
    "(0, eval)('this')",
    "\\u0065val('1')",
    "arguments.callee.caller",
    "(function () { return arguments.callee })()",
    "(function () { return this })()",
    "this",
    "arguments",
    "'x'.repeat(2 ** 30)",
    "Array(2 ** 32)",
    "new ArrayBuffer(2 ** 53)",
    "$fromAI('__proto__')",
    "$fromAI('constructor')",
    "1 <!-- comment",
]
INERT: tuple[dict[str, object], ...] = ({"u": 1}, {"v": {}}, {"v": 1}, {"v": None})


@pytest.mark.requirement(2)
@pytest.mark.parametrize("code", ESCAPES)
def test_an_escape_is_an_error_or_inert(realm: Realm, code: str) -> None:
    scope: dict[str, Any] = {"items": [{"json": {}}], "aiInput": {}}
    head = header(["{{ " + code + " }}", "{{ [1, 2].map(x => JSON.stringify(x)) }}"])
    first, second = realm.evaluate(head, scope)["results"]
    assert "e" in first or first in INERT
    assert second == {"v": ["1", "2"]}


@pytest.mark.parametrize(
    "code",
    ["$json.constructor", "$json['constructor']", "$json?.[('constructor')]", "({ }).__proto__", "Date.prototype"],
)
def test_guarded_names_are_named(realm: Realm, code: str) -> None:
    with pytest.raises(Failed, match=r'Cannot access "\w+" due to security concerns') as failed:
        realm.value("{{ " + code + " }}")
    assert failed.value.kind == "ExpressionError"


@pytest.mark.parametrize("code, trace", read_cases("traces"))
def test_a_run_leaves_no_trace(realm: Realm, code: str, trace: str) -> None:
    here = {"nodes": {"Here": {"runs": [[[{"json": {}}]]], "executed": True}}, "knownNodes": ["Here"]}
    for strict in ("", "'use strict';"):
        for statement in code.split("; "):
            realm.code(f"{strict}{statement}\nreturn []", scope=here, modules=["*"])
        found = realm.code(f"return {{ found: Boolean({trace}) }}", scope=here, modules=["*"])
        assert found.get("output") == [{"json": {"found": False}}], found
    assert realm.value("{{ [3, 1].sort().map(x => x + 1).sum() }} {{ $now.year }}") == "6 2025"


@pytest.mark.requirement(2)
@pytest.mark.parametrize(
    "code", ["SharedArrayBuffer.bad = 1", "$if.bad = 1", "$now.zone.bad = 1", "Math.bad = 1", "DateTime.bad = 1"]
)
def test_an_expression_leaves_no_trace(realm: Realm, code: str) -> None:
    target = code.partition(" = ")[0]
    realm.value("{{ " + code + " }}")
    assert realm.value("{{ " + target + " }}") is None


@pytest.mark.parametrize(
    "name", ["__host", "__libs", "__pf", "__driver", "pumpflix", "WeakRef", "WebAssembly", "Atomics", "Temporal"]
)
def test_code_finds_no_key_to_the_host(realm: Realm, name: str) -> None:
    assert realm.code(f"return {{ t: typeof globalThis.{name} }}")["output"][0]["json"] == {"t": "undefined"}


@pytest.mark.parametrize(
    "code", ["Function('return 1')()", "(() => {}).constructor('1')", "(async () => {}).constructor('1')"]
)
def test_compilers_of_text_are_gone(realm: Realm, code: str) -> None:
    assert "Code generation from text is not available" in realm.code(f"return {code}")["error"]["message"]


@pytest.mark.requirement(10)
@pytest.mark.parametrize(
    "code, value",
    [
        ("const o = {}; o.toString = () => 'own'; return { v: String(o) }", "own"),
        ("const o = {}; o.hasOwnProperty = 5; return { v: o.hasOwnProperty }", 5),
        ("const e = new Error('a'); e.message = 'b'; e.name = 'C'; return { v: String(e) }", "C: b"),
        ("function F() {} F.prototype.toString = () => 'proto'; return { v: String(new F()) }", "proto"),
        (
            "class E extends Error { constructor(m) { super(m); this.name = 'E' } } return { v: String(new E('m')) }",
            "E: m",
        ),
        ("const d = new Date(0); d.toJSON = () => 'own'; return { v: JSON.stringify(d) }", '"own"'),
        ("const f = () => 1; f.call = 7; return { v: f.call }", 7),
        ("const o = { __proto__: { inherited: 1 } }; return { v: o.inherited }", 1),
    ],
)
def test_own_properties_may_still_be_set(realm: Realm, code: str, value: object) -> None:
    assert realm.code(code)["output"][0]["json"]["v"] == value


@pytest.mark.requirement(10)
def test_prototypes_cannot_be_exchanged(realm: Realm) -> None:
    code = """const o = {}; Object.setPrototypeOf(o, { bad: 1 }); Reflect.setPrototypeOf(o, { bad: 1 });
    o.__proto__ = { bad: 1 }; return { bad: o.bad === undefined }"""
    assert realm.code(code)["output"][0]["json"] == {"bad": True}


def test_one_runs_clock_is_not_the_next_ones(realm: Realm) -> None:
    frozen = realm.code("return { t: Date.now() }")["output"][0]["json"]["t"]
    real = realm.code("return { t: Date.now(), s: Date() }", now=None)["output"][0]["json"]
    assert frozen == 1750077296789
    assert real["t"] > frozen
    assert "GMT" in real["s"]
