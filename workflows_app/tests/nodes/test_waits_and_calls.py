"""Nodes that let go of the worker, nodes that call other workflows, nodes that let others do their work."""

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from workflows_app.engine.errors import OperationalError
from workflows_app.engine.events import Event, ExecutionWaiting, LogWritten, NodeRunFinished
from workflows_app.engine.items import Item, Items, PairedItem
from workflows_app.engine.plan import compile_workflow, make_plan
from workflows_app.engine.ports import CallSite
from workflows_app.engine.registry import Registry
from workflows_app.engine.run import run
from workflows_app.engine.state import Resume, RunState
from workflows_app.engine.workflow import Workflow
from workflows_app.nodes import load
from workflows_app.tests.nodes.support import NOW, World, one_node
from workflows_app.toolkit import delegate

pytestmark = pytest.mark.nodes


def alone(
    kind: str, version: float, parameters: dict[str, Any], resume: Resume | None = None, **ports: Any
) -> list[Event]:
    """A workflow of this one node, given one item. `ports` stand in for those of the world."""
    name = kind if "." in kind else f"n8n-nodes-base.{kind}"
    node = {"name": "Node", "type": name, "typeVersion": version, "position": [0, 0], "parameters": parameters}
    workflow = Workflow.from_n8n({"nodes": [node], "connections": {}, "settings": {"timezone": "Europe/Vienna"}})
    plan = make_plan(compile_workflow(workflow, load()), items=[Item({"n": 1})], execution_id="test")
    return list(run(plan, replace(World().ports, **ports), RunState(resume=resume)))


def pause(events: list[Event]) -> tuple[str, datetime | None]:
    last = events[-1]
    assert isinstance(last, ExecutionWaiting), last
    return last.reason, last.resume_at


def outputs(events: list[Event]) -> Any:
    finished = next(event for event in events if isinstance(event, NodeRunFinished))
    return [[item.json for item in items] for items in finished.outputs or []]


FIELDS = {"values": [{"fieldLabel": "Name"}]}


@pytest.mark.parametrize(
    "kind, version, parameters, reason, after",
    [
        ("wait", 1, {}, "time", timedelta(hours=1)),
        ("wait", 1.1, {"amount": 3, "unit": "days"}, "time", timedelta(days=3)),
        ("wait", 1.1, {"resume": "specificTime", "dateTime": "2026-03-01T12:30:00"}, "time", timedelta(hours=2)),
        ("wait", 1.1, {"resume": "webhook"}, "webhook", None),
        ("wait", 1.1, {"resume": "form", "limitWaitTime": True}, "form", timedelta(hours=1)),
        (
            "wait", 1.1,
            {"resume": "webhook", "limitWaitTime": True, "limitType": "atSpecifiedTime",
             "maxDateAndTime": "2026-03-01T09:31:00Z"},
            "webhook", timedelta(minutes=1),
        ),
        ("pumpflix.delay", 1, {"seconds": 66}, "time", timedelta(seconds=66)),
        ("form", 1, {"formFields": FIELDS}, "form", None),
        ("form", 1, {"defineForm": "json", "jsonOutput": '[{"fieldLabel": "a"}]', "limitWaitTime": True}, "form",
         timedelta(hours=1)),
    ],
)  # fmt: skip
def test_a_long_wait_parks_the_run(
    kind: str, version: float, parameters: dict[str, Any], reason: str, after: timedelta | None
) -> None:
    assert pause(alone(kind, version, parameters)) == (reason, None if after is None else NOW + after)


@pytest.mark.parametrize(
    "kind, parameters", [("wait", {"amount": 2, "unit": "seconds"}), ("pumpflix.delay", {"seconds": 2})]
)
def test_how_long_a_run_keeps_its_place_is_the_runners_choice(kind: str, parameters: dict[str, Any]) -> None:
    assert pause(alone(kind, 1, parameters, longest_sleep_s=1.0)) == ("time", NOW + timedelta(seconds=2))


