"""Single nodes on odd input: empty lists, missing fields, failing items, what is refused."""

import base64
from typing import Any

import pytest

from workflows_app.engine.items import JsonObject
from workflows_app.tests.nodes.support import Result, World, one_node

pytestmark = pytest.mark.nodes


def file(content: str, name: str = "a.txt", field: str = "data", **json: Any) -> JsonObject:
    meta = {"data": base64.b64encode(content.encode()).decode(), "mimeType": "text/plain", "fileName": name}
    return {"json": json, "binary": {field: meta}}


def message(result: Result) -> str:
    assert result.error is not None
    return str(result.error["message"])


# merge --------------------------------------------------------------------------------------------------------------
LEFT: list[JsonObject] = [{"id": 1}, {"id": 2}]
KEY = {"mergeByFields": {"values": [{"field1": "id", "field2": "id"}]}}


def merged(version: float, left: list[JsonObject], right: list[JsonObject], **parameters: Any) -> list[JsonObject]:
    return one_node("merge", version, {"mode": "combine", "options": {}, **parameters}, [left, right]).json("Node")


@pytest.mark.parametrize(
    "join, output, made",
    [
        ("keepMatches", "both", []),
        ("keepNonMatches", "both", LEFT),
        ("keepNonMatches", "input1", LEFT),
        ("keepNonMatches", "input2", []),
        ("keepEverything", "both", LEFT),
        ("enrichInput1", "both", LEFT),
        ("enrichInput2", "both", []),
    ],
)
def test_join_with_nothing_on_the_right(join: str, output: str, made: list[JsonObject]) -> None:
    assert merged(2.1, LEFT, [], joinMode=join, outputDataFrom=output, **KEY) == made


@pytest.mark.parametrize(
    "join, output, made",
    [
        ("keepNonMatches", "input1", [{"id": 1}]),
        ("keepNonMatches", "input2", [{"id": 3}]),
        ("keepMatches", "input1", [{"id": 2}]),
    ],
)
def test_join_can_keep_the_items_of_one_side(join: str, output: str, made: list[JsonObject]) -> None:
    assert (
        merged(3, LEFT, [{"id": 2, "r": 1}, {"id": 3}], joinMode=join, outputDataFrom=output, advanced=True, **KEY)
        == made
    )


def test_suffixes_also_for_what_matched_nothing() -> None:
    clash = {"options": {"clashHandling": {"values": {"resolveClash": "addSuffix"}}}}
    made = merged(2.1, LEFT, [{"id": 2}, {"id": 3}], joinMode="keepEverything", **KEY, **clash)
    assert made == [{"id_1": 2, "id_2": 2}, {"id_1": 1}, {"id_2": 3}]


def test_join_needs_a_field() -> None:
    assert "no field to match" in message(one_node("merge", 3, {"mode": "combine"}, [LEFT, LEFT]))


def test_every_pair_is_bounded() -> None:
    many: list[JsonObject] = [{"n": n} for n in range(1_001)]
    parameters = {"mode": "combine", "combineBy": "combineAll"}
    told = "1,002,001 items are more than one turn"
    assert told in message(one_node("merge", 3, parameters, [many, many]))
    assert told in message(one_node("merge", 1, {"mode": "multiplex"}, [many, many]))


def test_every_pair_of_version_1() -> None:
    assert len(one_node("merge", 1, {"mode": "multiplex"}, [LEFT, LEFT]).json("Node")) == 4


def test_key_of_version_1_that_nobody_has_keeps_the_left() -> None:
    parameters = {"mode": "mergeByKey", "propertyName1": "id", "propertyName2": "id", "overwrite": "blank"}
    right: list[JsonObject] = [{"id": 2, "n": "x"}]
    assert one_node("merge", 1, parameters, [[{"id": 2, "n": ""}], right]).json("Node") == [{"id": 2, "n": "x"}]
    assert one_node("merge", 1, parameters, [LEFT, []]).json("Node") == LEFT
    assert one_node("merge", 1, parameters, [[], LEFT]).json("Node") == []
    assert "no field to match" in message(one_node("merge", 1, {"mode": "mergeByKey"}, [LEFT, LEFT]))


# fields -------------------------------------------------------------------------------------------------------------
def test_set_duplicates_for_trying_out() -> None:
    assert len(one_node("set", 3.4, {"duplicateItem": True, "duplicateCount": 2}, [[{}]]).json("Node")) == 3


