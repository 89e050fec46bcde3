"""Date & Time, Switch, Summarize, Rename Keys, JWT and triggers on odd input."""

from datetime import UTC, datetime
from typing import Any

import pytest

from workflows_app.nodes.transform.date_time.v1 import from_number, shifted
from workflows_app.tests.nodes.support import World, one_node

pytestmark = pytest.mark.nodes

CONTINUE = {"onError": "continueRegularOutput"}
JANUARY = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "amount, unit, iso",
    [
        (1, "months", "2026-02-28"), (25, "months", "2028-02-29"), (-2, "years", "2024-01-31"),
        (1, "quarters", "2026-04-30"),
        (2, "weeks", "2026-02-14"), (86_400_000, "milliseconds", "2026-02-01"), (-1, "months", "2025-12-31"),
    ],
)  # fmt: skip
def test_a_month_later_is_the_last_day_where_the_day_is_missing(amount: float, unit: str, iso: str) -> None:
    assert shifted(JANUARY, amount, unit).date().isoformat() == iso


@pytest.mark.parametrize(
    "value, iso",
    [
        (1682918315, "2023-05-01T05:18:35+00:00"), ("1682918315906", "2023-05-01T05:18:35.906000+00:00"),
        (1682918315.5, "2023-05-01T05:18:35.500000+00:00"), ("soon", None), ("", None), (None, None), (True, None),
    ],
)  # fmt: skip
def test_numbers_are_seconds_or_milliseconds(value: Any, iso: str | None) -> None:
    found = from_number(value)
    assert (found.isoformat() if found else None) == iso


def test_sums_that_leave_the_calendar_are_errors() -> None:
    parameters = {"action": "calculate", "value": "2026-01-01", "duration": 9000, "timeUnit": "years"}
    error = one_node("dateTime", 1, parameters, [[{}]]).error
    assert error is not None
    assert error["message"] == "The result is no date."


def test_a_sum_may_start_from_a_format_of_its_own() -> None:
    parameters = {"action": "calculate", "value": "31.1.26", "duration": 1, "options": {"fromFormat": "D.M.YY"}}
    assert one_node("dateTime", 1, parameters, [[{}]]).json("Node") == [{"data": "2026-02-01T00:00:00.000Z"}]


def test_one_bad_date_among_good_ones() -> None:
    parameters = {"operation": "extractDate", "date": "={{ $json.d }}", "part": "={{ $json.p }}"}
    rows = [{"d": "2026-05-06", "p": "day"}, {"d": "soon", "p": "day"}, {"d": 1767225600, "p": "year"}]
    made = one_node("dateTime", 2, parameters, [rows], **CONTINUE).json("Node")
    assert made == [{"datePart": 6}, {"error": "'soon' is not a date."}, {"datePart": 2026}]


@pytest.mark.parametrize(
    "text, day",
    [("Wed, 06 May 2026 10:00:00 GMT", 6), ("2026-05-06 10:00:00", 6), ("May 6, 2026", 6), ("2026-W19-3", 6)],
)
def test_dates_in_other_forms(text: str, day: int) -> None:
    parameters = {"operation": "extractDate", "date": text, "part": "day"}
    assert one_node("dateTime", 2, parameters, [[{}]]).json("Node") == [{"datePart": day}]


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"operation": "addToDate", "magnitude": "2026-01-01", "timeUnit": "moons"}, "There is no unit 'moons'."),
        ({"operation": "formatDate", "date": ""}, "'' is not a date."),
        ({"operation": "formatDate", "date": "2026", "options": {"fromFormat": "dd.MM"}}, "'2026' is not a date."),
    ],
)
def test_dates_that_cannot_be_computed(parameters: dict[str, Any], message: str) -> None:
    error = one_node("dateTime", 2, parameters, [[{}]]).error
    assert error is not None
    assert error["message"] == message


def test_an_expression_that_fails_is_an_error_of_its_item() -> None:
    parameters = {"operation": "formatDate", "date": "={{ $('Nobody').item.json.d }}"}
    made = one_node("dateTime", 2, parameters, [[{}]], **CONTINUE).json("Node")
    assert list(made[0]) == ["error"]


def test_now_with_and_without_the_time() -> None:
    day = one_node("dateTime", 2, {"includeTime": False, "outputFieldName": "day"}, [[{"a": 1}]]).json("Node")
    assert day[0]["day"].endswith("T00:00:00.000Z")
    assert list(day[0]) == ["day"]


# switch -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("output", ["x", None, 1e400, -2])
def test_switch_refuses_what_is_no_output(output: Any) -> None:
    parameters = {"mode": "expression", "output": output}
    for version in (1, 2, 3.2):
        assert one_node("switch", version, parameters, [[{}]]).error is not None


def test_switch_drops_what_no_rule_fits() -> None:
    rules = {"rules": [{"operation": "equal", "value2": 5, "outputKey": "five"}]}
    result = one_node("switch", 2, {"value1": 4, "rules": rules}, [[{}]])
    assert result.json("Node") == []


# others -------------------------------------------------------------------------------------------------------------
def test_names_deep_inside_stay_beyond_the_depth() -> None:
    row = {"aa": {"aa": {"aa": 1}}, "list": [{"aa": 1}]}
    pattern = {"searchRegex": "a", "replaceRegex": "b", "options": {"depth": 1}}
    parameters = {"additionalOptions": {"regexReplacement": {"replacements": [pattern, {"searchRegex": ""}]}}}
    made = one_node("renameKeys", 1, parameters, [[row]]).json("Node")
    assert made == [{"ba": {"ba": {"aa": 1}}, "list": [{"aa": 1}]}]


def test_there_must_be_something_to_compute() -> None:
    error = one_node("summarize", 1.1, {}, [[{}]]).error
    assert error is not None
    assert error["message"] == "There is nothing to compute."


def test_a_key_pair_signs_and_checks() -> None:
    fields = {"keyType": "pemKey", "privateKey": "", "publicKey": "", "algorithm": "RS256"}
    world = World(credentials={"jwtAuth": fields})
    error = one_node("jwt", 1, {"claims": {"subject": "ada", "issuer": ""}}, [[{}]], world=world).error
    assert error is not None
    assert error["message"] == "There is no key to use."


def test_a_list_may_be_what_function_returns() -> None:
    made = one_node("function", 1, {"functionCode": "return { n: items.length };"}, [[{}, {}]]).json("Node")
    assert made == [{"n": 2}]


def test_the_files_of_an_item_survive_function_item() -> None:
    row = {"json": {"a": 1}, "binary": {"f": {"data": "YWJj", "mimeType": "text/plain", "fileName": "a.txt"}}}
    result = one_node("functionItem", 1, {}, [[row]])
    assert list(result.items("Node")[0].binary) == ["f"]
