"""Reading what node runs put out: inline bytes or a payload, and the files of items."""

from collections.abc import Mapping
from typing import Any

from executions_app import payload_codec, payloads
from executions_app.models import Execution, NodeRun, Payload

Raw = dict[str, Any]


def node_outputs(execution: Execution, turn: NodeRun) -> list[list[Raw]]:
    """One list of items (`{json, binary?, pairedItem?}`) per output; empty lists where the node put out nothing."""
    data: bytes | None = turn.output if turn.output is None else bytes(turn.output)
    ref = turn.output_ref or (payload_codec.reference_in(data) if data else None)
    if ref:
        data = payload_bytes(execution, ref)
    if not data:
        return [[] for _ in turn.items_out]
    value = payload_codec.decode(data)
    return [list(items or []) for items in value or []]


def node_inputs(execution: Execution, turn: NodeRun) -> list[Raw]:
    """The items on the first input that received any, read from the node runs they came from; for the first node of a
    run, what started it."""
    if slot := input_slot(execution, turn):
        name, output, index = slot
        return node_outputs(execution, NodeRun.objects.get(execution=execution, node=name, run_index=index))[output]
    if turn.order == 0 and execution.trigger_items:
        stored = bytes(execution.trigger_items)
        ref = payload_codec.reference_in(stored)
        value = payload_codec.decode((payload_bytes(execution, ref) if ref else stored) or b"jnull")
        return list(value) if isinstance(value, list) else []
    return []


def input_slot(execution: Execution, turn: NodeRun) -> tuple[str, int, int] | None:
    """`(node, output, run index)` where the items of `node_inputs` were put out; None for what started the run."""
    for source in turn.sources or []:
        name, output, index = read_source(source)
        origin = NodeRun.objects.filter(execution=execution, node=name, run_index=index) if name else None
        counts = origin.values_list("items_out", flat=True).first() if origin is not None else None
        if counts and output < len(counts) and counts[output]:
            return name, output, index
    return None


def read_source(source: Any) -> tuple[str, int, int]:
    """`(node, output, run index)` of one stored source; an empty name for an input that received nothing."""
    if not isinstance(source, Mapping):
        return "", 0, 0
    index = source.get("runIndex", source.get("run_index", 0))
    return str(source.get("node") or ""), int(source.get("output") or 0), int(index or 0)


def payload_bytes(execution: Execution, ref: str) -> bytes | None:
    """The bytes of a payload of the execution's team; None if they are gone."""
    try:
        row = Payload.objects.get(pk=payloads.row_id(execution.team_id, payloads.digest_of(ref)))
    except (Payload.DoesNotExist, payloads.PayloadMissing):
        return None
    return payloads.unpack(row.encoding, row.data)


def file_of(execution: Execution, *, node: str, ref: str) -> tuple[bytes, str, str] | None:
    """`(bytes, name, mime type)` of a file that `node` put out or received; None unless the run really holds it."""
    for turn in NodeRun.objects.filter(execution=execution, node=node).order_by("run_index"):
        held = [item for items in node_outputs(execution, turn) for item in items] + node_inputs(execution, turn)
        for item in held:
            for name, meta in (item.get("binary") or {}).items():
                if meta.get("id") == ref and (data := payload_bytes(execution, ref)) is not None:
                    return data, str(meta.get("fileName") or name), str(meta.get("mimeType") or "")
    return None
