"""Conditions of version 2 nodes (IF, Filter, Switch): `left operator right`, typed, combined by and / or. Strict types
refuse a text where a number is expected; loose types convert both sides first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from workflows_app.engine.errors import UserError
from workflows_app.toolkit import compare, regex
from workflows_app.toolkit.compare import NAN, is_nan, strictly_equal
from workflows_app.toolkit.convert import Unfit, convert, wrong_type
from workflows_app.toolkit.paths import MISSING


@dataclass(frozen=True, slots=True)
class Rules:
    """How conditions are judged. `version` 2 and later read `"false"` as false where types are loose; `item` is the
    number of the judged item, for messages."""

    case_sensitive: bool = True
    strict: bool = True
    version: int = 1
    zone: tzinfo = UTC
    item: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """`right_type` is '' where both sides have the type of the operator. A side is `MISSING` where its expression
    yielded nothing."""

    left: Any
    right: Any
    type: str
    operation: str
    right_type: str = ""


class ConditionError(UserError):
    code = "condition_error"


Test = Callable[[Any, Any, Rules], bool]


def holds(conditions: list[Condition], combinator: str, rules: Rules) -> bool:
    """Whether all (`and`) or any (`or`) hold; the first row that decides ends the judgement. An empty list holds for
    `and` and fails for `or`."""
    verdicts = (judge(condition, rules, index) for index, condition in enumerate(conditions))
    return any(verdicts) if combinator == "or" else all(verdicts)


def judge(condition: Condition, rules: Rules, index: int = 0) -> bool:
    """One verdict. Raises ConditionError for a value of the wrong type or an operator that does not exist."""
    right_type = condition.right_type or condition.type
    left = typed(condition.left, condition.type, rules, index)
    if condition.operation in ("exists", "notExists"):
        exists = left is not None and not is_nan(left)
        return exists if condition.operation == "exists" else not exists
    right = None if condition.operation in SINGLE else typed(condition.right, right_type, rules, index)
    test = TESTS.get(condition.type, {}).get(condition.operation)
    if test is None:
        raise ConditionError(
            f"There is no condition '{condition.operation}' for {condition.type or 'this type'}.",
            hint="Choose the condition again in the node's panel.",
        )
    return test(left, right, rules)


SINGLE = frozenset({"empty", "notEmpty", "true", "false"})


def typed(value: Any, wanted: str, rules: Rules, index: int) -> Any:
    """`value` as the type its side of the condition has. What is missing is no number, while null counts as 0."""
    if value is MISSING:
        return NAN if wanted == "number" else None
    if value is None or wanted == "any" or (wanted == "number" and is_nan(value)):
        return value
    if wanted == "boolean" and not rules.strict:
        return loose_boolean(value, rules)
    try:
        return convert(value, wanted, strict=rules.strict, texts=True, zone=rules.zone)
    except Unfit as error:
        raise ConditionError(
            f"Wrong type: {wrong_type(value, wanted)} [condition {index}, item {rules.item}]",
            hint=f"{error}. Change the type of the comparison, or switch 'Convert types where required' on.",
            data={"condition": index},
        ) from None


def loose_boolean(value: Any, rules: Rules) -> bool:
    if rules.version >= 2:
        try:
            return bool(convert(value, "boolean"))
        except Unfit:
            pass
    return compare.is_true(value)


# text ---------------------------------------------------------------------------------------------------------------
def folded(value: Any, rules: Rules) -> Any:
    return value.lower() if isinstance(value, str) and not rules.case_sensitive else value


def on_texts(test: Callable[[str, str], bool]) -> Test:
    def run(left: Any, right: Any, rules: Rules) -> bool:
        return test(compare.to_text(folded(left, rules)), compare.to_text(folded(right, rules)))

    return run


def matches(left: Any, right: Any, rules: Rules) -> bool:
    """Ignoring case lowers the text, never the pattern: `[A-Z]` then finds nothing, as in n8n."""
    return regex.found_in(compare.to_text(right), compare.to_text(folded(left, rules)))


def negated(test: Test) -> Test:
    return lambda left, right, rules: not test(left, right, rules)


def is_empty_text(left: Any, _right: Any, _rules: Rules) -> bool:
    return left is None or left == ""


def is_absent(left: Any, _right: Any, _rules: Rules) -> bool:
    return left is None or is_nan(left)


# numbers and dates --------------------------------------------------------------------------------------------------
def on_numbers(test: Callable[[float, float], bool]) -> Test:
    """Null counts as 0 in an order, as in JavaScript."""

    def run(left: Any, right: Any, _rules: Rules) -> bool:
        return test(compare.to_number(left), compare.to_number(right))

    return run


def equal(left: Any, right: Any, _rules: Rules) -> bool:
    return strictly_equal(left, right)


def on_dates(test: Callable[[datetime, datetime], bool]) -> Test:
    def run(left: Any, right: Any, _rules: Rules) -> bool:
        return isinstance(left, datetime) and isinstance(right, datetime) and test(left, right)

    return run


# lists and objects --------------------------------------------------------------------------------------------------
def contains(left: Any, right: Any, rules: Rules) -> bool:
    wanted = folded(right, rules)
    return any(compare.same(folded(entry, rules), wanted) for entry in left or [])


def on_length(test: Callable[[float, float], bool]) -> Test:
    def run(left: Any, right: Any, _rules: Rules) -> bool:
        return test(len(left or []), compare.to_number(right))

    return run


def is_empty_holder(left: Any, _right: Any, _rules: Rules) -> bool:
    return not left


STRING: dict[str, Test] = {
    "equals": on_texts(lambda left, right: left == right),
    "contains": on_texts(lambda left, right: right in left),
    "startsWith": on_texts(str.startswith),
    "endsWith": on_texts(str.endswith),
    "regex": matches,
    "empty": is_empty_text,
}
NUMBER: dict[str, Test] = {
    "equals": equal,
    "gt": on_numbers(lambda left, right: left > right),
    "lt": on_numbers(lambda left, right: left < right),
    "gte": on_numbers(lambda left, right: left >= right),
    "lte": on_numbers(lambda left, right: left <= right),
    "empty": is_absent,
}
DATE: dict[str, Test] = {
    "equals": on_dates(lambda left, right: left == right),
    "after": on_dates(lambda left, right: left > right),
    "before": on_dates(lambda left, right: left < right),
    "afterOrEquals": on_dates(lambda left, right: left >= right),
    "beforeOrEquals": on_dates(lambda left, right: left <= right),
    "empty": is_absent,
}
BOOLEAN: dict[str, Test] = {
    "true": lambda left, _right, _rules: compare.is_true(left),
    "false": lambda left, _right, _rules: not compare.is_true(left),
    "equals": equal,
    "empty": is_absent,
}
ARRAY: dict[str, Test] = {
    "contains": contains,
    "lengthEquals": on_length(lambda left, right: left == right),
    "lengthGt": on_length(lambda left, right: left > right),
    "lengthLt": on_length(lambda left, right: left < right),
    "lengthGte": on_length(lambda left, right: left >= right),
    "lengthLte": on_length(lambda left, right: left <= right),
    "empty": is_empty_holder,
}
OPPOSITES = {
    "notEquals": "equals",
    "notContains": "contains",
    "notStartsWith": "startsWith",
    "notEndsWith": "endsWith",
    "notRegex": "regex",
    "notEmpty": "empty",
    "lengthNotEquals": "lengthEquals",
}


def with_opposites(tests: dict[str, Test]) -> dict[str, Test]:
    return tests | {name: negated(tests[base]) for name, base in OPPOSITES.items() if base in tests}


TESTS: dict[str, dict[str, Test]] = {
    "string": with_opposites(STRING),
    "number": with_opposites(NUMBER),
    "dateTime": with_opposites(DATE) | {"notEquals": on_dates(lambda left, right: left != right)},
    "boolean": with_opposites(BOOLEAN),
    "array": with_opposites(ARRAY),
    "object": with_opposites({"empty": is_empty_holder}),
    "any": {},
}
