"""The helpers a conformance case can name."""

from typing import Any

import pytest

from executions_app.conformance_functions import answer
from workflows_app.engine.ports import CodeCall

pytestmark = pytest.mark.nodes


def called(function: str, *args: Any, post: list[Any] | None = None) -> dict[str, Any]:
    return answer({"function": function, "args": list(args), "post": post or [], "timezone": "America/New_York"})


def test_a_helper_without_counterpart_is_not_supported() -> None:
    assert called("drawGraph") == {"unsupported": True}


@pytest.mark.parametrize("right, verdict", [(1, True), (9, False)])
def test_filter(right: int, verdict: bool) -> None:
    row = {"leftValue": 5, "rightValue": right, "operator": {"type": "number", "operation": "gt"}}
    stored = {"conditions": [row], "combinator": "and", "options": {"typeValidation": "strict"}}
    assert called("executeFilter", stored) == {"value": verdict}


def test_a_wrong_type_is_an_error() -> None:
    row = {"leftValue": "5", "rightValue": 1, "operator": {"type": "number", "operation": "gt"}}
    stored = {"conditions": [row], "options": {"typeValidation": "strict"}}
    assert called("executeFilter", stored)["error"]["type"] == "ConditionError"


@pytest.mark.parametrize(
    "args, value",
    [
        (["n", "5", "number"], {"valid": True, "newValue": 5}),
        (["n", {"$type": "undefined"}, "number"], {"valid": True}),
        (["n", {"$type": "NaN"}, "boolean"], {"valid": False, "errorMessage": "'NaN' is neither true nor false"}),
    ],
)
def test_field_types(args: list[Any], value: dict[str, Any]) -> None:
    assert called("validateFieldType", *args) == {"value": value}


@pytest.mark.parametrize(
    "args, post, value",
    [
        (["2026-03-01T10:00:00"], [["get", "zoneName"]], "America/New_York"),
        (["2026-03-01T10:00:00-04:30"], [["get", "zoneName"]], "UTC-4:30"),
        (["2026-03-01T10:00:00Z", "Asia/Tokyo"], [["get", "toISO"], ["call", []]], "2026-03-01T10:00:00.000Z"),
        ([{"$type": "DateTime", "iso": "2026-03-01T10:00:00+09:00", "zone": "Asia/Tokyo"}], [["get", "zoneName"]],
         "Asia/Tokyo"),
    ],
)  # fmt: skip
def test_dates(args: list[Any], post: list[Any], value: str) -> None:
    assert called("tryToParseDateTime", *args, post=post) == {"value": value}


def test_a_date_comes_back_typed() -> None:
    moment = {"$type": "DateTime", "iso": "2026-03-01T10:00:00.000Z", "zone": "UTC"}
    assert called("tryToParseDateTime", "2026-03-01T10:00:00Z") == {"value": moment}


def test_headers() -> None:
    assert called("parseContentType", "") == {"value": None}
    parameters = {"charset": "latin1"}
    assert called("parseContentType", "a/b; charset=latin1") == {"value": {"type": "a/b", "parameters": parameters}}
    assert called("parseContentDisposition", "filename=a.txt") == {"value": {"type": "attachment", "filename": "a.txt"}}
    assert called("parseContentDisposition", None) == {"value": None}


def test_small_ones() -> None:
    assert called("isExpression", "=1") == {"value": True}
    assert called("arrayContainsValue", ["A"], "a", True) == {"value": True}
    assert called("getValueDescription", None) == {"value": "'null'"}
    assert called("validateFieldType", "a", [1], "array", post=[["get", "newValue"], ["get", "x"]]) == {
        "value": {"$type": "undefined"}
    }


@pytest.mark.parametrize(
    "args, value",
    [(["number", "12", "n"], 12), (["object", '{"a": 1}', "n"], {"a": 1}), (["string", [1], "n"], "[1]")],
)
def test_parameters_as_their_type(args: list[Any], value: Any) -> None:
    assert called("ensureType", *args) == {"value": value}


@pytest.mark.parametrize(
    "value, message",
    [({"$type": "undefined"}, "could not be 'undefined'"), (None, "must not be null"), ("{", "could not be parsed")],
)
def test_parameters_of_another_type(value: Any, message: str) -> None:
    assert message in called("ensureType", "object", value, "n")["error"]["message"]


@pytest.mark.parametrize("value, outcome", [("12", "value"), ("a dozen", "error"), (None, "error")])
def test_mapped_fields(value: Any, outcome: str) -> None:
    schema = [{"id": "n", "type": "number", "required": True}]
    node = {"parameters": {"columns": {"schema": schema, "attemptToConvertTypes": True}}}
    assert outcome in called("validateValueAgainstSchema", node, {}, {"n": value}, "columns.value", 0, 0)


def test_schedules() -> None:
    assert called("toCronExpression", {"mode": "everyHour", "minute": 5}) == {"value": "0 5 * * * *"}


def test_helpers_of_code_are_called_in_the_child() -> None:
    class Child:
        def evaluate(self, call: CodeCall) -> dict[str, Any]:
            raise AssertionError("no expression")

        def run(self, call: CodeCall, on_call: Any = None) -> dict[str, Any]:
            return {"output": call.header["code"]}

    case = {"function": "normalizeItems", "args": [[{"a": {"$type": "undefined"}}]], "post": [["get", "0"]]}
    assert answer(case, Child()) == {"value": 'return this.helpers.normalizeItems([{"a": undefined}])["0"];'}
