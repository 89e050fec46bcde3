"""Typed conditions: a table of what holds, and what is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from workflows_app.toolkit.conditions import OPPOSITES, TESTS, Condition, ConditionError, Rules, holds, judge
from workflows_app.toolkit.paths import MISSING

pytestmark = pytest.mark.nodes

LOOSE = Rules(strict=False)
LOOSE_2 = Rules(strict=False, version=2)
ANY_CASE = Rules(case_sensitive=False)

HOLDING = [
    ("a", "string", "equals", "a"),
    ("", "string", "empty", None),
    (None, "string", "empty", None),
    ("a", "string", "notEmpty", None),
    ("abc", "string", "contains", "b"),
    ("abc", "string", "notContains", "B"),
    ("abc", "string", "startsWith", "ab"),
    ("abc", "string", "notEndsWith", "ab"),
    ("order 17", "string", "regex", r"\d+$"),
    ("order", "string", "notRegex", "/^O/"),
    ("Order", "string", "regex", "/^o/i"),
    (None, "string", "equals", None),
    (2, "number", "equals", 2.0),
    (2, "number", "notEquals", 3),
    (3, "number", "gt", 2),
    (2, "number", "gte", 2),
    (-1, "number", "lt", 0),
    (2, "number", "lte", 2),
    (None, "number", "empty", None),
    (float("nan"), "number", "empty", None),
    (None, "number", "lt", 1),
    (True, "boolean", "true", None),
    (False, "boolean", "false", None),
    (None, "boolean", "false", None),
    (False, "boolean", "equals", False),
    (False, "boolean", "notEmpty", None),
    ("2026-03-01", "dateTime", "before", "2026-03-02T00:00:00Z"),
    ("2026-03-01T10:00:00+01:00", "dateTime", "equals", "2026-03-01T09:00:00Z"),
    (datetime(2026, 3, 1, tzinfo=UTC), "dateTime", "afterOrEquals", "2026-03-01"),
    ("2026-03-01", "dateTime", "notEquals", "2026-03-02"),
    (None, "dateTime", "empty", None),
    (["a", 2], "array", "contains", 2),
    ([{"a": 1}], "array", "contains", {"a": 1}),
    ([1, 2], "array", "lengthEquals", 2),
    ([1, 2], "array", "lengthGt", 1),
    ([], "array", "empty", None),
    (None, "array", "empty", None),
    ({"a": 1}, "object", "notEmpty", None),
    ({}, "object", "empty", None),
    ("x", "string", "exists", None),
    (None, "string", "notExists", None),
    (float("nan"), "number", "notExists", None),
    (MISSING, "number", "notExists", None),
    (MISSING, "number", "notEquals", 3),
    (MISSING, "string", "empty", None),
    ("x", "string", "contains", MISSING),
]


def condition(left: Any, kind: str, operation: str, right: Any) -> Condition:
    other = {"array": "any"}.get(kind, "") if operation in ("contains", "notContains") else ""
    return Condition(left, right, kind, operation, other or ("number" if operation.startswith("length") else ""))


@pytest.mark.parametrize("left, kind, operation, right", HOLDING)
def test_condition_holds(left: Any, kind: str, operation: str, right: Any) -> None:
    assert judge(condition(left, kind, operation, right), Rules())


@pytest.mark.parametrize("left, kind, operation, right", [row for row in HOLDING if row[2] in OPPOSITES.values()])
def test_opposite_does_not_hold(left: Any, kind: str, operation: str, right: Any) -> None:
    opposite = next(name for name, base in OPPOSITES.items() if base == operation)
    assert not judge(condition(left, kind, opposite, right), Rules())


@pytest.mark.parametrize(
    "left, kind, right",
    [("12", "number", 10), (1, "string", "1"), ("true", "boolean", True), ("[]", "array", []), ([], "object", {})],
)
def test_strict_types_refuse_a_value_of_another_type(left: Any, kind: str, right: Any) -> None:
    with pytest.raises(ConditionError, match=r"Wrong type: .* \[condition 0, item 0\]"):
        judge(Condition(left, right, kind, "equals" if kind != "object" else "empty"), Rules())


@pytest.mark.parametrize(
    "left, kind, operation, right, rules, verdict",
    [
        ("12", "number", "gt", "9", LOOSE, True),
        (1, "string", "equals", "1", LOOSE, True),
        ("false", "boolean", "true", None, LOOSE, True),
        ("false", "boolean", "true", None, LOOSE_2, False),
        ("yes", "boolean", "true", None, LOOSE_2, True),
        ('["a"]', "array", "lengthEquals", 1, LOOSE, True),
        ("ABC", "string", "equals", "abc", ANY_CASE, True),
        ("lower", "string", "regex", "[A-Z]", ANY_CASE, False),
        (["A"], "array", "contains", "a", ANY_CASE, True),
        ("18-05-2020x", "dateTime", "empty", None, Rules(), None),
        ("many", "number", "gt", 1, LOOSE, None),
        ("many", "number", "exists", None, LOOSE, None),
        ("12", "number", "exists", None, Rules(), None),
        (None, "number", "lt", 1, LOOSE, True),
        (MISSING, "number", "lt", 1, LOOSE, False),
        (5, "number", "gt", MISSING, LOOSE, False),
    ],
)
def test_rules_change_the_verdict(
    left: Any, kind: str, operation: str, right: Any, rules: Rules, verdict: bool | None
) -> None:
    made = condition(left, kind, operation, right)
    if verdict is None:
        with pytest.raises(ConditionError):
            judge(made, rules)
    else:
        assert judge(made, rules) is verdict


def test_or_needs_one_and_and_needs_all() -> None:
    yes, no = Condition(1, 1, "number", "equals"), Condition(1, 2, "number", "equals")
    assert holds([no, yes], "or", Rules())
    assert not holds([no, yes], "and", Rules())
    assert holds([], "and", Rules())
    assert not holds([], "or", Rules())


def test_the_first_row_that_decides_ends_the_judgement() -> None:
    broken = Condition("x", 1, "number", "equals")
    assert not holds([Condition(1, 2, "number", "equals"), broken], "and", Rules())


def test_unknown_comparison_is_named() -> None:
    with pytest.raises(ConditionError, match="resembles"):
        judge(Condition("a", "b", "string", "resembles"), Rules())


def test_every_type_can_be_told_empty() -> None:
    assert all("empty" in tests for kind, tests in TESTS.items() if kind != "any")
