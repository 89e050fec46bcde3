"""Lines for live clients."""

import orjson
import pytest

from executions_app import frames

pytestmark = pytest.mark.engine


def test_an_entry_holds_its_frames_in_order() -> None:
    lines = [
        frames.event(7, b'{"type":"log_written","text":"a\\nb"}'),
        frames.response(b'{"status":200}'),
        frames.end("success"),
    ]
    read = frames.split(frames.join(lines))
    assert [(frame.kind, frame.seq) for frame in read] == [("event", 7), ("response", 0), ("end", 0)]
    assert read[2].status == "success"


def test_frames_are_json_as_documented() -> None:
    assert orjson.loads(frames.event(3, b'{"type":"x"}')) == {"type": "event", "seq": 3, "event": {"type": "x"}}
    assert orjson.loads(frames.status("waiting")) == {"type": "status", "status": "waiting"}
    assert orjson.loads(frames.end("error")) == {"type": "end", "status": "error"}


def test_a_status_line_is_no_event() -> None:
    (frame,) = frames.split(frames.status("queued"))
    assert (frame.kind, frame.seq, frame.status) == ("status", 0, "queued")