@pytest.mark.parametrize(
    "kind, parameters",
    [("wait", {"amount": 3, "unit": "days"}), ("wait", {"resume": "webhook"}), ("form", {"formFields": FIELDS})],
)
def test_after_the_wait_the_items_go_on(kind: str, parameters: dict[str, Any]) -> None:
    resume = Resume("Node", 0, NOW)
    assert outputs(alone(kind, 1, parameters, resume)) == [[{"n": 1}]]


@pytest.mark.parametrize("kind, parameters", [("wait", {"resume": "webhook"}), ("form", {"formFields": FIELDS})])
def test_what_a_caller_sent_goes_on(kind: str, parameters: dict[str, Any]) -> None:
    resume = Resume("Node", 0, NOW, [Item({"body": "yes"})])
    assert outputs(alone(kind, 1, parameters, resume)) == [[{"body": "yes"}]]


@pytest.mark.parametrize(
    "kind, parameters, message",
    [
        ("wait", {"amount": -1}, "'-1' is not a length of time."),
        ("wait", {"amount": 13, "unit": "months"}, "This wait is longer than a year."),
        ("wait", {"resume": "specificTime", "dateTime": "soon"}, "'soon' is not a date."),
        ("form", {}, "The page has no fields."),
        ("form", {"formFields": FIELDS, "limitWaitTime": True, "resumeAmount": -1}, "The longest wait is no length"),
    ],
)
def test_waits_that_make_no_sense(kind: str, parameters: dict[str, Any], message: str) -> None:
    error = getattr(alone(kind, 1, parameters)[-1], "error", None)
    assert error is not None
    assert error["message"].startswith(message)


# calling workflows --------------------------------------------------------------------------------------------------
class Others:
    """Workflows that can be called: each answers an item with its text in capitals; `broken` fails."""

    def __init__(self) -> None:
        self.calls: list[tuple[CallSite, Any, Items]] = []
        self.started: list[tuple[CallSite, Any, Items]] = []

    def start(self, site: CallSite, workflow: Any, items: Items) -> str:
        self.started.append((site, workflow, items))
        return f"run-{len(self.started)}"

    def call(self, site: CallSite, workflow: Any, items: Items) -> Items:
        self.calls.append((site, workflow, items))
        if workflow == "broken":
            raise OperationalError("The sub-workflow failed.")
        return [Item({"said": str(item.json.get("t", "")).upper()}, paired=(PairedItem(7),)) for item in items]


def calling(parameters: dict[str, Any], version: float = 1.2, **extra: Any) -> tuple[Any, Others]:
    world, others = extra.pop("world", None) or World(), Others()
    world.ports = replace(world.ports, workflows=others)
    return one_node("executeWorkflow", version, parameters, [[{"t": "a"}, {"t": "b"}]], world=world, **extra), others


def test_one_call_with_all_items() -> None:
    result, others = calling({"workflowId": {"__rl": True, "mode": "id", "value": "w1"}})
    assert result.json("Node") == [{"said": "A"}, {"said": "B"}]
    assert [item.paired for item in result.items("Node")] == [(PairedItem(0),), (PairedItem(1),)]
    assert [(site.call, name) for site, name, _ in others.calls] == [(0, "w1")]


def test_one_call_for_each_item() -> None:
    result, others = calling({"workflowId": "=w{{ $itemIndex }}", "mode": "each"}, 1)
    assert result.json("Node") == [{"said": "A"}, {"said": "B"}]
    assert [(site.item, name) for site, name, _ in others.calls] == [(0, "w0"), (1, "w1")]


def test_fields_are_mapped_and_checked() -> None:
    inputs = {"value": {"t": "=x{{ $json.t }}"}, "schema": [{"id": "t", "type": "string"}]}
    result, _ = calling({"workflowId": "w1", "workflowInputs": inputs})
    assert result.json("Node") == [{"said": "XA"}, {"said": "XB"}]


@pytest.mark.parametrize("mode", ["once", "each"])
def test_it_may_run_on_by_itself(mode: str) -> None:
    options = {"waitForSubWorkflow": False}
    result, others = calling({"workflowId": "broken", "mode": mode, "options": options})
    assert result.json("Node") == [{"t": "a"}, {"t": "b"}]
    assert len(others.started) == (1 if mode == "once" else 2)
    assert any(isinstance(event, LogWritten) and "Started run run-1" in event.text for event in result.events)


