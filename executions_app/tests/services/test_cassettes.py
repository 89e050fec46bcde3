"""A cassette made of a run plays the run again."""

import base64

import orjson
import pytest

from executions_app import payload_codec
from executions_app.adapters.cassette import Cassette
from executions_app.models import NodeEffect
from executions_app.services import cassette_of, start_manual_run, start_sample_run
from executions_app.tests.factories import execution_of, version_of
from executions_app.tests.parts import Parts
from executions_app.tests.runner.test_execute import URL, calling
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


def test_trigger_items_come_with_their_files_inline() -> None:
    workflow = WorkflowFactory()
    execution = start_manual_run(workflow, by=workflow.created_by, files={"data": ("x.csv", "text/csv", b"n\n1\n")})
    cassette = cassette_of(execution)
    ((item),) = cassette["trigger"]["items"]
    assert item["binary"]["data"] == {
        "data": base64.b64encode(b"n\n1\n").decode(), "mimeType": "text/csv", "fileName": "x.csv"
    }  # fmt: skip
    assert cassette["trigger"]["node"] == "Start"
    assert Cassette.read(cassette).calls == ()


def test_a_run_without_items_gives_one_empty_item() -> None:
    assert cassette_of(execution_of())["trigger"]["items"] == [{"json": {}}]


def test_recorded_answers_become_calls_without_what_is_private(parts: Parts) -> None:
    parts.record_calls = True
    execution = parts.run(execution_of(calling("A")))
    (call,) = cassette_of(execution)["calls"]
    assert call["fingerprint"] == {"method": "POST", "url": URL}
    assert (call["node"], call["run"], call["item"], call["call"]) == ("A", 0, 0, 0)
    assert orjson.loads(call["response"]["body"]) == {"done": True}
    assert [name for name, _ in call["response"]["headers"]] == ["content-type"]


@pytest.mark.parametrize("result", [b"", payload_codec.encode([{"id": 1}]), payload_codec.encode({"new": [True]})])
def test_marks_of_own_effects_are_no_calls(result: bytes) -> None:
    execution = execution_of()
    NodeEffect.objects.create(execution=execution, node="A", run_index=0, item=0, call=0, result=result)
    assert cassette_of(execution)["calls"] == []


def test_a_sample_run_gives_the_calls_it_was_played_from() -> None:
    calls = [{"node": "A", "fingerprint": {"method": "GET", "url": URL}, "response": {"status": 200, "body": ""}}]
    cassette = {"version": 1, "trigger": {"node": "Start", "items": [{"json": {}}]}, "calls": calls}
    assert cassette_of(start_sample_run(version_of(manual_set(a=1)), cassette=cassette))["calls"] == calls
