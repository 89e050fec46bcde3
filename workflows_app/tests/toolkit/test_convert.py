"""Conversion tables."""

from datetime import UTC, datetime
from typing import Any

import pytest

from workflows_app.toolkit.convert import Unfit, convert, shown

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "value, wanted, made",
    [
        ("-1.5", "number", -1.5),
        ("0x10", "number", 16),
        (True, "number", 1),
        ("", "number", 0),
        ("TRUE", "boolean", True),
        ("00", "boolean", False),
        (1, "boolean", True),
        ("23:59", "time", "23:59"),
        ("23:59:01+0200", "time", "23:59:01+0200"),
        ('{"a": 1}', "object", {"a": 1}),
        ("{a: 'b', c: [1,],}", "object", {"a": "b", "c": [1]}),
        ({"a": 1}, "object", {"a": 1}),
        ("[1, 2]", "array", [1, 2]),
        ("['a']", "array", ["a"]),
        ("a_1", "string-alphanumeric", "a_1"),
        (None, "number", None),
        (5, "string", 5),
        ("x", "any", "x"),
        ("2026-03-01T09:30:00Z", "dateTime", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_value_becomes_the_type(value: Any, wanted: str, made: Any) -> None:
    result = convert(value, wanted)
    assert result == made
    assert type(result) is type(made)


@pytest.mark.parametrize(
    "value, wanted",
    [
        ("many", "number"),
        ({}, "number"),
        ("yes", "boolean"),
        (2, "boolean"),
        ("25", "time"),
        ("23:59:01:09", "time"),
        ("[1]", "object"),
        ([1], "object"),
        ("{", "object"),
        ("1", "array"),
        ("{1, 2}", "array"),
        ("1a", "string-alphanumeric"),
        ("a b", "string-alphanumeric"),
        ("soon", "dateTime"),
        (1685084980, "dateTime"),
    ],
)
def test_value_that_does_not_fit_is_refused(value: Any, wanted: str) -> None:
    with pytest.raises(Unfit):
        convert(value, wanted)


def test_strict_refuses_to_convert() -> None:
    with pytest.raises(Unfit, match="'42' is a string but was expecting a number"):
        convert("42", "number", strict=True)
    assert convert(42, "number", strict=True) == 42


def test_texts_turns_other_types_into_text() -> None:
    assert convert({"a": 1}, "string", texts=True) == '{"a":1}'
    assert convert(True, "string", texts=True) == "true"


def test_long_values_are_cut_in_messages() -> None:
    assert len(shown("x" * 500)) < 90
    assert shown(["x"] * 500) == "This value"