@pytest.mark.parametrize(
    "text, told", [("{'a': }", "not valid JSON"), ("[1]", "must be a JSON object"), (5, "must be a JSON object")]
)
def test_set_says_what_is_wrong_with_its_json(text: Any, told: str) -> None:
    assert told in message(one_node("set", 3.4, {"mode": "raw", "jsonOutput": text}, [[{}]]))


def test_set_takes_a_whole_object() -> None:
    parameters = {"mode": "raw", "jsonOutput": "={{ $json.inner }}"}
    assert one_node("set", 3.4, parameters, [[{"inner": {"a": 1}}]]).json("Node") == [{"a": 1}]


@pytest.mark.parametrize(
    "version, parameters, kept",
    [
        (3.4, {"includeOtherFields": True}, True),
        (3.4, {}, False),
        (3.4, {"includeOtherFields": True, "options": {"stripBinary": True}}, False),
        (3.2, {"options": {"includeBinary": True}}, True),
        (3.2, {}, False),
        (2, {}, True),
        (2, {"keepOnlySet": True}, False),
    ],
)
def test_set_keeps_files_only_where_it_says_so(version: float, parameters: JsonObject, kept: bool) -> None:
    (item,) = one_node("set", version, parameters, [[file("x")]]).items("Node")
    assert bool(item.binary) is kept


def test_set_of_version_2_keeps_a_text_that_is_no_number() -> None:
    parameters = {"keepOnlySet": True, "values": {"number": [{"name": "n", "value": "x"}, {"name": "m"}]}}
    assert one_node("set", 2, parameters, [[{}]]).json("Node") == [{"n": "x", "m": 0}]


# lists --------------------------------------------------------------------------------------------------------------
def test_split_out_puts_out_files() -> None:
    result = one_node("splitOut", 1, {"fieldToSplitOut": "$binary", "options": {}}, [[file("x", field="a")]])
    assert list(result.items("Node")[0].binary) == ["a"]


def test_split_out_takes_objects_apart_and_keeps_files_when_asked() -> None:
    item = file("x", inner={"a": 1, "b": {"c": 2}})
    result = one_node("splitOut", 1, {"fieldToSplitOut": "inner", "options": {"includeBinary": True}}, [[item]])
    assert result.json("Node") == [{"inner": 1}, {"c": 2}]
    assert all(entry.binary for entry in result.items("Node"))


def test_split_out_needs_a_name() -> None:
    assert "no list to split" in message(one_node("splitOut", 1, {}, [[{}]]))


def test_aggregate_collects_files() -> None:
    items = [file("x", field="a"), file("yy", field="a"), file("x", field="a")]
    parameters = {"aggregate": "aggregateAllItemData", "options": {"includeBinaries": True}}
    assert list(one_node("aggregate", 1, parameters, [items]).items("Node")[0].binary) == ["a", "a_1", "a_2"]
    parameters["options"]["keepOnlyUnique"] = True  # type: ignore[index]
    assert list(one_node("aggregate", 1, parameters, [items]).items("Node")[0].binary) == ["a", "a_1"]


def test_aggregate_says_what_is_missing_or_double() -> None:
    assert "no field to collect" in message(one_node("aggregate", 1, {}, [[{}]]))
    rows = [{"fieldToAggregate": "a.x"}, {"fieldToAggregate": "b.x"}]
    parameters = {"fieldsToAggregate": {"fieldToAggregate": rows}}
    assert "Two lists" in message(one_node("aggregate", 1, parameters, [[{}]]))


def test_aggregate_without_dots() -> None:
    parameters = {
        "fieldsToAggregate": {"fieldToAggregate": [{"fieldToAggregate": "a.b"}]},
        "options": {"disableDotNotation": True},
    }
    assert one_node("aggregate", 1, parameters, [[{"a.b": 1}, {"a.b": [2, None]}]]).json("Node") == [{"a.b": [1, [2]]}]


@pytest.mark.parametrize(
    "parameters, told",
    [
        ({}, "no field to sort by"),
        ({"sortFieldsUi": {"sortField": [{"fieldName": "x"}]}}, "No item has a field 'x'"),
        ({"type": "code", "code": "a < b"}, "never returns"),
        ({"type": "code", "code": "throw new Error('no'); return 1;"}, "The code failed: no"),
    ],
)
def test_sort_says_what_is_wrong(parameters: JsonObject, told: str) -> None:
    assert told in message(one_node("sort", 1, parameters, [[{"n": 2}, {"n": 1}]]))


