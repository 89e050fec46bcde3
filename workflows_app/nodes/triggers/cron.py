"""Cron: the schedule of older workflows."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import AsGroup, AsList, Text, Whole


class CronTime(Params):
    mode: Literal["everyMinute", "everyHour", "everyDay", "everyWeek", "everyMonth", "everyX", "custom"] = Field(
        "everyDay",
        title="Every",
        description="How often the workflow starts.",
        json_schema_extra=ui(labels=["Minute", "Hour", "Day", "Week", "Month", "So many units", "Cron expression"]),
    )
    hour: Whole = Field(14, ge=0, le=23, title="Hour", description="Hour of the day.")
    minute: Whole = Field(0, ge=0, le=59, title="Minute", description="Minute of the hour.")
    day_of_month: Whole = Field(1, ge=1, le=31, title="Day", description="Day of the month.")
    weekday: Any = Field("1", title="Weekday", description="Day of the week, 0 is Sunday.")
    cron_expression: Text = Field("", title="Cron expression", description="Six fields, seconds first.")
    value: Whole = Field(2, ge=1, title="Units", description="How many units lie between two starts.")
    unit: Literal["minutes", "hours"] = Field(
        "hours", title="Unit", description="Minutes or hours.", json_schema_extra=ui(labels=["Minutes", "Hours"])
    )


class CronTimes(Params):
    item: Annotated[list[CronTime], AsList] = Field(
        default_factory=list, title="Times", description="One rule per row."
    )


class CronParams(Params):
    trigger_times: Annotated[CronTimes, AsGroup] = Field(
        default_factory=lambda: CronTimes.model_validate({}),
        title="When",
        description="The times the workflow starts at.",
    )


@register
class Cron(NodeType[CronParams]):
    """Start the workflow at set times (older workflows). Puts out one empty item."""

    name = "n8n-nodes-base.cron"
    label = "Cron"
    group = "trigger"
    icon = "n-schedule"
    silhouette = "trigger"
    inputs = ()
    trigger = True
    Params = CronParams

    def execute(self, run: NodeRun[CronParams]) -> Outputs:
        return [run.items or [Item(json={})]]
