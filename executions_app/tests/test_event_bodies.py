"""What the world sees of an event."""

from datetime import UTC, datetime

import orjson
import pytest

from executions_app import event_bodies
from workflows_app.engine import events
from workflows_app.engine.items import Item

pytestmark = pytest.mark.engine

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STARTED = events.NodeRunStarted("A", 0, 3, NOW, (2,))


def finished(**changes: object) -> events.NodeRunFinished:
    given = {
        "node": "A", "run_index": 0, "order": 3, "at": NOW, "duration_ms": 1.23456,
        "outputs": [[Item(json={"secret": "x"})] * 2, []], "sources": (),
    }  # fmt: skip
    return events.NodeRunFinished(**(given | changes))  # type: ignore[arg-type]


def test_an_end_counts_items_and_shows_none() -> None:
    body = event_bodies.finished(finished(), None)
    assert (body["items"], body["durationMs"]) == ([2, 0], 1.235)
    assert b"secret" not in event_bodies.to_bytes(body)


def test_an_end_tells_the_beginning_that_was_left_out() -> None:
    body = event_bodies.finished(finished(), STARTED)
    assert (body["startedAt"], body["itemsIn"]) == (NOW, [2])


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"skipped": True}, {"status": "skipped"}),
        ({"error": {"message": "No"}}, {"status": "error", "text": "No"}),
        ({"hints": ("Look here",)}, {"hint": "Look here"}),
        ({"outputs": None}, {"items": []}),
    ],
    ids=["skipped", "went on after an error", "hint", "no data"],
)
def test_an_end_says_what_was_special(changes: dict, expected: dict) -> None:
    assert event_bodies.finished(finished(**changes), None).items() >= expected.items()


def test_every_kind_has_its_type_and_node() -> None:
    error = {"message": "Broken", "code": "x"}
    bodies = [
        event_bodies.started(STARTED),
        event_bodies.failed(events.NodeRunFailed("A", 0, 3, NOW, 1.0, (), error)),
        event_bodies.retried(events.NodeRunRetried("A", 0, 1, NOW, error, 0.5)),
        event_bodies.log(events.LogWritten("A", 0, NOW, "warn", "careful", 4)),
        event_bodies.execution_started(events.ExecutionStarted(NOW, "A")),
        event_bodies.execution_waiting(events.ExecutionWaiting("A", 0, 3, NOW, "time", NOW)),
        event_bodies.execution_finished(events.ExecutionFinished("error", NOW, "A", error)),
    ]
    assert [body["type"] for body in bodies] == [
        "node_run_started", "node_run_failed", "node_run_retried", "log_written",
        "execution_started", "execution_waiting", "execution_finished",
    ]  # fmt: skip
    assert {body["node"] for body in bodies} == {"A"}
    assert orjson.loads(event_bodies.to_bytes(bodies[0]))["at"] == "2026-01-02T03:04:05Z"


def test_a_body_never_exceeds_its_limit() -> None:
    body = event_bodies.log(events.LogWritten("ü" * 100, 0, NOW, "info", 'ü\\"' * 5000, None))
    assert len(event_bodies.to_bytes(body)) <= event_bodies.MAX_BYTES


def test_a_lone_surrogate_in_a_text_still_travels() -> None:
    body = event_bodies.log(events.LogWritten("A", 0, NOW, "info", "a\ud800b", None))
    assert orjson.loads(event_bodies.to_bytes(body))["text"] == "a?b"
