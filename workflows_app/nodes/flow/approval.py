"""Approval: hold the run until somebody has approved or declined."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from pydantic import Field

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, Pause
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.approvals import answer_of, approval_page
from workflows_app.toolkit.clock import MAX_WAIT_S, later
from workflows_app.toolkit.fields import Flag, Text, Whole
from workflows_app.toolkit.schedules import SECONDS

LIMITED = {"limitWaitTime": [True]}


class ApprovalParams(Params):
    title: Text = Field("Your approval", title="Title", description="Heading of the page that asks.")
    message: Text = Field("", title="Question", description="What is to be approved.", json_schema_extra=ui(rows=4))
    approve_label: Text = Field("Approve", title="To approve", description="Text on the button that approves.")
    decline_label: Text = Field("Decline", title="To decline", description="Text on the button that declines.")
    limit_wait_time: Flag = Field(
        False, title="Limit the wait", description="Go on as declined if nobody answers in time."
    )
    wait_amount: Whole = Field(
        1, ge=1, title="At most", description="Number of units to wait.", json_schema_extra=ui(visible_when=LIMITED)
    )
    wait_unit: Literal["minutes", "hours", "days"] = Field(
        "days",
        title="Unit",
        description="Unit of the longest wait.",
        json_schema_extra=ui(labels=["Minutes", "Hours", "Days"], visible_when=LIMITED),
    )


@register
class Approval(NodeType[ApprovalParams]):
    """Hold the run until somebody approves or declines, on its page or by the link shown there."""

    name = "pumpflix.approval"
    label = "Approval"
    group = "flow"
    icon = "n-wait"
    silhouette = "choice"
    outputs = ("approved", "declined")
    Params = ApprovalParams

    def execute(self, run: NodeRun[ApprovalParams]) -> Outputs | Pause:
        if not run.is_resumed:
            params = run.params
            page = approval_page(params.title, params.message, params.approve_label, params.decline_label or "Decline")
            return Pause("approval", until(run), page)
        answer = answer_of(run.resumed_with)
        said = {**answer.to_json(), **({"expired": True} if run.resumed_with is None else {})}
        items = [replace(item, json={**item.json, "approval": said}) for item in run.items or [Item(json={})]]
        return [items, []] if answer.approved else [[], items]


def until(run: NodeRun[ApprovalParams]) -> datetime | None:
    params = run.params
    if not params.limit_wait_time:
        return None
    return later(run, min(params.wait_amount * SECONDS[params.wait_unit], MAX_WAIT_S))