EXPORT = {"nodes": [{"name": "Called", "type": "n8n-nodes-base.executeWorkflowTrigger"}], "connections": {}}
TEXT = json.dumps(EXPORT)


@pytest.mark.parametrize(
    "parameters",
    [
        {"source": "parameter", "workflowJson": TEXT},
        {"source": "parameter", "workflowJson": EXPORT},
        {"source": "localFile", "workflowPath": "/flows/called.json"},
        {"source": "url", "workflowUrl": "https://example.com/called.json"},
    ],
)
def test_an_export_from_elsewhere_is_called(parameters: dict[str, Any]) -> None:
    call = {
        "fingerprint": {"method": "GET", "url": "https://example.com/called.json"},
        "response": {"status": 200, "body": TEXT},
    }
    file = {"data": base64.b64encode(TEXT.encode()).decode()}
    result, others = calling(parameters, world=World([call], files={"flows/called.json": file}))
    assert result.json("Node") == [{"said": "A"}, {"said": "B"}]
    assert others.calls[0][1] == EXPORT


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"source": "parameter", "workflowJson": "{bad"}, "The JSON is not valid JSON"),
        ({"source": "parameter", "workflowJson": "[]"}, "$: A workflow is a JSON object"),
        ({"source": "parameter", "workflowJson": '{"nodes": 1}'}, "nodes: 'nodes' must be a list"),
        ({"source": "localFile", "workflowPath": "no.json"}, "There is no file 'no.json'"),
        ({"source": "localFile", "workflowPath": "../x"}, "'../x' leads out of the file store"),
        ({"source": "url"}, "No address is given."),
        ({"source": "url", "workflowUrl": "https://example.com/x"}, "https://example.com/x answered 404"),
    ],
)
def test_what_is_no_export_is_said(parameters: dict[str, Any], message: str) -> None:
    call = {"fingerprint": {"method": "GET", "url": "https://example.com/x"}, "response": {"status": 404}}
    result, _ = calling(parameters, world=World([call]))
    assert result.error["message"].startswith(message)


def test_an_item_whose_call_fails_is_a_failed_item() -> None:
    result, _ = calling(
        {"workflowId": "={{ $json.t === 'a' ? 'broken' : 'w1' }}", "mode": "each"}, onError="continueRegularOutput"
    )
    assert result.json("Node") == [{"error": "The sub-workflow failed."}, {"said": "B"}]


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"workflowId": ""}, "No workflow is chosen."),
        ({"workflowId": "broken", "mode": "each"}, "The sub-workflow failed."),
    ],
)
def test_calls_that_cannot_be_made(parameters: dict[str, Any], message: str) -> None:
    result, _ = calling(parameters)
    assert result.error["message"] == message


# other nodes ----------------------------------------------------------------------------------------------------------
def test_debug_writes_what_it_shows() -> None:
    result = one_node("noOp", 1, {"maxItems": 1}, [[{"a": 1}, {"a": 2}]], type="pumpflix.debug")
    lines = [event.text for event in result.events if isinstance(event, LogWritten)]
    assert lines == ['{"a":1}', "1 more items are not shown."]


@pytest.mark.parametrize("kind", ["coordinates", "creditCard", "email", "ipv4", "ipv6", "macAddress", "url", "uuid",
                                  "semver"])  # fmt: skip
def test_made_up_data_follow_from_the_seed(kind: str) -> None:
    parameters = {"category": "randomData", "randomDataType": kind, "randomDataSeed": "s", "randomDataCount": 2}
    first, again = (one_node("debugHelper", 1, parameters, [[{}]]).json("Node") for _ in range(2))
    assert first == again
    assert len(first) == 2
    assert first[0] != first[1]


@pytest.mark.parametrize(
    "parameters, kind, message",
    [
        ({"throwErrorMessage": "No"}, "RemoteError", "No"),
        ({"category": "outOfMemory"}, "UserError", "Memory cannot be used up here."),
        ({"category": "randomData", "randomDataType": "nanoid", "nanoidLength": "-1"}, "ParameterError",
         "An id needs letters"),
    ],
)  # fmt: skip
def test_debug_helper_fails_on_purpose(parameters: dict[str, Any], kind: str, message: str) -> None:
    error = one_node("debugHelper", 1, parameters, [[{}]]).error
    assert error is not None
    assert (error["type"], error["message"][: len(message)]) == (kind, message)


