"""Conditions of version 1 nodes: grouped by type, untyped values, JavaScript's own comparisons."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit import regex
from workflows_app.toolkit.compare import is_blank, is_true, less_than, strictly_equal, to_number, to_text
from workflows_app.toolkit.dates import from_epoch, millis, parse_date

DEFAULT_OPERATION = {"boolean": "equal", "dateTime": "after", "number": "smaller", "string": "equal"}
SINGLE = frozenset({"isEmpty", "isNotEmpty"})


def judge(kind: str, operation: str, left: Any, right: Any, zone: tzinfo = UTC) -> bool:
    """One verdict. `kind` matters for dates only: they are compared as moments."""
    if kind == "dateTime" and operation not in SINGLE:
        left, right = moment(left, zone), moment(right, zone)
    test = TESTS.get(operation)
    if test is None:
        raise ParameterError(
            f"There is no condition '{operation}'.", hint="Choose the condition again in the node's panel."
        )
    return test(left, right)


def moment(value: Any, zone: tzinfo) -> int:
    """Milliseconds since 1970; texts of digits count as such. Raises ParameterError for anything else."""
    parsed = parse_date(value, zone)
    if parsed is None and isinstance(value, int | float) and not isinstance(value, bool):
        parsed = from_epoch(value)
    if parsed is None:
        raise ParameterError(
            f"'{to_text(value)[:80]}' is not a date.", hint="Use ISO 8601, such as 2026-03-01T09:30:00Z."
        )
    return millis(parsed)


def or_zero(value: Any) -> Any:
    return value if is_true(value) else 0


def less(left: Any, right: Any) -> bool:
    """`left < right`; two texts are compared as texts, even where numbers were meant."""
    return less_than(or_zero(left), or_zero(right))


def at_most(left: Any, right: Any) -> bool:
    left, right = or_zero(left), or_zero(right)
    if isinstance(left, str) and isinstance(right, str):
        return not less_than(right, left)
    return to_number(left) <= to_number(right)


def or_empty(value: Any) -> str:
    return to_text(value) if is_true(value) else ""


def is_empty(value: Any, _: Any = None) -> bool:
    return is_blank(value) and not isinstance(value, datetime)


def found(value: Any, pattern: Any) -> bool:
    return regex.found_in(or_empty(pattern), or_empty(value))


TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "equal": strictly_equal,
    "notEqual": lambda left, right: not strictly_equal(left, right),
    "after": lambda left, right: less(right, left),
    "before": less,
    "larger": lambda left, right: less(right, left),
    "largerEqual": lambda left, right: at_most(right, left),
    "smaller": less,
    "smallerEqual": at_most,
    "contains": lambda left, right: or_empty(right) in or_empty(left),
    "notContains": lambda left, right: or_empty(right) not in or_empty(left),
    "startsWith": lambda left, right: or_empty(left).startswith(or_empty(right)),
    "notStartsWith": lambda left, right: not or_empty(left).startswith(or_empty(right)),
    "endsWith": lambda left, right: or_empty(left).endswith(or_empty(right)),
    "notEndsWith": lambda left, right: not or_empty(left).endswith(or_empty(right)),
    "regex": found,
    "notRegex": lambda left, right: not found(left, right),
    "isEmpty": is_empty,
    "isNotEmpty": lambda left, _right: not is_empty(left),
}
