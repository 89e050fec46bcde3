"""What a run asks a person, as its page shows it."""

from dataclasses import dataclass

from executions_app import payload_codec
from executions_app.models import Execution
from executions_app.resume_links import resume_link
from pumpflix.lib.markdown import safe_fragment


@dataclass(frozen=True)
class ApprovalView:
    """`message` is safe HTML; `decline` is empty where approving is the only answer; `link` needs no account."""

    title: str
    message: str
    approve: str
    decline: str
    link: str


def approval_of(execution: Execution) -> ApprovalView | None:
    """None where the run waits for nothing of the kind."""
    if execution.status != "waiting" or execution.reason != "approval":
        return None
    node, turn = execution.resume_node, execution.resume_run or 0
    run = execution.node_runs.filter(node=node, run_index=turn, status="started").first()
    page = (payload_codec.decode(run.context).get("page") if run is not None and run.context else None) or {}
    return ApprovalView(
        title=page.get("title") or "Your approval",
        message=safe_fragment((page.get("message") or "").replace("\n", "<br>")),
        approve=page.get("approve") or "Approve",
        decline=page.get("decline") or "",
        link=resume_link(execution.pk, node, turn),
    )
