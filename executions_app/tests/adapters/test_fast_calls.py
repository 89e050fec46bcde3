"""Dates, functions of lists and patterns, computed by Python, against V8 with luxon. One real child runs."""

import random
from dataclasses import replace
from datetime import datetime

import pytest

from executions_app.adapters.code import CodeAdapter
from executions_app.adapters.local import MemoryPayloads
from executions_app.tests.adapters.test_fast_path import PLAN, same, scope_of, told_of_all
from pumpflix.lib.sandbox import CodePool
from workflows_app.engine.expression.paths import CHILD, UNDEFINED
from workflows_app.engine.expression.readers import compile_template
from workflows_app.engine.ports import Ports

pytestmark = pytest.mark.engine

ZONES = ("UTC", "Etc/UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe")
MOMENTS = (
    "2026-03-08T06:59:59.999+00:00", "2026-03-29T00:30:00.007+00:00", "2026-10-25T00:30:00+00:00",
    "2026-11-01T05:30:00.5+00:00", "2024-02-29T23:15:00+00:00", "2026-04-04T15:10:00+00:00",
)  # fmt: skip
ENDS = (
    "toISO()", "toISODate()", "toMillis()", "toFormat('yyyy-MM-dd')", "toFormat('dd.MM.yyyy HH:mm:ss.SSS')", "year",
    "month", "day", "hour", "minute", "second", "toFormat('yyyyy')", "toFormat('d MMM')", "toFormat('HHmm')", "weekday",
)  # fmt: skip
UNITS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds", "day", "month", "quarters")
DATA = {
    "n": 3, "list": [3, -1, 0, 2.5], "words": ["ada", "", "King"], "rows": [{"n": 1, "t": "x"}, {"n": 2}, {}],
    "text": " Ada King-Lovelace, 1815 ", "slug": "a_b-c.d", "empty": [], "none": None, "many": list(range(200)),
    "accent": "Zoë",
}  # fmt: skip
CALLS = (
    "$json.list.map(x => x * 2)", "$json.list.map((x, i) => x + i)", "$json.list.filter(x => x > 0)",
    "$json.list.reduce((a, b) => a + b, 0)", "$json.list.reduce((a, b) => a + b, '')", "$json.list.some(x => x < 0)",
    "$json.list.every(x => x > -9)", "$json.list.find(x => x > 9)", "$json.list.find(x => x > 1)",
    "$json.words.map(w => w[0]).join('')", "$json.words.map(w => w.toUpperCase()).join(' ')",
    "$json.words.map(w => w.length)", "$json.rows.map(r => r.n)", "$json.rows.map(r => r.t).join()",
    "$json.rows.filter(r => r.n).map(r => r.n * 2)", "$json.rows.map(r => ({ id: r.n ?? 0, t: 'x' }))",
    "$json.rows.find(r => r.n === 2)", "$json.empty.map(x => x)", "$json.empty.reduce((a, b) => a + b, 7)",
    "$json.many.map(x => x).length", "$json.none.map(x => x)", "$json.text.map(x => x)", "[1, 2, $json.n]",
    "[$json.none, $json.missing].length", "[1, 2, $json.n].reduce((a, b) => a + b, 0)", "[]", "[[1], { a: 1 }]",
    "{ a: 1 }", "{}", "{ a: $json.n, b: { c: [] } }", "{ a: $json.missing }",
    "$json.list.map(x => $json.n + x)", "$json.list.map($json => $json)", "$json.rows.map(r => r.n.x)",
    "$json.text.trim().split(' ').map(p => p[0]).join('')", "$json.words[2][0]", "$json.words[2][9]",
    "typeof $now", "$now + ''", "$now > 1", "$today.toISO()", "$now", "[$now]", "JSON.stringify($now)",
    "DateTime.now().toISO()", "DateTime.fromISO('2026-01-31').plus({ months: 1 }).toISODate()",
    "DateTime.fromISO('2026-03-29T02:30').toISO()", "DateTime.fromISO('2026-10-25T02:30:15.250').toISO()",
    "DateTime.fromISO('2026-02-30').toISO()", "DateTime.fromISO('2026-01-05T10:00:00Z').toISO()",
    "DateTime.fromISO($json.text).toISO()", "$now.plus({ days: '1' }).toISO()", "$now.plus({ days: 1.5 }).toISO()",
    "$now.plus({}).toISODate()", "$now.plus(1).toISODate()", "$json.text.plus({ days: 1 })", "$json.text.toISO()",
)  # fmt: skip
PIECES = (
    "[^a-z0-9]", "[A-Z]", "\\d", "\\D", "\\w", "\\W", "\\s", ".", "a", "King", "-", ",", " ", "\\.", "[aeiou]",
    "[\\s,]", "^", "$", "|", "[^\\w]",
)  # fmt: skip


class Clock:
    """Stands still. Parses what it is given once."""

    def __init__(self, text: str) -> None:
        self.at = datetime.fromisoformat(text)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


@pytest.fixture(scope="module")
def pool():
    made = CodePool(accept_reduced=True)
    yield made
    made.close()


def compare(pool, codes, *, at=MOMENTS[0], zone="UTC") -> int:
    """How many of them Python answered; each as the child does."""
    clock = Clock(at)
    ports = Ports(clock=clock, code=CodeAdapter(pool, "test"), payloads=MemoryPayloads())
    scope = scope_of([DATA])
    scope = replace(scope, plan=replace(PLAN, timezone=zone, is_clock_frozen=True), clock=clock)
    fast = {}
    for template in dict.fromkeys(f"{{{{ {code} }}}}" for code in codes):
        reader = compile_template(template)
        if reader is not None and (value := reader(scope, 0)) is not CHILD:
            fast[template] = value
    told = told_of_all(scope, ports, list(fast))
    for template, value in fast.items():
        answer = told[template]
        is_same = answer is UNDEFINED if value is UNDEFINED else answer is not UNDEFINED and same(value, answer)
        assert is_same, (template, value, answer, at, zone)
    return len(fast)


@pytest.mark.parametrize("zone", ZONES)
def test_dates_are_luxons(pool, zone: str) -> None:
    chance = random.Random(zone)
    for at in MOMENTS:
        codes = [f"$now.{end}" for end in ENDS] + [f"$today.{end}" for end in ENDS]
        for _ in range(60):
            units = ", ".join(f"{unit}: {chance.randint(-40, 40)}" for unit in chance.sample(UNITS, 2))
            codes.append(f"$now.{chance.choice(['plus', 'minus'])}({{ {units} }}).{chance.choice(ENDS)}")
        assert compare(pool, codes, at=at, zone=zone) > 50


def test_functions_of_lists_are_v8s(pool) -> None:
    assert compare(pool, CALLS) > 25


@pytest.mark.parametrize("seed", range(3))
def test_patterns_are_v8s(pool, seed: int) -> None:
    chance = random.Random(seed)
    codes = []
    for _ in range(200):
        source = "".join(
            chance.choice(PIECES) + chance.choice(["", "", "+", "*", "?", "{2}", "+?"])
            for _ in range(chance.randint(1, 3))
        )
        subject = chance.choice(["$json.text", "$json.slug", "$json.accent", "'a\\nb\\tC 9'"])
        flags = chance.choice(["", "g", "gi", "i"])
        new = chance.choice(["'-'", "''", "'$1'", "'x y'"])
        codes.append(f"{subject}.replace(/{source}/{flags}, {new})")
        codes.append(f"/{source}/{flags.replace('g', '')}.test({subject})")
    assert compare(pool, codes) > 50
