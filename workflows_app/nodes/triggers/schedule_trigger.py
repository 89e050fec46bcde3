"""Schedule Trigger: start at set times. The schedule itself is kept elsewhere; this node puts out its tick."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe_steps
from workflows_app.toolkit.clock import local_now
from workflows_app.toolkit.fields import AsGroup, AsList, Text, Whole
from workflows_app.toolkit.schedules import tick_item


class ScheduleRule(Params):
    field: Literal["seconds", "minutes", "hours", "days", "weeks", "months", "cronExpression"] = Field(
        "days",
        title="Every",
        description="The unit the workflow starts by, or a cron expression.",
        json_schema_extra=ui(labels=["Seconds", "Minutes", "Hours", "Days", "Weeks", "Months", "Cron expression"]),
    )
    seconds_interval: Whole = Field(30, ge=1, title="Seconds between", description="Seconds between two starts.")
    minutes_interval: Whole = Field(5, ge=1, title="Minutes between", description="Minutes between two starts.")
    hours_interval: Whole = Field(1, ge=1, title="Hours between", description="Hours between two starts.")
    days_interval: Whole = Field(1, ge=1, title="Days between", description="Days between two starts.")
    weeks_interval: Whole = Field(1, ge=1, title="Weeks between", description="Weeks between two starts.")
    months_interval: Whole = Field(1, ge=1, title="Months between", description="Months between two starts.")
    trigger_at_day: Annotated[list[Any], AsList] = Field(
        default_factory=lambda: [0], title="On weekdays", description="Days of the week, 0 is Sunday."
    )
    trigger_at_day_of_month: Whole = Field(1, ge=1, le=31, title="On day", description="Day of the month.")
    trigger_at_hour: Whole = Field(0, ge=0, le=23, title="At hour", description="Hour of the day.")
    trigger_at_minute: Whole = Field(0, ge=0, le=59, title="At minute", description="Minute of the hour.")
    expression: Text = Field(
        "",
        title="Cron expression",
        description="Minute, hour, day of month, month, weekday; seconds may come first. Or words, which n8n does "
        "not read: every weekday at 8.",
    )


class ScheduleRules(Params):
    interval: Annotated[list[ScheduleRule], AsList] = Field(
        default_factory=lambda: [ScheduleRule.model_validate({})], title="Rules", description="One rule per row."
    )


class ScheduleTriggerParams(Params):
    rule: Annotated[ScheduleRules, AsGroup] = Field(
        default_factory=lambda: ScheduleRules.model_validate({}),
        title="When",
        description="The times the workflow starts at.",
        json_schema_extra=ui(widget="schedule"),
    )


@register
class ScheduleTrigger(NodeType[ScheduleTriggerParams]):
    """Start the workflow at set times. The item holds the date and time."""

    name = "n8n-nodes-base.scheduleTrigger"
    label = "Schedule"
    group = "trigger"
    icon = "n-schedule"
    silhouette = "trigger"
    versions = (1, 1.1, 1.2, 1.3)
    inputs = ()
    trigger = True
    Params = ScheduleTriggerParams

    def describe(self, node: Node) -> str:
        return describe_steps.schedule(node)

    def execute(self, run: NodeRun[ScheduleTriggerParams]) -> Outputs:
        """Run by hand it ticks now, unless it was started with items."""
        if any(item.json for item in run.items):
            return [run.items]
        return [[Item(json=tick_item(local_now(run), run.timezone))]]
