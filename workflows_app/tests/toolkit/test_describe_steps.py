"""Sentences about nodes that steer a run or change values."""

from typing import Any

import pytest

from workflows_app.engine.workflow import Node
from workflows_app.nodes import load

pytestmark = pytest.mark.nodes


def told(kind: str, parameters: dict[str, Any], version: float) -> str:
    name = kind if "." in kind else f"n8n-nodes-base.{kind}"
    node_type = load().find(name, version)
    assert node_type is not None
    return node_type.describe(Node({"name": "N", "type": name, "typeVersion": version, "parameters": parameters}))


def rules(*keys: str) -> dict[str, Any]:
    return {"rules": {"values": [{"outputKey": key} if key else {} for key in keys]}}


@pytest.mark.parametrize(
    "kind, version, parameters, sentence",
    [
        ("switch", 3.2, rules("new", "old"), "Send each item to new or old."),
        ("switch", 3.2, rules("new", ""), "Send each item to one of 2 outputs, by rules."),
        ("switch", 3.2, {}, "Drop all items."),
        ("switch", 3, {"mode": "expression"}, "Send each item to the output that an expression gives."),
        ("switch", 1, {"rules": {"rules": [{}]}}, "Send each item to one of 1 output, by rules."),
        ("wait", 1, {}, "Wait for 1 hour."),
        ("wait", 1.1, {"amount": 2, "unit": "days"}, "Wait for 2 days."),
        ("wait", 1.1, {"amount": "={{ $json.n }}"}, "Wait for a while."),
        ("wait", 1.1, {"unit": {}, "amount": 1}, "Wait for 1 second."),
        ("wait", 1.1, {"resume": "webhook"}, "Wait until the resume address is called."),
        ("wait", 1.1, {"resume": "form"}, "Wait until a form is sent."),
        ("pumpflix.delay", 1, {"seconds": 3}, "Wait for 3 seconds."),
        ("stopAndError", 1, {"errorMessage": "No stock"}, "End the run with the error 'No stock'."),
        ("stopAndError", 1, {"errorMessage": "={{ $json.m }}"}, "End the run with an error."),
        ("summarize", 1, {}, "Compute totals."),
        (
            "summarize", 1,
            {"fieldsToSummarize": {"values": [{"aggregation": "sum", "field": "n"}, {}]}, "fieldsToSplitBy": "a, b"},
            "Compute the sum of n and the number of the items for each a and b.",
        ),
        ("renameKeys", 1, {"keys": {"key": [{"currentKey": "a", "newKey": "b"}, {}]}}, "Rename a to b."),
        ("renameKeys", 1, {}, "Rename fields."),
        ("dateTime", 1, {"action": "calculate"}, "Add to a date or subtract from it."),
        ("dateTime", 2, {}, "Note the date and time."),
        ("dateTime", 2, {"operation": "=x"}, "Work with dates."),
        ("crypto", 1, {}, "Compute the MD5 hash of a text."),
        ("crypto", 1, {"type": "=x", "binaryData": True}, "Compute the hash of a file."),
        ("crypto", 1, {"action": "generate"}, "Make up a random text."),
        ("crypto", 1, {"action": "sign"}, "Sign a text with a private key."),
    ],
)  # fmt: skip
def test_sentence(kind: str, version: float, parameters: dict[str, Any], sentence: str) -> None:
    assert told(kind, parameters, version) == sentence
