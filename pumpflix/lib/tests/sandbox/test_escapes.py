"""Expressions that try to get out of the product's own world: an error or a harmless value, and all stays well."""

import json
import os
from typing import Any

import pytest

from pumpflix.lib.sandbox import CodePool, SandboxError

CANARY = "canary-7f3d91"
WELL = """{{ [[1, 2].map((x) => x * 2).join(), JSON.stringify({ a: [1] }), ({}).polluted === undefined,
  'a b'.split(' ').length, typeof $json.name, [3, 1, 2].sort().join(), Object.keys({ a: 1 }).length] }}"""
ALL_WELL = ["2,4", '{"a":[1]}', True, 2, "string", "1,2,3", 1]

ESCAPES = {
    "this.process": "(function(){ return this.process.mainModule.require('child_process').execSync('id') })()",
    "constructor's constructor": "({}).constructor.constructor('return process')()",
    "an arrow's constructor": "(() => (()=>{}).constructor('return globalThis')())()",
    "with": "(function(){ with({}){ return constructor.constructor('return 1')() } })()",
    "a method's constructor": "[].at.constructor('return this')()",
    "a glued name": "''['con'+'structor']['con'+'structor']('return 1')()",
    "a list as a name": "({})[['constructor']][['constructor']]('return 1')()",
    "a name that changes": "({})[{n: 0, toString(){ return this.n++ ? 'constructor' : 'x' }}]",
    "inside a text": "`${(()=>{}).constructor('return 1')()}`",
    "an async function's constructor": "Reflect.getPrototypeOf(async function(){}).constructor('return 1')()",
    "a generator's constructor": "(function*(){}).constructor('yield 1')().next()",
    "a replaced stringify": "JSON.stringify = () => 'x'",
    "a polluted prototype": "Object.prototype.polluted = 1",
    "a removed method": "Array.prototype.map = null",
    "a tool's argument": "$fromAI('__proto__')",
    "a tool's argument again": "$fromAI('constructor')",
    "a polluted item": "$json.__proto__.polluted = 1",
    "import": "import('fs')",
    "require": "require('fs')",
    "process": "process.env",
    "process of the globals": "globalThis.process",
    "a stack with its this": "(Error.prepareStackTrace = (e, s) => s[0].getThis(), new Error('x').stack)",
    "a proxy": "new Proxy({}, { get(t, k) { return t } })",
    "a revoked proxy": "(() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy })()",
    "a long text": "'x'.repeat(2**29)",
    "a long list": "Array(2**31)",
    "a large buffer": "new ArrayBuffer(2**33)",
    "a promise that never settles": "new Promise(()=>{})",
    "a timer": "setTimeout(()=>{},1e9)",
    "shared memory": "new SharedArrayBuffer(1e9)",
    "machine code": "new WebAssembly.Memory({ initial: 65536 })",
    "credentials": "$credentials",
    "secrets": "$secrets.x",
    "the request's header": "$request.headers.authorization",
    "quoted braces": '"}}{{"',
    "quoted closing braces": "'}}'",
    "line separators": "'\u2028\u2029\ufeff'",
    "a lone surrogate": "'\ud800'",
    "a zero": "'\0'",
    "eval": "eval('1')",
    "new Function": "new Function('1')",
    "indirect eval": "(0,eval)('this')",
    "the caller": "arguments.callee.caller",
    "an opening comment of HTML": "1 <!-- 2",
    "a closing comment of HTML": "1\n--> 2",
    "a symbol's coercion": "({ [Symbol.toPrimitive]() { return globalThis } }) + ''",
    "an error's own text": "(() => { throw { toString() { return globalThis } } })()",
    "a species": "[1].map.call({ constructor: { [Symbol.species]: Function } }, (x) => x)",
    "a thenable": "({ then(resolve) { resolve(globalThis) } })",
    "a getter of the prelude": "Object.getOwnPropertyDescriptor(globalThis, 'pumpflix')",
    "the driver": "[typeof __driver, typeof __host, typeof __libs, typeof pumpflix].join()",
    "a sloppy this": "(function(){ return typeof this })()",
    "a regular expression's memory": "(/(\\w+)/.exec('secret'), RegExp.$1)",
    "a caller's arguments": "(function f(){ return f.caller })()",
    "an own toJSON": "({ toJSON() { return this.constructor.constructor('return 1')() } })",
    "a message on the error": "(() => { const e = new Error(''); e.message = { toString() { return 1 } }; throw e })()",
    "an array's length": "(() => { const a = []; a.length = 2**32 - 1; return a.length })()",
    "a date without end": "new Date(8.64e15 + 1)",
    "a deep object": "(() => { let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o })()",
    "a circle": "(() => { const o = {}; o.o = o; return o })()",
    "a big integer": "10n ** 1000n",
}
HANGS = {
    "while it is written": "({ toJSON() { while(true); } })",
    "while its error is told": "({ get a() { throw { toString() { while(1); } } } }).a",
    "a loop": "(() => { while(true){} })()",
    "recursion": "(function f(){ f() })()",
    "a regular expression": "/^(a+)+$/.test('a'.repeat(40)+'!')",
    "a huge number": "10n**100000000n",
    "a getter": "({ get a() { while(true); } }).a",
    "a sort": "[2, 1].sort(() => { while(true); })",
    "a text's conversion": "'' + { toString() { while(true); } }",
    "a proxy": "new Proxy({}, { ownKeys() { while(true); } })",
}


