"""JavaScript's ideas, checked against what V8 says."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from workflows_app.toolkit import compare

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "value, text",
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (1e21, "1e+21"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (-0.00012, "-0.00012"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        (True, "true"),
        (None, ""),
        ([1, "a"], '[1,"a"]'),
        ({"a": 1.0}, '{"a":1}'),
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00.000Z"),
        (2**70, "1180591620717411303424"),
    ],
)
def test_to_text(value: Any, text: str) -> None:
    assert compare.to_text(value) == text


@pytest.mark.parametrize(
    "value, number",
    [
        (" 12 ", 12),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("0b11", 3),
        ("", 0),
        ("Infinity", math.inf),
        (None, 0),
        (True, 1),
        ([], 0),
        (["7"], 7),
        ("9007199254740993", 9007199254740992.0),
    ],
)
def test_to_number(value: Any, number: float) -> None:
    assert compare.to_number(value) == number


@pytest.mark.parametrize("value", ["1_000", "x", "1px", "infinity", "nan", "٣", {}, [1, 2], "--1", "1" * 500])
def test_what_is_no_number(value: Any) -> None:
    assert math.isnan(compare.to_number(value))


@pytest.mark.parametrize("value", ["a", "0", 1, -1, [], {}, math.inf, datetime.now(UTC)])
def test_true(value: Any) -> None:
    assert compare.is_true(value)


@pytest.mark.parametrize("value", ["", 0, 0.0, None, False, math.nan])
def test_false(value: Any) -> None:
    assert not compare.is_true(value)


def test_same_looks_at_types() -> None:
    assert compare.same({"a": [1, {"b": None}]}, {"a": [1.0, {"b": None}]})
    assert compare.same(math.nan, math.nan)
    assert not compare.same(1, True)
    assert not compare.same([1], [1, 2])
    assert not compare.same({"a": 1}, {"b": 1})


@pytest.mark.parametrize("left, right", [(1, "1"), (None, ""), ([], None), (True, "true"), (0, "0"), (False, 0)])
def test_loosely_equal(left: Any, right: Any) -> None:
    assert compare.loosely_equal(left, right)


@pytest.mark.parametrize(
    "left, right",
    [
        (1, "2"),
        (None, "a"),
        ([1], {"0": 1}),
        (True, "false"),
        (True, "yes"),
        (True, 2),
        (False, ""),
        ({}, ""),
        ({}, []),
    ],
)
def test_not_even_loosely_equal(left: Any, right: Any) -> None:
    assert not compare.loosely_equal(left, right)


@pytest.mark.parametrize("left, right", [("10", "9"), (9, "10"), (None, 1), ("B", "a"), (False, True)])
def test_less_than(left: Any, right: Any) -> None:
    assert compare.less_than(left, right)
    assert not compare.less_than(right, left)


def test_nothing_is_less_than_what_is_no_number() -> None:
    assert not compare.less_than(1, "x")
    assert not compare.less_than({}, 1)
