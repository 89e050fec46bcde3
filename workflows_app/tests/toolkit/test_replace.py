"""Replacing by pattern, renaming, and checking values."""

from typing import Any

import pytest

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit import replace
from workflows_app.toolkit.aggregations import AGGREGATIONS, clean_name
from workflows_app.toolkit.ensure import ensure
from workflows_app.toolkit.mapped_fields import checked_fields
from workflows_app.toolkit.paths import MISSING
from workflows_app.toolkit.replace import replace_all, replace_first

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "pattern, new, text",
    [
        ("a", "b", "bnbnb"),
        ("(a)(n)", "$2$1-", "na-na-a"),
        ("(?<x>n)", "[$<x>]", "a[n]a[n]a"),
        ("n", "$$ $& $7 $<y>", "a$ n $7 $<y>a$ n $7 $<y>a"),
        ("x*", "-", "-a-n-a-n-a-"),
        ("^(b)?", "$1", "anana"),
    ],
)
def test_signs_in_the_new_text(pattern: str, new: str, text: str) -> None:
    assert replace_all(pattern, "anana", new) == text


def test_only_the_first_match() -> None:
    assert replace_first("A(.)", "anana", "<$1>", flags="i") == "<n>ana"


def test_a_pattern_may_carry_its_flags() -> None:
    assert replace_all("/A/i", "anana", "o", literal=True) == "onono"
    assert replace_all("A", "anana", "o", flags="i") == "onono"


def test_the_result_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replace, "MAX_RESULT", 5)
    assert replace_all("a", "aaaa", "xxx") == "xxxaaa"


@pytest.mark.parametrize("name, clean", [("a.b c", "a_b_c"), ('a["b"].c', "ab_c"), ("plain", "plain")])
def test_names_of_results(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize(
    "kind, values, result",
    [
        ("sum", [1, "2", True, 3], 4),
        ("average", [1, 2], 1.5),
        ("average", ["x"], None),
        ("max", ["b", "a"], "b"),
        ("min", [None, "", 3, 2], 2),
        ("min", [], None),
        ("append", [1, MISSING], [1, None]),
        ("concatenate", [1, {"a": 1}, None, MISSING], '1, {"a":1}, null, undefined'),
        ("count", [1, None], 2),
        ("countUnique", [1, 1.0, "1", MISSING], 3),
    ],
)
def test_aggregations(kind: str, values: list[Any], result: Any) -> None:
    assert AGGREGATIONS[kind].work(values, ", ") == result


@pytest.mark.parametrize(
    "kind, value, result",
    [
        ("string", {"a": 1}, '{"a":1}'),
        ("string", True, "true"),
        ("number", "12", 12),
        ("boolean", "x", True),
        ("array", "[1]", [1]),
        ("object", {"a": 1}, {"a": 1}),
        ("json", "7", 7),
    ],
)
def test_parameters_that_fit(kind: str, value: Any, result: Any) -> None:
    assert ensure(kind, value, "n") == result


@pytest.mark.parametrize(
    "kind, value, message",
    [
        ("string", None, "must not be null"),
        ("string", MISSING, "could not be 'undefined'"),
        ("number", "dozen", "must be a number, but we got 'dozen'"),
        ("array", {}, "must be an array, but we got object"),
        ("object", "[1]", "must be an object, but we got array"),
        ("object", "{", "could not be parsed"),
    ],
)
def test_parameters_that_do_not_fit(kind: str, value: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=f"^Parameter 'n' {message}"):
        ensure(kind, value, "n")


SCHEMA = [
    {"id": "n", "type": "number", "required": True},
    {"id": "t", "type": "string"},
    {"id": "old", "type": "number", "removed": True},
]


def test_mapped_values_become_their_types() -> None:
    values = {"n": "12", "t": 5, "old": "x", "more": [1]}
    assert checked_fields(values, SCHEMA, converts=True) == {"n": 12, "t": "5", "old": "x", "more": [1]}


def test_mapped_values_may_be_empty_where_none_is_required() -> None:
    assert checked_fields({"n": 1, "t": None}, SCHEMA, converts=False) == {"n": 1, "t": None}


@pytest.mark.parametrize("value, message", [(None, "is required"), ("12", "does not fit")])
def test_mapped_values_that_do_not_fit(value: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=f"The field 'n' {message}"):
        checked_fields({"n": value}, SCHEMA, converts=False)
