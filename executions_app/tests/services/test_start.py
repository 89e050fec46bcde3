"""Starting runs: the row, its trigger items and files, in one commit; then a ring."""

import base64
import random

import orjson
import pytest

from executions_app import payload_codec, payloads
from executions_app.models import Execution, Payload, PayloadUse
from executions_app.services import start, start_manual_run, start_sample_run
from executions_app.tests.factories import version_of
from workflows_app.engine.errors import UserError, WorkflowInvalid
from workflows_app.models import WorkflowVersion
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import manual_set, webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

INLINE = {"data": base64.b64encode(b"n\n1\n").decode(), "mimeType": "text/csv", "fileName": "x.csv"}


@pytest.fixture(autouse=True)
def rings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the doorbells, and rings none: no worker is there."""
    heard: list[int] = []
    monkeypatch.setattr(start.doorbell, "ring", lambda: heard.append(Execution.objects.count()))
    return heard


def items_of(execution: Execution):
    execution.refresh_from_db()
    return None if execution.trigger_items is None else payload_codec.decode(execution.trigger_items)


def bytes_of(execution: Execution, meta) -> bytes:
    return payloads.load(execution.team_id, meta["id"])


def test_a_manual_run_is_queued_with_a_version_of_the_draft(rings: list[int]) -> None:
    workflow = WorkflowFactory()
    execution = start_manual_run(workflow, by=workflow.created_by)
    assert (execution.status, execution.mode, execution.start_node) == ("queued", "manual", "Start")
    assert execution.version.graph == workflow.graph
    assert execution.started_by == workflow.created_by
    assert items_of(execution) is None
    assert rings == [1]


def test_an_unchanged_draft_makes_one_version() -> None:
    workflow = WorkflowFactory()
    for _ in range(2):
        start_manual_run(workflow, by=workflow.created_by)
    assert WorkflowVersion.objects.count() == 1


def test_files_become_one_item_with_payloads() -> None:
    workflow = WorkflowFactory()
    execution = start_manual_run(workflow, by=workflow.created_by, files={"data": ("x.csv", "text/csv", b"n\n1\n")})
    ((item),) = items_of(execution)
    assert item["binary"]["data"].items() >= {"fileName": "x.csv", "mimeType": "text/csv", "fileSize": 4}.items()
    assert bytes_of(execution, item["binary"]["data"]) == b"n\n1\n"
    assert PayloadUse.objects.filter(execution=execution).count() == 1


def test_given_items_win_over_files_and_pins() -> None:
    workflow = WorkflowFactory(graph={**manual_set(a=1), "pinData": {"Start": [{"json": {"pinned": 1}}]}})
    items = [{"json": {"given": 1}, "binary": {"data": INLINE}}]
    execution = start_manual_run(workflow, by=workflow.created_by, items=items, files={"f": ("a", "b", b"c")})
    ((item),) = items_of(execution)
    assert item["json"] == {"given": 1}
    assert bytes_of(execution, item["binary"]["data"]) == b"n\n1\n"


def test_pinned_data_of_the_start_starts_it_too() -> None:
    pins = {"Start": [{"plain": 1}, {"json": {"n": 2}, "binary": {"data": INLINE}}]}
    workflow = WorkflowFactory(graph={**manual_set(a=1), "pinData": pins})
    first, second = items_of(start_manual_run(workflow, by=workflow.created_by))
    assert first["json"] == {"plain": 1}
    assert second["binary"]["data"]["id"].startswith("sha256:")


def test_large_items_live_by_reference() -> None:
    workflow = WorkflowFactory()
    noise = random.Random(1).randbytes(100_000).hex()
    execution = start_manual_run(workflow, by=workflow.created_by, items=[{"json": {"noise": noise}}])
    assert payload_codec.reference_in(execution.trigger_items) is not None


@pytest.mark.parametrize(
    "graph,error",
    [
        ({"nodes": [], "connections": {}}, UserError),
        ({"nodes": [{"name": "A", "type": "x"}, {"name": "A", "type": "x"}], "connections": {}}, WorkflowInvalid),
    ],
    ids=["no trigger", "duplicate names"],
)
def test_what_cannot_start_leaves_no_row(graph, error, rings: list[int]) -> None:
    workflow = WorkflowFactory(graph=graph)
    with pytest.raises(error):
        start_manual_run(workflow, by=workflow.created_by)
    assert (Execution.objects.count(), rings) == (0, [])


def test_a_file_that_is_not_base64_is_the_authors_to_know() -> None:
    workflow = WorkflowFactory()
    items = [{"json": {}, "binary": {"data": {"data": "no base64!", "fileName": "x"}}}]
    with pytest.raises(UserError, match="base64"):
        start_manual_run(workflow, by=workflow.created_by, items=items)


def test_a_sample_run_carries_its_cassette_and_ends_in_an_hour() -> None:
    cassette = {
        "version": 1,
        "trigger": {"node": "Webhook", "items": [{"json": {"a": 1}, "binary": {"data": INLINE}}]},
        "calls": [],
    }
    version = version_of(webhook_chain())
    execution = start_sample_run(version, cassette=orjson.dumps(cassette))
    assert (execution.mode, execution.start_node, execution.started_by) == ("sample", "Webhook", None)
    assert execution.expires_at is not None
    assert orjson.loads(payloads.load(execution.team_id, execution.cassette_ref)) == cassette
    assert items_of(execution)[0]["binary"]["data"]["fileName"] == "x.csv"


def test_the_same_cassette_is_stored_once() -> None:
    version = version_of(manual_set(a=1))
    for _ in range(3):
        start_sample_run(version)
    assert (Payload.objects.count(), PayloadUse.objects.count()) == (1, 3)


@pytest.mark.parametrize("broken", [{"version": 2}, {"version": 1}, {"version": 1, "trigger": {"items": [1]}}])
def test_a_broken_cassette_starts_nothing(broken) -> None:
    with pytest.raises(UserError):
        start_sample_run(version_of(manual_set(a=1)), cassette=broken)
