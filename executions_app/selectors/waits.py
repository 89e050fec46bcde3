"""What a run waits for, and what a person may do about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from executions_app.models import Execution, NodeRun
from executions_app.resume_links import resume_link
from executions_app.selectors.edit_items import editable_items

WORDS = {
    "time": _("It goes on by itself."),
    "webhook": _("It goes on when its link is called."),
    "form": _("It goes on when somebody sends its form."),
    "approval": _("It goes on when somebody has decided."),
    "workflow": _("It goes on when the workflow it called does."),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """`until`: the moment it goes on by itself, or is given up. `link` ends the wait, for who may run it. `called` are
    runs it waits for. With `is_unknown` a person has to say what became of a call; `items` went into it, as text, and
    `begun_at` is when it was made."""

    reason: str
    words: Any
    node: str
    until: datetime | None
    is_unknown: bool
    begun_at: datetime | None
    items: str
    link: str
    called: list[Any]


def waiting_of(execution: Execution) -> Waiting | None:
    """None unless the run waits."""
    if execution.status != "waiting":
        return None
    is_unknown = execution.reason == "outcome_unknown"
    turn = turn_of(execution)
    return Waiting(
        reason=execution.reason,
        words=WORDS.get(execution.reason, ""),
        node=execution.resume_node,
        until=execution.resume_at,
        is_unknown=is_unknown,
        begun_at=turn.started_at if turn and is_unknown else None,
        items=editable_items(execution, node=execution.resume_node, turn=execution.resume_run or 0)
        if is_unknown
        else "",
        link=link_of(execution),
        called=list(Execution.objects.filter(parent=execution, status="waiting").values_list("pk", flat=True)[:5]),
    )


def link_of(execution: Execution) -> str:
    """The address whose call ends the wait; empty where something else does."""
    if execution.reason != "webhook":
        return ""
    return resume_link(execution.pk, execution.resume_node, execution.resume_run or 0)


def turn_of(execution: Execution) -> NodeRun | None:
    rows = NodeRun.objects.filter(execution=execution, node=execution.resume_node)
    return rows.filter(run_index=execution.resume_run or 0).defer("output", "context").first()


def undecided(user: Any) -> int:
    """How many runs of the user's teams wait for somebody to say what became of a call; counted up to a hundred."""
    rows = Execution.objects.visible_to(user).filter(status="waiting", reason="outcome_unknown")
    return rows.values("pk").order_by()[:100].count()
