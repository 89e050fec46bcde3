"""Wait: go on after a while, at a moment, or when someone calls."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, Pause
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe_steps
from workflows_app.toolkit.clock import MAX_WAIT_S, later, wait_until, zone
from workflows_app.toolkit.compare import is_nan, to_number, to_text
from workflows_app.toolkit.dates import parse_date
from workflows_app.toolkit.fields import AsGroup, Flag, Text
from workflows_app.toolkit.form_fields import FormFields
from workflows_app.toolkit.form_pages import page_of
from workflows_app.toolkit.schedules import SECONDS

Unit = Literal["", "seconds", "minutes", "hours", "days", "weeks", "months"]
CALLED = ("webhook", "form")


class WaitOptions(Params):
    webhook_suffix: Text = Field("", title="Address ending", description="Text at the end of the resume address.")
    ignore_bots: Flag = Field(False, title="Ignore bots", description="Do not go on for link previews and crawlers.")
    response_property_name: Text = Field("", title="Answer field", description="Answer with this field only.")


class WaitParams(Params):
    resume: Literal["timeInterval", "specificTime", "webhook", "form"] = Field(
        "timeInterval",
        title="Go on",
        description="After a while, at a moment, when an address is called, or when a form is sent.",
        json_schema_extra=ui(labels=["After a while", "At a moment", "On a call", "On a form"]),
    )
    amount: Any = Field(
        None,
        title="How long",
        description="Number of units to wait; empty is the default of the node's version.",
        json_schema_extra=ui(visible_when={"resume": ["timeInterval"]}),
    )
    unit: Unit = Field(
        "",
        title="Unit",
        description="Unit of the wait; empty is the default of the node's version.",
        json_schema_extra=ui(visible_when={"resume": ["timeInterval"]}),
    )
    date_time: Any = Field(
        None,
        title="Moment",
        description="Date and time to go on at.",
        json_schema_extra=ui(visible_when={"resume": ["specificTime"]}),
    )
    limit_wait_time: Flag = Field(False, title="Limit the wait", description="Go on even if nobody calls.")
    limit_type: Literal["afterTimeInterval", "atSpecifiedTime"] = Field(
        "afterTimeInterval",
        title="Limit",
        description="A length of time or a moment.",
        json_schema_extra=ui(labels=["After a while", "At a moment"], visible_when={"limitWaitTime": [True]}),
    )
    resume_amount: Any = Field(1, title="At most", description="Number of units to wait at most.")
    resume_unit: Unit = Field("hours", title="Unit of the limit", description="Unit of the longest wait.")
    max_date_and_time: Any = Field(None, title="At the latest", description="Moment to go on at the latest.")
    http_method: Text = Field("GET", title="Method", description="HTTP method of the call.")
    response_mode: Text = Field("onReceived", title="Answer", description="When the caller is answered.")
    form_title: Text = Field("", title="Form title", description="Heading of the form.")
    form_description: Text = Field("", title="Form text", description="Text below the heading.")
    form_fields: Any = Field(None, title="Form fields", description="The fields of the form.")
    options: Annotated[WaitOptions, AsGroup] = Field(
        default_factory=lambda: WaitOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Wait(NodeType[WaitParams]):
    """Hold the run for a while, until a moment, or until someone calls."""

    name = "n8n-nodes-base.wait"
    label = "Wait"
    group = "flow"
    icon = "n-wait"
    silhouette = "choice"
    versions = (1, 1.1)
    Params = WaitParams

    def describe(self, node: Node) -> str:
        return describe_steps.wait(node)

    def execute(self, run: NodeRun[WaitParams]) -> Outputs | Pause:
        params = run.params
        if params.resume in CALLED:
            return self.wait_for_call(run, params)
        moment = (
            moment_of(run, params.date_time)
            if params.resume == "specificTime"
            else later(run, length_s(*interval(params, run.node.type_version)))
        )
        return wait_until(run, moment) or [run.items]

    def wait_for_call(self, run: NodeRun[WaitParams], params: WaitParams) -> Outputs | Pause:
        """The caller's data go on; where the limit was reached first, the items that came in."""
        if run.is_resumed:
            return [run.items if run.resumed_with is None else run.resumed_with]
        until = latest(run, params) if params.limit_wait_time else None
        if params.resume != "form":
            return Pause("webhook", until)
        fields = FormFields.model_validate(params.form_fields if isinstance(params.form_fields, dict) else {})
        return Pause("form", until, page_of(params.form_title, params.form_description, "", fields))


def interval(params: WaitParams, version: float) -> tuple[Any, str]:
    """Amount and unit, with the defaults of that version: an hour, later five seconds."""
    amount, unit = (1, "hours") if version < 1.1 else (5, "seconds")
    return amount if params.amount in (None, "") else params.amount, params.unit or unit


def length_s(amount: Any, unit: str) -> float:
    number = to_number(amount)
    if is_nan(number) or number < 0:
        raise ParameterError(f"'{to_text(amount)[:40]}' is not a length of time.", hint="Enter a number from 0 up.")
    seconds = number * (30 * 86_400 if unit == "months" else SECONDS.get(unit, 1))
    if seconds > MAX_WAIT_S:
        raise ParameterError("This wait is longer than a year.", hint="Use a schedule for waits as long as that.")
    return float(seconds)


def latest(run: NodeRun[WaitParams], params: WaitParams) -> datetime:
    if params.limit_type == "atSpecifiedTime":
        return moment_of(run, params.max_date_and_time)
    return later(run, length_s(params.resume_amount, params.resume_unit or "hours"))


def moment_of(run: NodeRun[WaitParams], value: Any) -> datetime:
    moment = parse_date(value, zone(run))
    if moment is None:
        raise ParameterError(
            f"'{to_text(value)[:40]}' is not a date.", hint="Use ISO 8601, such as 2026-03-01T09:30:00Z."
        )
    return moment