def test_a_random_order_is_the_same_when_the_run_is_repeated() -> None:
    rows: list[JsonObject] = [{"n": n} for n in range(50)]
    first, second = (one_node("sort", 1, {"type": "random"}, [rows]).json("Node") for _ in range(2))
    assert first == second != rows
    assert sorted(entry["n"] for entry in first) == list(range(50))


def test_sort_puts_absent_values_where_they_fall() -> None:
    parameters = {"sortFieldsUi": {"sortField": [{"fieldName": "n", "order": "descending"}]}}
    assert one_node("sort", 1, parameters, [[{"n": 1}, {"n": 3}, {"n": 2}]]).json("Node") == [
        {"n": 3},
        {"n": 2},
        {"n": 1},
    ]


@pytest.mark.parametrize("keep, made", [("firstItems", []), ("lastItems", [])])
def test_limit_of_none(keep: str, made: list[JsonObject]) -> None:
    assert one_node("limit", 1, {"maxItems": 0, "keep": keep}, [[{"n": 1}]]).json("Node") == made


# branches -----------------------------------------------------------------------------------------------------------
def condition(left: str, operation: str, right: Any) -> JsonObject:
    row = {"leftValue": left, "rightValue": right, "operator": {"type": "number", "operation": operation}}
    return {"conditions": {"options": {"typeValidation": "strict"}, "conditions": [row], "combinator": "AND"}}


@pytest.mark.parametrize(
    "kind, output, made", [("if", 1, [{"n": "x"}]), ("if", 0, [{"n": 5}]), ("filter", 0, [{"n": 5}])]
)
def test_what_cannot_be_judged_fails_quietly_where_the_node_says_so(
    kind: str, output: int, made: list[JsonObject]
) -> None:
    rows: list[JsonObject] = [{"n": 5}, {"n": "x"}]
    result = one_node(kind, 2.2, condition("={{ $json.n }}", "gt", 1), [rows], onError="continueRegularOutput")
    assert result.json("Node", output) == made


@pytest.mark.parametrize("kind", ["if", "filter"])
def test_what_cannot_be_judged_ends_the_run_otherwise(kind: str) -> None:
    result = one_node(kind, 2.2, condition("={{ $json.n }}", "gt", 1), [[{"n": "x"}]])
    assert result.error is not None
    assert result.error["context"]["itemIndex"] == 0


@pytest.mark.parametrize("on_error, passed_on", [("stopWorkflow", []), ("continueRegularOutput", [{"n": 1}])])
def test_version_1_condition_on_what_is_no_date(on_error: str, passed_on: list[JsonObject]) -> None:
    parameters = {"conditions": {"dateTime": [{"value1": "soon", "value2": "2026-03-01"}]}}
    result = one_node("if", 1, parameters, [[{"n": 1}]], onError=on_error)
    assert result.status == "error"
    assert result.json("Node", 0) == passed_on


def test_dates_without_a_zone_are_in_the_zone_of_the_workflow() -> None:
    row = {
        "leftValue": "2026-03-01T00:30:00",
        "rightValue": "2026-03-01T00:00:00Z",
        "operator": {"type": "dateTime", "operation": "before"},
    }
    parameters = {"conditions": {"conditions": [row], "combinator": "and"}}
    result = one_node("if", 2.2, parameters, [[{}]], settings={"timezone": "Asia/Tokyo"})
    assert len(result.items("Node", 0)) == 1


# loops --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("version, outputs", [(1, 1), (2, 2), (3, 2)])
def test_a_loop_over_nothing_ends_at_once(version: float, outputs: int) -> None:
    result = one_node("splitInBatches", version, {}, [[]], alwaysOutputData=False)
    assert result.items("Node", 0) == []
    assert result.status == "success"
    assert outputs >= 1


# answers ------------------------------------------------------------------------------------------------------------
def respond(items: list[JsonObject], world: World | None = None, **parameters: Any) -> Result:
    return one_node("respondToWebhook", 1.4, {"options": {}, **parameters}, [items], world=world)


@pytest.mark.parametrize(
    "parameters, told",
    [
        ({"respondWith": "json", "responseBody": "{oops"}, "not valid JSON"),
        ({"respondWith": "redirect"}, "no address"),
        ({"respondWith": "jwt"}, "signed token"),
        ({"respondWith": "binary"}, "no file named 'data'"),
    ],
)
def test_an_answer_that_cannot_be_given_is_an_error(parameters: JsonObject, told: str) -> None:
    world = World()
    assert told in message(respond([{}], world, **parameters))
    assert world.caller.response is None


