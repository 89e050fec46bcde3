"""Conditions of version 1 nodes."""

from typing import Any

import pytest

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit.conditions_v1 import TESTS, judge

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "kind, operation, left, right, verdict",
    [
        ("string", "equal", "a", "a", True),
        ("string", "equal", "1", 1, False),
        ("string", "notEqual", "a", "b", True),
        ("string", "contains", "abc", "b", True),
        ("string", "notContains", None, "b", True),
        ("string", "startsWith", "abc", "a", True),
        ("string", "notStartsWith", "abc", "a", False),
        ("string", "endsWith", "abc", "c", True),
        ("string", "notEndsWith", "abc", "c", False),
        ("string", "regex", "Musk", "([E])", False),
        ("string", "notRegex", "Elon", "/e/i", False),
        ("string", "isEmpty", "", None, True),
        ("string", "isEmpty", 0, None, False),
        ("number", "isNotEmpty", 0, None, True),
        ("string", "isEmpty", {}, None, True),
        ("number", "larger", "10", 9, True),
        ("number", "larger", "x", 9, False),
        ("number", "smaller", None, 1, True),
        ("number", "largerEqual", 2, 2, True),
        ("number", "smallerEqual", 3, 2, False),
        ("number", "larger", "9", "10", True),
        ("number", "smallerEqual", "10", "9", True),
        ("number", "largerEqual", "10", "10", True),
        ("boolean", "equal", True, True, True),
        ("boolean", "equal", "true", True, False),
        ("dateTime", "after", "2026-03-02", "2026-03-01", True),
        ("dateTime", "before", 0, "2026-03-01", True),
        ("dateTime", "isEmpty", None, None, True),
    ],
)
def test_verdict(kind: str, operation: str, left: Any, right: Any, verdict: bool) -> None:
    assert judge(kind, operation, left, right) is verdict


@pytest.mark.parametrize("kind, operation, left", [("dateTime", "after", "soon"), ("string", "resembles", "a")])
def test_what_cannot_be_judged_is_named(kind: str, operation: str, left: Any) -> None:
    with pytest.raises(ParameterError, match=r"soon|resembles"):
        judge(kind, operation, left, "2026-03-01")


def test_every_comparison_answers_for_nothing() -> None:
    assert all(isinstance(test(None, None), bool) for test in TESTS.values())
