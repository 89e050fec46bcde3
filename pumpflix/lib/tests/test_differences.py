from typing import Any

import pytest

from pumpflix.lib.differences import differences

pytestmark = pytest.mark.engine


def told(before: Any, after: Any) -> list[tuple[str, str, Any, Any]]:
    return [(one.path, one.kind, one.before, one.after) for one in differences(before, after)]


def test_equal_values_differ_nowhere():
    value = {"a": [1, {"b": None}], "c": "x"}
    assert told(value, {"c": "x", "a": [1, {"b": None}]}) == []


def test_every_place_is_named():
    before = {"order": {"lines": [{"price": 1}, {"price": 2}]}, "gone": 1, "same": 0}
    after = {"order": {"lines": [{"price": 1}, {"price": 3}, {"price": 4}]}, "same": 0, "new": None}
    assert told(before, after) == [
        ("order.lines[1].price", "changed", 2, 3),
        ("order.lines[2]", "added", None, {"price": 4}),
        ("gone", "removed", 1, None),
        ("new", "added", None, None),
    ]


@pytest.mark.parametrize("before, after", [(True, 1), (0, False), ("1", 1), ({}, []), (None, {})])
def test_kinds_that_python_takes_for_equal_are_told_apart(before, after):
    assert told(before, after) == [("", "changed", before, after)]
