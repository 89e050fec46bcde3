"""The items that went into a turn, as text somebody can change before the turn is made again."""

from typing import Any

import orjson

from executions_app.models import Execution, NodeRun
from executions_app.selectors.outputs import node_inputs

MOST_ITEMS = 50
MOST_CHARACTERS = 60_000


def editable_items(execution: Execution, *, node: str, turn: int) -> str:
    """Indented JSON of `[{json, …}]`; empty where it would be too much to edit by hand."""
    row = NodeRun.objects.filter(execution=execution, node=node).order_by("run_index")[turn : turn + 1].first()
    if row is None or sum(row.items_in or []) > MOST_ITEMS:
        return ""
    items = node_inputs(execution, row)
    if not items or len(items) > MOST_ITEMS:
        return ""
    text = orjson.dumps([bare(item) for item in items], option=orjson.OPT_INDENT_2).decode()
    return text if len(text) <= MOST_CHARACTERS else ""


def bare(item: dict[str, Any]) -> dict[str, Any]:
    """Without what is worked out anew: which item it came from."""
    return {key: value for key, value in item.items() if key in ("json", "binary")}
