"""Results kept for a while: a node with `"pumpflix": {"cacheS": 3600}` is not run again for the same input, parameters
and credentials within that time. Kept are only results of turns that went well, said nothing to anybody's caller, did
not wait, and left no loop state."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.expression.batch import BatchResolver
from workflows_app.engine.items import Items, JsonObject, Outputs, items_to_json
from workflows_app.engine.json_text import dumps
from workflows_app.engine.node_type import NodeType
from workflows_app.engine.plan import CompiledNode

MAX_TTL_S = 30 * 24 * 3600
CACHED_WRITERS = frozenset({
    "n8n-nodes-base.httpRequest", "n8n-nodes-base.graphql", "n8n-nodes-base.code", "n8n-nodes-base.function",
    "n8n-nodes-base.functionItem", "n8n-nodes-base.executeWorkflow",
})  # fmt: skip
"""Types that may change something outside and may be kept all the same, where their author asks for it."""
NEVER = frozenset({
    "n8n-nodes-base.respondToWebhook", "n8n-nodes-base.wait", "n8n-nodes-base.form", "pumpflix.delay",
    "n8n-nodes-base.splitInBatches", "n8n-nodes-base.executionData", "n8n-nodes-base.removeDuplicates",
})  # fmt: skip
"""Types whose point is what they do in this very run."""
WITH_CODE = frozenset({"n8n-nodes-base.code", "n8n-nodes-base.function", "n8n-nodes-base.functionItem"})


def time_to_live_s(node: CompiledNode) -> float:
    """How long results of that node are kept; 0 for not at all."""
    chosen = node.own_settings.get("cacheS")
    if not isinstance(chosen, int | float) or isinstance(chosen, bool) or chosen <= 0 or not may_be_kept(node.type):
        return 0.0
    return min(float(chosen), MAX_TTL_S)


def may_be_kept(node_type: NodeType[Any] | None) -> bool:
    if node_type is None or node_type.trigger or node_type.name in NEVER:
        return False
    return node_type.side_effects != "write" or node_type.name in CACHED_WRITERS


def key_of(node: CompiledNode, workflow_id: str, inputs: list[Items], resolver: BatchResolver) -> str | None:
    """What a result depends on, as a digest: node and type version, parameters for every item, input items with their
    files, credentials, and for code all that it may refer to. None where a parameter cannot be resolved."""
    try:
        parameters = [resolver.resolve(index) for index in range(1 if resolver.is_constant else most(inputs))]
    except PumpFlixError:
        return None
    raw = node.node
    parts: JsonObject = {
        "workflow": workflow_id,
        "node": [raw.name, raw.type, raw.type_version, raw.execute_once, raw.on_error],
        "credentials": {kind: chosen.get("id") or chosen for kind, chosen in references(raw.credentials)},
        "parameters": parameters,
        "inputs": [items_to_json(items) for items in inputs],
    }
    if raw.type in WITH_CODE:
        scope = resolver.scope()
        parts["scope"] = {name: scope.get(name) for name in ("nodes", "vars", "staticData", "mode")}
    return hashlib.sha256(dumps(parts)).hexdigest()


def references(credentials: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for kind, chosen in sorted(credentials.items()):
        yield kind, chosen if isinstance(chosen, dict) else {"id": chosen}


def most(inputs: list[Items]) -> int:
    return max((len(items) for items in inputs), default=0) or 1


def is_good(outputs: Outputs | None) -> bool:
    """Whether the result may be kept: there is one, and no item of it failed."""
    return outputs is not None and not any(item.error is not None for items in outputs for item in items)


def age_text(made_at: datetime, now: datetime) -> str:
    seconds = max(0, round((now - made_at).total_seconds()))
    return f"Taken from the cache: the same input gave this {seconds} s ago."
