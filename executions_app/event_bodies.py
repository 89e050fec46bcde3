"""What the world sees of an event: a small JSON object without any payload. Stored, streamed and replayed as it is.

Every body has `type` and `at`; node events have `node` and `runIndex`. A node run that began and ended between two
commits has no `node_run_started` of its own: its end carries `startedAt` and `itemsIn`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from workflows_app.engine import events

MAX_BYTES = 1024
TEXT_CHARACTERS = 600

Body = dict[str, Any]


def started(event: events.NodeRunStarted) -> Body:
    return {**_node("node_run_started", event), "order": event.order, "itemsIn": list(event.items_in)}


def finished(event: events.NodeRunFinished, begun: events.NodeRunStarted | None) -> Body:
    body: Body = {
        "type": "node_run_finished",
        "at": event.at,
        "node": event.node,
        "runIndex": event.run_index,
        "order": event.order,
        "durationMs": round(event.duration_ms, 3),
        "items": [len(items) for items in (event.outputs or ())[:64]],
    }
    if begun is not None:
        body["startedAt"], body["itemsIn"] = begun.at, list(begun.items_in)
    if event.skipped:
        body["status"] = "skipped"
    if event.error is not None:
        body |= {"status": "error", "text": message_of(event.error)}
    if event.origin:
        body["origin"] = event.origin
    if event.hints:
        body["hint"] = event.hints[0][:TEXT_CHARACTERS]
    return body


def failed(event: events.NodeRunFailed) -> Body:
    body = {**_node("node_run_failed", event), "order": event.order, "durationMs": round(event.duration_ms, 3)}
    return {**body, "status": "error", "text": message_of(event.error), "code": str(event.error.get("code", ""))}


def retried(event: events.NodeRunRetried) -> Body:
    text = f"Attempt {event.attempt} failed: {message_of(event.error)}"
    return {**_node("node_run_retried", event), "attempt": event.attempt, "delayS": event.delay_s, "text": text}


def log(event: events.LogWritten) -> Body:
    body = {**_node("log_written", event), "level": event.level, "text": _short(event.text)}
    return body if event.item is None else {**body, "item": event.item}


def execution_started(event: events.ExecutionStarted) -> Body:
    return {"type": "execution_started", "at": event.at, "node": event.start_node, "status": "running"}


def execution_waiting(event: events.ExecutionWaiting) -> Body:
    return {
        **_node("execution_waiting", event),
        "reason": event.reason,
        "resumeAt": event.resume_at,
        "status": "waiting",
    }


def given_up(status: str, at: datetime, node: str, error: Mapping[str, Any]) -> Body:
    """The end of a run that was not run again."""
    return {"type": "execution_finished", "at": at, "status": status, "node": node, "text": message_of(error)}


def execution_finished(event: events.ExecutionFinished) -> Body:
    body: Body = {"type": "execution_finished", "at": event.at, "status": event.status, "node": event.last_node}
    return body if event.error is None else {**body, "text": message_of(event.error)}


def to_bytes(body: Body) -> bytes:
    """The JSON text; texts are cut until it fits into `MAX_BYTES`."""
    data = _dumps(body)
    if len(data) <= MAX_BYTES:
        return data
    for name in ("text", "hint"):
        if name in body:
            body = {**body, name: _short(str(body[name]), TEXT_CHARACTERS // 4)}
    return _dumps(body)


def message_of(error: Mapping[str, Any]) -> str:
    return _short(str(error.get("message") or "It failed without a message."))


def _node(kind: str, event: Any) -> Body:
    return {"type": kind, "at": event.at, "node": event.node, "runIndex": event.run_index}


def _short(text: str, limit: int = TEXT_CHARACTERS) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _dumps(body: Body) -> bytes:
    try:
        return orjson.dumps(body, option=orjson.OPT_UTC_Z)
    except TypeError:
        cleaned = {key: _clean(value) for key, value in body.items()}
        return orjson.dumps(cleaned, option=orjson.OPT_UTC_Z)


def _clean(value: Any) -> Any:
    """Lone surrogates cannot travel as UTF-8; a reader sees a replacement character."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
