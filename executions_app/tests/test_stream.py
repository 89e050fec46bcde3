"""The live stream: what is appended, who hears of it, and that its loss is nobody's loss."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from executions_app import frames, payload_codec, stream
from executions_app.runner.commits import Commit, EventRow, Head
from executions_app.stream import Hub, StreamPublisher, StreamTail, frames_of

pytestmark = pytest.mark.app

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def commit(events: int = 1, execution_id: UUID | None = None, **head: object) -> Commit:
    rows = [EventRow(seq, NOW, "log_written", "A", "info", b'{"type":"log_written"}') for seq in range(1, events + 1)]
    given = Head(**head)  # type: ignore[arg-type]
    return Commit(execution_id or uuid4(), uuid4(), 1, 1, events + 1, given, [], rows, [])


def kinds(lines: list[bytes]) -> list[str]:
    return [frame.kind for frame in frames.split(frames.join(lines))]


@pytest.mark.parametrize(
    "head,expected",
    [
        ({}, ["event"]),
        ({"status": "success"}, ["event", "end"]),
        ({"status": "waiting"}, ["event", "status"]),
        ({"status": "queued"}, ["event", "status"]),
        ({"response": b'j{"status":200}'}, ["event", "response"]),
        ({"status": "error", "response": b"z..."}, ["event", "response", "end"]),
    ],
    ids=["running", "over", "waiting", "parked", "short answer", "long answer"],
)
def test_a_commit_becomes_lines(head: dict, expected: list[str]) -> None:
    assert kinds(frames_of(commit(**head))) == expected


def test_a_long_answer_is_left_to_the_row() -> None:
    response = payload_codec.encode({"status": 200, "body": "x" * 5000})
    assert frames_of(commit(response=response))[1] == frames.response(b"null")


def test_of_very_many_events_only_the_last_travel() -> None:
    lines = frames.split(frames.join(frames_of(commit(events=1000))))
    assert [frame.seq for frame in lines] == list(range(981, 1001))


def test_nothing_to_say_appends_nothing(redis_client, redis_url: str) -> None:
    StreamPublisher(redis_url).publish([commit(events=0)])
    assert redis_client.exists(stream.KEY) == 0


def test_the_stream_is_capped(redis_client, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_ENTRIES", 100)
    publisher = StreamPublisher(redis_url)
    for _ in range(1000):
        publisher.publish([commit()])
    assert redis_client.xlen(stream.KEY) < 400


def test_without_redis_a_worker_goes_on() -> None:
    publisher = StreamPublisher("redis://127.0.0.1:1/0")
    publisher.publish([commit()])
    publisher.publish([commit()])
    assert publisher.dropped == 2
    publisher.close()


@pytest.fixture
async def tail(redis_url: str, redis_client) -> AsyncIterator[tuple[StreamTail, Hub]]:
    hub = Hub()
    made = StreamTail(redis_url, hub.dispatch)
    made.start()
    await asyncio.wait_for(made.is_ready.wait(), 10)
    yield made, hub
    await made.stop()


async def test_listeners_hear_of_their_execution_alone(tail, redis_url: str) -> None:
    _, hub = tail
    mine, other = uuid4(), uuid4()
    listener = hub.listen(mine)
    publisher = StreamPublisher(redis_url)
    await asyncio.to_thread(
        publisher.publish, [commit(execution_id=other), commit(execution_id=mine, status="success")]
    )
    batch = await asyncio.wait_for(listener.queue.get(), 10)
    assert [frame.kind for frame in batch] == ["event", "end"]
    hub.leave(mine, listener)
    hub.leave(mine, listener)
    publisher.close()


async def test_a_flushed_stream_is_followed_further(tail, redis_client, redis_url: str) -> None:
    _, hub = tail
    mine = uuid4()
    listener = hub.listen(mine)
    publisher = StreamPublisher(redis_url)
    await asyncio.to_thread(publisher.publish, [commit(execution_id=mine)])
    assert await asyncio.wait_for(listener.queue.get(), 10)
    redis_client.flushall()
    # Entries are numbered by the millisecond: one written in that of the flush is the one number that goes unseen.
    while listener.queue.empty():
        await asyncio.to_thread(publisher.publish, [commit(execution_id=mine)])
        await asyncio.sleep(0.01)
    publisher.close()


async def test_a_tail_starts_where_the_stream_is(redis_client, redis_url: str) -> None:
    mine, hub = uuid4(), Hub()
    publisher = StreamPublisher(redis_url)
    publisher.publish([commit(execution_id=mine)])
    listener = hub.listen(mine)
    tail = StreamTail(redis_url, hub.dispatch)
    tail.start()
    await asyncio.wait_for(tail.is_ready.wait(), 10)
    await asyncio.to_thread(publisher.publish, [commit(events=3, execution_id=mine)])
    batch = await asyncio.wait_for(listener.queue.get(), 10)
    assert len(batch) == 3
    await tail.stop()
    publisher.close()


async def test_a_tail_without_redis_keeps_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PAUSE_S", 0.01)
    tail = StreamTail("redis://127.0.0.1:1/0", Hub().dispatch)
    tail.start()
    await asyncio.sleep(0.05)
    assert not tail.is_ready.is_set()
    await tail.stop()


async def test_a_listener_that_does_not_read_is_called_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "QUEUE_FRAMES", 1)
    hub, mine = Hub(), uuid4()
    listener = hub.listen(mine)
    for _ in range(2):
        hub.dispatch({mine.hex.encode(): frames.end("success")})
    assert listener.is_slow