def test_an_answer_that_cannot_be_given_is_passed_on_where_the_node_says_so() -> None:
    parameters = {"respondWith": "redirect", "options": {}}
    result = one_node("respondToWebhook", 1, parameters, [[{}, {}]], onError="continueRegularOutput")
    assert len(result.json("Node")) == 2
    assert "no address" in result.json("Node")[0]["error"]


def test_the_second_answer_is_not_sent() -> None:
    world = World()
    for text in ("one", "two"):
        assert respond([{}], world, respondWith="text", responseBody=text).status == "success"
    assert world.caller.response is not None
    assert world.caller.response.body == b"one"


@pytest.mark.parametrize(
    "body, shown", [({"a": 1}, {"a": 1}), ("", {}), ("=text", None)], ids=["object", "empty", "expression"]
)
def test_the_answer_can_be_put_out_too(body: Any, shown: Any) -> None:
    kind = "text" if shown is None else "json"
    result = respond([{}], respondWith=kind, responseBody=body, enableResponseOutput=True)
    (item,) = result.items("Node", 1)
    assert item.json["statusCode"] == 200
    assert item.json["body"] == ("text" if shown is None else shown)


def test_a_file_can_be_named() -> None:
    world = World()
    item = {"json": {}, "binary": {**file("a")["binary"], **file("b", 'b".txt', "other")["binary"]}}
    respond([item], world, respondWith="binary", responseDataSource="set", inputFieldName="other")
    assert world.caller.response is not None
    assert dict(world.caller.response.headers)["Content-Disposition"] == 'attachment; filename="b.txt"'


# files --------------------------------------------------------------------------------------------------------------
def test_an_event_needs_its_dates() -> None:
    assert "not a date for the start" in message(one_node("convertToFile", 1.1, {"operation": "iCal"}, [[{}]]))


def test_content_that_is_not_base64_is_named() -> None:
    parameters = {"operation": "toBinary", "sourceProperty": "a"}
    assert "'a' is not Base64" in message(one_node("convertToFile", 1.1, parameters, [[{"a": "?"}]]))


def test_a_table_that_cannot_be_made_is_passed_on_where_the_node_says_so() -> None:
    parameters = {"operation": "xlsx", "options": {"sheetName": "a/b"}}
    result = one_node("convertToFile", 1.1, parameters, [[{"a": 1}]], onError="continueRegularOutput")
    assert "cannot be written" in result.json("Node")[0]["error"]


def test_broken_json_in_a_file_is_named() -> None:
    assert "not valid JSON" in message(one_node("extractFromFile", 1, {"operation": "fromJson"}, [[file("{")]]))
    assert one_node("extractFromFile", 1, {"operation": "fromJson"}, [[file(" ")]]).json("Node") == [{"data": {}}]


def test_a_list_needs_a_field() -> None:
    parameters = {"operation": "fromJson", "destinationKey": ""}
    assert "needs a field" in message(one_node("extractFromFile", 1, parameters, [[file("[1]")]]))


def test_page_in_a_file_and_page_that_is_missing() -> None:
    values = {"extractionValues": {"values": [{"key": "t", "cssSelector": "p"}]}}
    parameters = {"operation": "extractHtmlContent", "sourceData": "binary", **values}
    assert one_node("html", 1.2, parameters, [[file("<p>a")]]).json("Node") == [{"t": "a"}]
    assert "no field 'data'" in message(one_node("html", 1.2, {"operation": "extractHtmlContent", **values}, [[{}]]))


def test_each_page_of_a_list_gives_an_item() -> None:
    values = {"extractionValues": {"values": [{"key": "t", "cssSelector": "p"}]}}
    parameters = {"operation": "extractHtmlContent", **values}
    assert one_node("html", 1.2, parameters, [[{"data": ["<p>a", "<p>b"]}]]).json("Node") == [{"t": "a"}, {"t": "b"}]


# set, before 3.3 ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "row, made", [({"stringValue": "={{ $json.missing }}"}, None), ({}, ""), ({"stringValue": "x"}, "x")]
)
def test_an_expression_that_yields_nothing_sets_null(row: JsonObject, made: Any) -> None:
    parameters = {"fields": {"values": [{"name": "a", **row}]}, "include": "none", "options": {}}
    assert one_node("set", 3.2, parameters, [[{"b": 1}]]).json("Node") == [{"a": made}]