@pytest.mark.parametrize(
    "entries, message",
    [([{"value": "x"}], "A value has no name."), ([{"key": "a b", "value": "x"}], "The name 'a b' has other")],
)
def test_values_noted_beside_a_run_are_named_in_plain_letters(entries: list[dict[str, Any]], message: str) -> None:
    error = one_node("executionData", 1, {"dataToSave": {"values": entries}}, [[{}]]).error
    assert error is not None
    assert error["message"].startswith(message)


def test_made_up_data_are_bounded() -> None:
    parameters = {"category": "randomData", "randomDataCount": 9_999}
    error = one_node("debugHelper", 1, parameters, [[{}] * 11]).error
    assert error is not None
    assert error["message"].startswith("That would make more than")


def test_values_noted_beside_a_run_are_kept_with_it() -> None:
    result = one_node("executionData", 1, {"dataToSave": {"values": [{"key": "k", "value": "v"}]}}, [[{}]])
    turn = next(event for event in result.events if isinstance(event, NodeRunFinished) and event.node == "Node")
    assert turn.labels == {"k": "v"}


def test_of_too_many_values_the_first_ten_are_noted_with_a_word_in_the_log() -> None:
    entries = [{"key": f"k{number}", "value": "x" * 600} for number in range(12)]
    result = one_node("executionData", 1, {"dataToSave": {"values": entries}}, [[{}]])
    turn = next(event for event in result.events if isinstance(event, NodeRunFinished) and event.node == "Node")
    assert turn.labels == {f"k{number}": "x" * 512 for number in range(10)}
    warnings = [event.text for event in result.events if isinstance(event, LogWritten) and event.level == "warn"]
    assert warnings == [f"'k{number}' is not noted: a run has at most 10 labels." for number in (10, 11)]


def test_work_for_a_type_that_is_gone_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delegate, "registry", Registry())
    error = one_node("itemLists", 3, {"operation": "limit"}, [[{}]]).error
    assert error is not None
    assert error["code"] == "unexpected_error"


@pytest.mark.parametrize(
    "value, message",
    [("{", "Parameter 'errorObject' could not be parsed"), ("{}", "Error: {}"), ('{"error": "x"}', "x")],
)
def test_error_objects(value: str, message: str) -> None:
    error = one_node("stopAndError", 1, {"errorType": "errorObject", "errorObject": value}, [[{}]]).error
    assert error is not None
    assert error["message"] == message


@pytest.mark.parametrize(
    "secret, options, message",
    [
        ("1!", {}, "The secret is not Base32."),
        ("", {}, "The secret is empty."),
        ("GEZDGNBV", {"algorithm": "MD5"}, "There is no hash 'MD5'."),
    ],
)
def test_one_time_codes_need_a_secret(secret: str, options: dict[str, Any], message: str) -> None:
    world = World(credentials={"totpApi": {"secret": secret}})
    error = one_node("totp", 1, {"options": options}, [[{}]], world=world).error
    assert error is not None
    assert error["message"] == message


def test_a_file_is_hashed() -> None:
    row = {"json": {}, "binary": {"f": {"data": "YWJj", "mimeType": "text/plain"}}}
    made = one_node("crypto", 1, {"binaryData": True, "binaryPropertyName": "f"}, [[row]]).json("Node")
    assert made == [{"data": "900150983cd24fb0d6963f7d28e17f72"}]


def test_a_hash_with_a_secret_needs_one() -> None:
    error = one_node("crypto", 1, {"action": "hmac"}, [[{}]]).error
    assert error is not None
    assert error["message"] == "There is no secret to use."


@pytest.mark.parametrize("kind, length", [("ascii", 40), ("base64", 3), ("hex", 5)])
def test_made_up_texts_have_their_length(kind: str, length: int) -> None:
    parameters = {"action": "generate", "encodingType": kind, "stringLength": length}
    assert len(one_node("crypto", 1, parameters, [[{}]]).json("Node")[0]["data"]) == length
