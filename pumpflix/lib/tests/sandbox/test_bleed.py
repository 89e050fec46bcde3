"""Nothing a call leaves behind is there for the next one, of the same team or another."""

import pytest

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
