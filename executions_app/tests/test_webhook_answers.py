"""What callers are told."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from executions_app import payload_codec
from executions_app.webhook_answers import at_end, at_once, decode_response, encode_response, safe_headers, status_of
from workflows_app.engine.events import ExecutionFinished
from workflows_app.engine.items import Binary, Item
from workflows_app.engine.ports import WebhookResponse

pytestmark = pytest.mark.engine

NOW = datetime(2026, 1, 2, tzinfo=UTC)
FILE = Binary("ref:1", "image/png", 3, "a.png", "png")


def ended(parameters: dict[str, Any], *outputs: list[Item], status: Any = "success", mode: str = "lastNode"):
    return at_end(parameters, mode, ExecutionFinished(status, NOW, "A", None, list(outputs) or None), lambda _: b"PNG")


def items(*values: Any) -> list[Item]:
    return [Item(json={"v": value, "deep": {"er": "text"}}) for value in values]


@pytest.mark.parametrize(
    "parameters,body",
    [
        ({}, {"v": 1, "deep": {"er": "text"}}),
        ({"responseData": "allEntries"}, [{"v": 1, "deep": {"er": "text"}}, {"v": 2, "deep": {"er": "text"}}]),
        ({"options": {"responsePropertyName": "deep.er"}}, "text"),
        ({"options": {"responsePropertyName": "not.there"}}, None),
    ],
    ids=["first entry", "all entries", "a field", "a missing field"],
)
def test_the_last_node_answers_with_json(parameters: dict, body: Any) -> None:
    answer = ended(parameters, items(1, 2))
    assert (answer.status, orjson.loads(answer.body)) == (200, body)


def test_the_first_output_that_has_items_answers() -> None:
    assert orjson.loads(ended({}, [], items(3)).body)["v"] == 3


def test_a_field_may_be_sent_as_it_is() -> None:
    options = {"responsePropertyName": "deep.er", "responseContentType": "text/plain"}
    answer = ended({"options": options}, items(1))
    assert (answer.body, dict(answer.headers)["content-type"]) == (b"text", "text/plain")


def test_a_file_of_the_first_item_is_sent_with_its_type() -> None:
    parameters = {"responseData": "firstEntryBinary"}
    answer = ended(parameters, [Item(json={}, binary={"data": FILE})])
    assert (answer.body, dict(answer.headers)["content-type"]) == (b"PNG", "image/png")
    assert ended(parameters, items(1)).status == 500


@pytest.mark.parametrize(
    "parameters,outputs,mode,status,expected",
    [
        ({}, [], "lastNode", "success", 500),
        ({}, [items(1)], "lastNode", "error", 500),
        ({}, [], "responseNode", "success", 200),
        ({}, [], "responseNode", "canceled", 500),
        ({"responseData": "noData"}, [items(1)], "lastNode", "success", 200),
        ({"responseCode": 201}, [items(1)], "lastNode", "success", 201),
    ],
    ids=["nothing to return", "failed", "never responded", "canceled", "no body wanted", "own status"],
)
def test_every_end_has_an_answer(parameters, outputs, mode, status, expected) -> None:
    assert ended(parameters, *outputs, status=status, mode=mode).status == expected


@pytest.mark.parametrize(
    "options,expected",
    [
        ({}, 200),
        ({"responseCode": "202"}, 202),
        ({"options": {"responseCode": {"values": {"responseCode": 418}}}}, 418),
        ({"options": {"responseCode": {"values": {"customCode": 299, "responseCode": 200}}}}, 299),
        ({"responseCode": "many"}, 200),
        ({"responseCode": 99}, 200),
    ],
)
def test_the_status_is_found_where_versions_keep_it(options: dict, expected: int) -> None:
    assert status_of(options) == expected


def test_the_answer_at_once_is_the_authors_or_ours() -> None:
    assert orjson.loads(at_once({}).body) == {"message": "Workflow was started"}
    assert at_once({"options": {"responseData": "Thanks"}}).body == b"Thanks"
    assert at_once({"options": {"noResponseBody": True}}).body == b""


@pytest.mark.parametrize("body", [b"text", "grüß\x00".encode(), b"\xff\x00"], ids=["ascii", "utf-8", "binary"])
def test_an_answer_survives_its_row(body: bytes) -> None:
    answer = WebhookResponse(201, (("x-a", "1"),), body)
    assert decode_response(payload_codec.decode(encode_response(answer))) == answer


@pytest.mark.requirement(54)
def test_headers_that_are_not_the_authors_are_dropped() -> None:
    given = (("X-A", "1"), ("Set-Cookie", "a=b"), ("X-B", "1\r\nX-C: 2"), ("bad name", "x"), ("Content-Length", "9"))
    names = [name for name, _ in safe_headers(given)]
    assert names == ["x-a", "content-security-policy", "x-content-type-options"]
