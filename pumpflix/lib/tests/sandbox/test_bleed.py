"""Nothing a call leaves behind is there for the next one, of the same team or another."""

import json

import pytest

pytestmark = pytest.mark.requirement(6)

LEAVE = {
    "a global": "globalThis.left = 1",
    "a global by assignment": "left = 1",
    "a global by definition": "Object.defineProperty(globalThis, 'left', { value: 1 })",
    "a prototype's member": "Object.prototype.left = 1",
    "a replaced method": "Array.prototype.map = () => 'left'",
    "a replaced function": "JSON.stringify = () => '\"left\"'",
    "a replaced global": "globalThis.JSON = null",
    "a deleted global": "delete globalThis.JSON",
    "a swapped prototype": "Object.setPrototypeOf(Array.prototype, { left: 1 })",
    "an iterator's member": "[].values().__proto__.next = () => ({ done: true })",
    "a generator's member": "(function* () {}).prototype.__proto__.left = 1",
    "an async function's member": "(async () => {}).constructor.prototype.left = 1",
    "a promise's then": "Promise.prototype.then = null",
    "a stack formatter": "Error.prepareStackTrace = () => 'left'",
    "a stack limit": "Error.stackTraceLimit = 0",
    "a match": "/(left)/.exec('left')",
    "a species": "Object.defineProperty(Array, Symbol.species, { value: Object })",
    "a string's member": "String.prototype.trim = () => 'left'",
    "a getter": "Object.prototype.__defineGetter__('left', () => 1)",
    "a time zone": "Intl.DateTimeFormat = null",
    "a late promise": "Promise.resolve().then(() => { globalThis.left = 1; })",
    "a symbol's member": "Symbol.for('left').constructor.prototype.left = 1",
}
LOOK = """[typeof left, ({}).left, [1, 2].map((x) => x * 2).join(), JSON.stringify({ a: [] }), RegExp.$1,
  RegExp.lastMatch, ' a '.trim(), new Error('x').stack.includes('x'), [...[1, 2]].length,
  [...(function* () { yield 1; })()].length, (async () => {}).left, [].left, Object.keys(globalThis).length,
  new Intl.DateTimeFormat('en').format(0), Symbol.iterator.left, Array.from({ length: 1 }).constructor === Array,
  typeof Promise.prototype.then]"""
CLEAN = [
    "undefined",
    None,
    "2,4",
    '{"a":[]}',
    None,
    None,
    "a",
    True,
    2,
    1,
    None,
    None,
    0,
    "1/1/1970",
    None,
    True,
    "function",
]


@pytest.mark.parametrize("left", LEAVE.values(), ids=LEAVE)
def test_an_expression_leaves_nothing_behind(value_of, left):
    value_of(f"(() => {{ {left}; }})()")
    assert value_of(LOOK) == CLEAN
    assert value_of(LOOK, team="another") == CLEAN


@pytest.mark.parametrize("left", LEAVE.values(), ids=LEAVE)
def test_code_leaves_nothing_behind(outcome_of, left):
    outcome_of(left)
    assert outcome_of(f"return {LOOK}")["output"] == CLEAN
    assert outcome_of(f"return {LOOK}", team="another")["output"] == CLEAN


def test_a_thousand_runs_leave_nothing_behind(outcome_of):
    code = "globalThis.n = data; Object.prototype.n = data; try { Array.prototype.n = data } catch {} return typeof n"
    assert {outcome_of(code, number)["output"] for number in range(1000)} == {"undefined"}


def test_a_run_that_never_ended_does_not_go_on_in_the_next_one(outcome_of):
    asked = []
    outcome_of("(async () => { await new Promise(() => {}); host.call('late', []); })(); return 1")
    outcome_of("return 2", on_call=lambda name, args: asked.append(name))
    assert asked == []


LEAVE_IN_THE_PRODUCT = {
    "luxon's zone": "require('luxon').Settings.defaultZone = 'Asia/Tokyo'",
    "luxon's language": "require('luxon').Settings.defaultLocale = 'fr'",
    "luxon's clock": "require('luxon').Settings.now = () => 0",
    "luxon's strictness": "require('luxon').Settings.throwOnInvalid = true",
    "luxon's century": "require('luxon').Settings.twoDigitCutoffYear = 10",
    "a member of luxon's class": "require('luxon').DateTime.left = 1",
    "a member of luxon's instances": "DateTime.prototype.left = 1",
    "luxon's now": "require('luxon').DateTime.now = () => 1",
    "a mixin of lodash": "require('lodash').mixin({ left() { return 1; } })",
    "a setting of lodash": "require('lodash').templateSettings.left = 1",
    "an import of lodash": "require('lodash').templateSettings.imports._ = null",
    "a counter of lodash": "require('lodash').uniqueId()",
    "a function of lodash": "require('lodash').map = null",
    "lodash's cache": "require('lodash').memoize.Cache = null",
    "a module": "require('crypto').left = 1",
    "the module loader": "require.left = 1",
    "a global": "globalThis.left = 1; left = 1",
    "this": "this.left = 1",
    "the input": "$input.left = 1; items.left = 1",
    "the console": "console.log = 1",
    "chance": "Math.random = () => 4",
    "the workflow": "$workflow.left = 1",
    "the clock": "Date.now = () => 5",
    "a timer": "setTimeout(() => { globalThis.left = 1; }, 0)",
    "a buffer's member": "Buffer.left = 1",
    "a polluted prototype": "Object.prototype.left = 1",
    "a stack's length": "Error.stackTraceLimit = 0",
    "an encoder's member": "TextEncoder.prototype.left = 1",
    "an address's member": "URL.prototype.left = 1",
    "static data": "$getWorkflowStaticData('global').left = 1",
}
LOOK_IN_THE_PRODUCT = """const luxon = require('luxon'), _ = require('lodash');
  return [luxon.DateTime.local().zoneName, luxon.DateTime.local().locale, luxon.DateTime.now().year > 2000,
    luxon.DateTime.fromObject({ month: 99 }).isValid, luxon.Settings.twoDigitCutoffYear, luxon.DateTime.left,
    DateTime.left, luxon.DateTime.prototype.left, _.left, _.templateSettings.left,
    typeof _.templateSettings.imports._, _.uniqueId(),
    typeof _.map, typeof _.memoize.Cache, require('crypto').left, require.left, typeof left, this?.left, $input.left,
    items.left, typeof console.log, Math.random() === 4, $workflow.left, Date.now() > 1e12, Buffer.left, ({}).left,
    new Error('x').stack.length > 10, TextEncoder.prototype.left, URL.prototype.left,
    $getWorkflowStaticData('global').left];"""


def in_the_product(product, code: str, team: str = "t") -> object:
    header = {"kind": "code", "language": "javaScript", "mode": "runOnceForAllItems", "timezone": "America/New_York"}
    header |= {"modules": ["crypto", "luxon", "lodash"], "raw": True, "code": code}
    data = {"items": [{"json": {}}], "nodes": {}, "knownNodes": [], "workflow": {}, "execution": {}, "staticData": {}}
    return product.run_code(header, json.dumps(data).encode(), team=team, timeout_s=10).json().get("output")


@pytest.mark.parametrize("left", LEAVE_IN_THE_PRODUCT.values(), ids=LEAVE_IN_THE_PRODUCT)
def test_a_code_node_leaves_nothing_behind_in_the_product(product, left):
    clean = in_the_product(product, LOOK_IN_THE_PRODUCT, team=f"fresh for {left}")
    in_the_product(product, left)
    assert in_the_product(product, LOOK_IN_THE_PRODUCT) == clean
