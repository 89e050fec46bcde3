"""What each node type says of itself on a title page."""

from typing import Any

import pytest

from workflows_app.engine.workflow import Node
from workflows_app.nodes import load
from workflows_app.toolkit.phrases import counted, enumerated, field_of, host_of, shown

pytestmark = pytest.mark.nodes


def told(kind: str, version: float, parameters: dict[str, Any], name: str = "Node") -> str:
    full = kind if "." in kind else f"n8n-nodes-base.{kind}"
    node = Node({"name": name, "type": full, "typeVersion": version, "parameters": parameters})
    node_type = load().find(node.type, version)
    assert node_type is not None
    return node_type.describe(node)


def typed(left: Any, operation: str, right: Any = "", **more: Any) -> dict[str, Any]:
    row = {"leftValue": left, "rightValue": right, "operator": {"type": "string", "operation": operation}}
    return {"conditions": {"conditions": [row], "combinator": "and", **more}}


def assigned(*names: str) -> dict[str, Any]:
    return {"assignments": {"assignments": [{"name": name, "type": "string", "value": "x"} for name in names]}}


SENTENCES = [
    ("scheduleTrigger", 1.2, {"rule": {"interval": [{"field": "cronExpression", "expression": "0 9 * * 1-5"}]}},
     "Every weekday at 09:00."),
    ("scheduleTrigger", 1.2, {"rule": {"interval": [{"field": "hours"}, {"field": "days", "triggerAtHour": 6}]}},
     "Every hour and every day at 06:00."),
    ("scheduleTrigger", 1.2, {"rule": {"interval": [{"field": "cronExpression", "expression": "={{ $json.when }}"}]}},
     "Start at set times."),
    ("dataTable", 1.1, {"operation": "get", "dataTableId": {"__rl": True, "mode": "name", "value": "invoices"},
                        "filters": {"conditions": [{"keyName": "paid"}]}},
     "Read rows of the data table 'invoices' picked by paid."),
    ("dataTable", 1.1, {"dataTableId": "={{ $json.table }}"}, "Add a row to a data table."),
    ("emailSend", 2.1, {"toEmail": "ops@mail.example", "subject": "Orders"},
     "Mail each item to ops@mail.example, subject 'Orders'."),
    ("emailSend", 2.1, {"toEmail": "={{ $json.to }}", "operation": "sendAndWait"},
     "Mail a question and wait for the answer."),
    ("webhook", 2, {"httpMethod": "POST", "path": "/orders/"}, "Start when POST /orders is called."),
    ("webhook", 2, {"httpMethod": ["GET", "POST"], "path": "a"}, "Start when GET or POST /a is called."),
    ("respondToWebhook", 1.1, {"respondWith": "json", "options": {"responseCode": 201}},
     "Answer the caller with JSON, status 201."),
    ("respondToWebhook", 1.1, {}, "Answer the caller with the first item."),
    ("set", 3.4, assigned("name", "mail"), "Make items with name and mail."),
    ("set", 3.4, {**assigned("a", "b", "c", "d", "e"), "includeOtherFields": True}, "Set a, b, c and 2 more."),
    ("set", 3.4, {"mode": "raw"}, "Write each item as JSON."),
    ("set", 3.2, {"fields": {"values": [{"name": "a"}]}}, "Make items with a."),
    ("set", 2, {"values": {"string": [{"name": "a"}]}}, "Set a."),
    ("set", 2, {"values": {}}, "Pass items on."),
    ("set", 3.4, {}, "Keep only some fields."),
    ("if", 2.2, typed("={{ $json.email }}", "notEmpty"), "Check whether email is not empty."),
    ("if", 1, {"conditions": {"number": [{"value1": "={{ $json.n }}", "value2": 5}]}}, "Check whether n is below 5."),
    ("filter", 2.2, typed("={{ $json['e mail'] }}", "contains", "@"), "Keep items where e mail contains '@'."),
    ("filter", 2.2, typed("={{ 1 + 1 }}", "equals", "={{ $('Rows').item.json.n }}"),
     "Keep items where a computed value is n of Rows."),
    ("filter", 1, {}, "Keep items where a condition holds."),
    ("merge", 3, {"mode": "combine", "fieldsToMatchString": "id"}, "Join the inputs by id."),
    ("merge", 2, {"mode": "combine", "mergeByFields": {"values": [{"field1": "a", "field2": "b"}]}},
     "Join the inputs by a = b."),
    ("merge", 3, {"mode": "combine", "combineBy": "combineByPosition"}, "Join the inputs item by item."),
    ("merge", 3, {"mode": "combine", "combineBy": "combineAll"}, "Join every item with every item."),
    ("merge", 1, {}, "Append the inputs to each other."),
    ("merge", 1, {"mode": "mergeByKey"}, "Bring the inputs together."),
    ("splitOut", 1, {"fieldToSplitOut": "orders"}, "Make an item of each entry in orders."),
    ("aggregate", 1, {"aggregate": "aggregateAllItemData"}, "Collect all items into one list, 'data'."),
    ("aggregate", 1, {"fieldsToAggregate": {"fieldToAggregate": [{"fieldToAggregate": "n"}]}},
     "Collect n of all items into lists."),
    ("sort", 1, {"sortFieldsUi": {"sortField": [{"fieldName": "n", "order": "descending"}]}},
     "Sort items by n (largest first)."),
    ("sort", 1, {"type": "random"}, "Put items in a random order."),
    ("sort", 1, {"type": "code"}, "Sort items by code."),
    ("limit", 1, {}, "Keep the first item."),
    ("limit", 1, {"maxItems": 5, "keep": "lastItems"}, "Keep the last 5 items."),
    ("limit", 1, {"maxItems": "={{ $json.n }}"}, "Keep only so many of the first items."),
    ("code", 2, {}, "Run JavaScript of its own."),
    ("code", 2, {"mode": "runOnceForEachItem", "language": "python"}, "Run Python of its own for each item."),
    ("splitInBatches", 3, {"batchSize": 10}, "Go through the items, 10 items at a time."),
    ("extractFromFile", 1, {}, "Split the CSV file into rows."),
    ("convertToFile", 1.1, {"options": {"fileName": "clean.csv"}}, "Write a CSV file of all items, clean.csv."),
    ("convertToFile", 1.1, {"operation": "toJson", "options": {"fileName": "=x"}}, "Write a JSON file."),
    ("httpRequest", 4.2, {"url": "https://api.example/x"}, "Get data from api.example."),
    ("httpRequest", 1, {"requestMethod": "PUT", "url": "={{ $json.u }}"}, "Change data at an address from the data."),
    ("noOp", 1, {}, "Do nothing: a joint for wires and a place to look at items."),
]  # fmt: skip


