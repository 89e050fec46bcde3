"""Interval: start again and again with the same time between."""

from typing import Literal

from pydantic import Field

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import Whole


class IntervalParams(Params):
    interval: Whole = Field(1, ge=1, title="Every", description="How many units lie between two starts.")
    unit: Literal["seconds", "minutes", "hours"] = Field(
        "seconds",
        title="Unit",
        description="Seconds, minutes or hours.",
        json_schema_extra=ui(labels=["Seconds", "Minutes", "Hours"]),
    )


@register
class Interval(NodeType[IntervalParams]):
    """Start the workflow again and again (older workflows). Puts out one empty item."""

    name = "n8n-nodes-base.interval"
    label = "Interval"
    group = "trigger"
    icon = "n-schedule"
    silhouette = "trigger"
    inputs = ()
    trigger = True
    Params = IntervalParams

    def execute(self, run: NodeRun[IntervalParams]) -> Outputs:
        return [run.items or [Item(json={})]]
