"""Make a cassette of an execution: what it was started with, and what the outside answered."""

import base64
from typing import Any

import orjson

from executions_app import payload_codec, payloads
from executions_app.adapters.cassette import VERSION
from executions_app.models import Execution, NodeEffect, Payload
from workflows_app.engine.items import JsonObject

# They belong to the one call, or to somebody's session.
_LEFT_OUT = frozenset({"set-cookie", "authorization", "proxy-authorization", "www-authenticate", "date", "connection"})


def cassette_of(execution: Execution) -> JsonObject:
    """Trigger items with their files inline, and the recorded calls. A sample run gives the calls of its own
    cassette."""
    calls = _calls_of_sample(execution) if execution.cassette_ref else _recorded_calls(execution)
    items = [_inline(execution, item) for item in _trigger_items(execution)]
    return {"version": VERSION, "trigger": {"node": execution.start_node, "items": items}, "calls": calls}


def _trigger_items(execution: Execution) -> list[JsonObject]:
    if execution.trigger_items is None:
        return [{"json": {}}]
    stored = bytes(execution.trigger_items)
    ref = payload_codec.reference_in(stored)
    found: list[JsonObject] = payload_codec.decode(stored if ref is None else _bytes(execution, ref))
    return found


def _inline(execution: Execution, item: JsonObject) -> JsonObject:
    if not item.get("binary"):
        return item
    return {**item, "binary": {name: _inline_file(execution, meta) for name, meta in item["binary"].items()}}


def _inline_file(execution: Execution, meta: JsonObject) -> JsonObject:
    if not meta.get("id"):
        return meta
    data = base64.b64encode(_bytes(execution, str(meta["id"]))).decode("ascii")
    return {"data": data, "mimeType": meta.get("mimeType", ""), "fileName": meta.get("fileName", "")}


def _bytes(execution: Execution, ref: str) -> bytes:
    row = Payload.objects.get(pk=payloads.row_id(execution.team_id, payloads.digest_of(ref)))
    return payloads.unpack(row.encoding, row.data)


def _calls_of_sample(execution: Execution) -> list[JsonObject]:
    raw: JsonObject = orjson.loads(_bytes(execution, execution.cassette_ref))
    return list(raw.get("calls") or [])


def _recorded_calls(execution: Execution) -> list[JsonObject]:
    rows = NodeEffect.objects.filter(execution=execution).exclude(result=b"").order_by("pk")
    found = [(row, payload_codec.decode(row.result)) for row in rows]
    # What our own database answered, tables and histories, lies beside the answers of the outside.
    return [_call(row, recorded) for row, recorded in found if isinstance(recorded, dict) and "response" in recorded]


def _call(row: NodeEffect, recorded: dict[str, Any]) -> JsonObject:
    response = dict(recorded["response"])
    if "headers" in response:
        response["headers"] = [pair for pair in response["headers"] or [] if pair[0].lower() not in _LEFT_OUT]
    place = {"node": row.node, "run": row.run_index, "item": row.item, "call": row.call}
    return {**place, "fingerprint": recorded["fingerprint"], "response": response}