def evaluate(product: CodePool, *templates: str, timeout_s: float = 5.0, **item: Any) -> list[dict[str, Any]]:
    header = {
        "kind": "expressions",
        "timezone": "UTC",
        "now": None,
        "locale": "en",
        "templates": templates,
        "wanted": "all",
    }
    data = {"items": [{"json": {"name": "Zoë", **item}}], "nodes": {}, "knownNodes": [], "env": {}, "vars": {}}
    answer = product.evaluate(header, json.dumps(data).encode(), team="t", timeout_s=timeout_s)
    return answer.json()["results"]


@pytest.fixture(scope="module", autouse=True)
def canary() -> None:
    os.environ["PUMPFLIX_SECRET_KEY"] = CANARY
    yield
    del os.environ["PUMPFLIX_SECRET_KEY"]


@pytest.mark.requirement(1, 2)
@pytest.mark.parametrize("source", ESCAPES.values(), ids=ESCAPES)
def test_an_escape_is_an_error_or_does_no_harm_and_the_next_expression_is_well(product, source):
    try:
        told = evaluate(product, "{{ " + source + " }}")
    except SandboxError as error:
        told = [{"e": str(error)}]
    assert len(told) == 1
    assert set(told[0]) <= {"v", "u", "e"}
    assert CANARY not in json.dumps(told)
    assert "uid=" not in json.dumps(told)
    assert evaluate(product, WELL) == [{"v": ALL_WELL}]


@pytest.mark.requirement(1, 5)
@pytest.mark.parametrize("source", HANGS.values(), ids=HANGS)
def test_what_hangs_is_ended_and_the_next_expression_is_well(product, source):
    try:
        told = evaluate(product, "{{ " + source + " }}", timeout_s=0.5)
    except SandboxError as error:
        assert error.code in ("sandbox_timeout", "sandbox_memory")  # noqa: PT017 - either may happen, or neither
    else:
        assert set(told[0]) <= {"v", "u", "e"}
    assert evaluate(product, WELL) == [{"v": ALL_WELL}]


@pytest.mark.requirement(3)
@pytest.mark.parametrize("text", ["{{ 7*7 }}", "={{7*7}}", "={{ $env }}", "{{ $json.name }}"])
def test_a_value_from_data_is_never_evaluated_again(product, text):
    assert evaluate(product, "{{ $json.answer }}", "said: {{ $json.answer }}", answer=text) == [
        {"v": text},
        {"v": f"said: {text}"},
    ]


@pytest.mark.requirement(5)
@pytest.mark.parametrize(
    "template",
    [
        "{{ " * 10_000,
        "}}" * 10_000,
        "{{" + "(" * 20_000 + "}}",
        "{{ '" + "x" * 1_000_000 + "' }}",
        "{{ 1" + "+1" * 50_000 + " }}",
    ],
    ids=["open braces", "closed braces", "open brackets", "a megabyte", "a long sum"],
)
def test_a_monstrous_template_is_survived(product, template):
    try:
        told = evaluate(product, template)
    except SandboxError as error:
        assert error.code in ("sandbox_timeout", "sandbox_memory", "sandbox_crashed")  # noqa: PT017
    else:
        assert set(told[0]) <= {"v", "u", "e"}
    assert evaluate(product, WELL) == [{"v": ALL_WELL}]


@pytest.mark.requirement(5)
def test_ten_thousand_expressions_in_one_call_are_answered(product):
    told = evaluate(product, *[f"{{{{ {number} + 1 }}}}" for number in range(10_000)], timeout_s=20)
    assert [result["v"] for result in told] == list(range(1, 10_001))


@pytest.mark.requirement(10)
@pytest.mark.parametrize("key", ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"])
def test_a_key_of_the_data_that_is_a_members_name_is_only_a_key(product, key):
    told = evaluate(
        product, "{{ Object.keys($json).length }}", "{{ ({}).polluted === undefined }}", **{key: {"polluted": 1}}
    )
    assert told == [{"v": 2}, {"v": True}]


@pytest.mark.requirement(1)
def test_code_cannot_reach_what_expressions_cannot(product):
    header = {"kind": "code", "language": "javaScript", "mode": "runOnceForAllItems", "timezone": "UTC", "modules": []}
    code = """const names = ['process', 'Deno', 'Bun', 'WebAssembly', 'SharedArrayBuffer', '__driver', '__host'];
      return [{ json: Object.fromEntries(names.map((name) => [name, typeof globalThis[name]])) }];"""
    data = json.dumps({"items": [{"json": {}}], "nodes": {}, "knownNodes": []}).encode()
    answer = product.run_code({**header, "code": code}, data, team="t", timeout_s=10).json()
    assert set(answer["output"][0]["json"].values()) == {"undefined"}
