"""Nodes that are not here make room for types that can do their job."""

import pytest

from workflows_app.services.swaps import swapped
from workflows_app.tests.graphs import chain, node

pytestmark = pytest.mark.app


def test_a_mail_of_another_service_keeps_whom_it_is_for():
    graph = chain(
        node("Start", "manualTrigger"),
        node("Tell", "gmail", 2.1, sendTo="ana@mail.example", subject="Hello", message="It works.", operation="send"),
        name="Mail",
    )
    made, changes = swapped(graph)
    tell = made["nodes"][1]
    assert tell["type"] == "n8n-nodes-base.emailSend"
    assert tell["parameters"] == {"toEmail": "ana@mail.example", "subject": "Hello", "text": "It works."}
    assert changes[0].startswith("Tell: gmail became")
    assert "subject" in changes[0]
    assert made["connections"] == graph["connections"]


def test_what_cannot_be_swapped_stays_as_it_is():
    graph = chain(node("Start", "manualTrigger"), node("Odd", "nobodyKnowsThis", 1, a=1), name="Odd")
    made, changes = swapped(graph)
    assert changes == []
    assert made["nodes"][1]["type"] == "n8n-nodes-base.nobodyKnowsThis"