@pytest.mark.parametrize("kind, version, parameters, text", SENTENCES, ids=[row[3] for row in SENTENCES])
def test_sentence(kind: str, version: float, parameters: dict[str, Any], text: str) -> None:
    assert told(kind, version, parameters) == text


def test_variables_are_called_variables() -> None:
    assert told("set", 3.4, assigned("city", "unit"), name="Variables") == "Set the variables city and unit."


@pytest.mark.parametrize("node_type", list(load().all()), ids=lambda node_type: node_type.__name__)
@pytest.mark.parametrize("parameters", [{}, {"conditions": "x", "options": {}, "assignments": [], "values": 3}])
def test_every_type_says_something_whatever_is_stored(node_type: Any, parameters: dict[str, Any]) -> None:
    text = told(node_type.name, node_type.versions[0], parameters)
    assert text.endswith(".")
    assert text[0].isupper()


@pytest.mark.parametrize(
    "stored, host",
    [
        ("https://api.example/x", "api.example"),
        ("=https://api.example/{{ $json.id }}", "api.example"),
        ("=https://api.{{ $json.zone }}.example/", ""),
        ("=https://api.example{{ $json.path }}", ""),
        ("={{ $json.url }}", ""),
        ("ftp://a.example", ""),
        ("http://[::1", ""),
        ("https://me@evil.example/", ""),
        (None, ""),
    ],
)
def test_host(stored: Any, host: str) -> None:
    assert host_of(stored) == host


def test_phrases() -> None:
    assert shown("=Hello {{ $json.name }}, {{ 1 + 1 }}") == "'Hello name, …'"
    assert shown("x" * 200).endswith("…'")
    assert shown(5) == "5"
    assert field_of("$json.a['b c'].d") == "a.b c.d"
    assert field_of("$json.a()") == ""
    assert enumerated([]) == ""
    assert counted(1, "row", "rows") == "1 row"


def test_fields_with_computed_names_are_told_by_where_the_names_stand() -> None:
    names = [
        "={{ $('Variables').first().json.a }}",
        "={{ $('Variables').first().json.b }}",
        "plain",
        "={{ $json.x + 1 }}",
    ]
    given = {"mode": "manual", "includeOtherFields": True, "assignments": {"assignments": [{"name": n} for n in names]}}
    assert told("set", 3.4, given) == "Set fields named in Variables, plain and fields with computed names."


def test_conditions_on_computed_values_are_counted() -> None:
    computed = {
        "leftValue": "={{ $json.a + $json.b }}",
        "rightValue": 1,
        "operator": {"type": "number", "operation": "gt"},
    }
    plain = {
        "leftValue": "={{ $json.plan }}",
        "rightValue": "pro",
        "operator": {"type": "string", "operation": "equals"},
    }
    one = {"conditions": {"combinator": "and", "conditions": [plain, computed, computed]}}
    two = {"conditions": {"combinator": "or", "conditions": [computed, computed]}}
    assert told("filter", 2, one) == "Keep items where plan is 'pro' and 2 conditions on computed values hold."
    assert told("filter", 2, two) == "Keep items where 2 conditions on computed values hold."


def test_a_manual_start_is_told_in_plain_words() -> None:
    assert told("manualTrigger", 1, {}) == "Start when someone presses Run."
