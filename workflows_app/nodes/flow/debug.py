"""Debug: write items into the run's log and pass them on unchanged."""

from typing import Literal

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.compare import json_text
from workflows_app.toolkit.fields import Flag, Text, Whole

MAX_LINE = 4_000


class DebugParams(Params):
    message: Text = Field("", title="Message", description="Text in front of each line; may hold expressions.")
    level: Literal["debug", "info", "warn", "error"] = Field(
        "info",
        title="Level",
        description="How the lines are marked in the log.",
        json_schema_extra=ui(labels=["Detail", "Information", "Warning", "Error"]),
    )
    show_items: Flag = Field(True, title="Show items", description="Write the data of each item into the log.")
    max_items: Whole = Field(10, ge=1, le=100, title="Items", description="How many items are written at most.")


@register
class Debug(NodeType[DebugParams]):
    """Write items into the log and pass them on."""

    name = "pumpflix.debug"
    label = "Debug"
    group = "flow"
    icon = "n-noop"
    Params = DebugParams

    def execute(self, run: NodeRun[DebugParams]) -> Outputs:
        most = run.params.max_items
        for index, item in enumerate(run.items[:most]):
            params = run.params_for(index)
            text = json_text(item.json) if params.show_items else ""
            line = " ".join(part for part in (params.message, text) if part)
            run.log(params.level, line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}...", index)
        if len(run.items) > most:
            run.log(run.params.level, f"{len(run.items) - most} more items are not shown.")
        return [run.items]
