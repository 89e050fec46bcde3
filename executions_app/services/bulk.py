"""The same for many runs at once, each judged by itself, with a summary and a way back where there is one."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least
from django.utils import timezone

from accounts.models import Team, User
from accounts.services import audit
from executions_app.models import Execution
from executions_app.services.control import cancel, retry
from executions_app.services.partial import retry_from_failed
from executions_app.services.start import SAMPLE_KEPT, SHORT_LIVED
from workflows_app.engine.errors import UserError

MOST = 200
KEPT = timedelta(hours=1)
Action = Literal["retry", "retryFailed", "cancel", "delete", "restore"]
ACTIONS: tuple[Action, ...] = ("retry", "retryFailed", "cancel", "delete", "restore")


@dataclass(frozen=True, slots=True)
class Refused:
    """A run that stayed as it was, and why."""

    id: UUID
    code: str
    message: str


@dataclass(slots=True)
class Outcome:
    """`done` are runs the action was carried out on, `started` new ones. `undo` is the action that takes it back, on
    `undo_ids`; empty where nothing does."""

    action: Action
    done: list[UUID] = field(default_factory=list)
    started: list[UUID] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def undo(self) -> str:
        ways = {"retry": "cancel", "retryFailed": "cancel", "delete": "restore", "restore": "delete"}
        return ways.get(self.action, "") if self.undo_ids else ""

    @property
    def undo_ids(self) -> list[UUID]:
        return self.started if self.action in ("retry", "retryFailed") else self.done if self.action != "cancel" else []

    def refuse(self, execution_id: UUID, code: str, message: str) -> None:
        self.refused.append(Refused(execution_id, code, message))


def act(action: Action, ids: Collection[UUID], *, by: User, draft: bool = False) -> Outcome:
    """Do it to those of `ids` that `by` may run; the others are refused as unknown. `draft`: retries run the workflow
    as it is now. Raises UserError for more than `MOST`."""
    if len(ids) > MOST:
        raise UserError(f"At most {MOST} runs at once.", code="too_many_runs", hint="Do it in several steps.")
    outcome = Outcome(action)
    rows = {row.pk: row for row in reachable(action, by).filter(pk__in=ids)}
    for execution_id in dict.fromkeys(ids):
        if execution_id not in rows:
            outcome.refuse(execution_id, "not_found", "There is no such run.")
    found = [rows[execution_id] for execution_id in dict.fromkeys(ids) if execution_id in rows]
    DEEDS[action](outcome, found, by, draft)
    return outcome


def reachable(action: Action, by: User) -> QuerySet[Execution]:
    rows = Execution.objects.restorable_by(by) if action == "restore" else Execution.objects.runnable_by(by)
    return rows.select_related("workflow", "version", "team").order_by("created_at", "id")


def retry_all(outcome: Outcome, rows: Sequence[Execution], by: User, draft: bool) -> None:
    again = retry_from_failed if outcome.action == "retryFailed" else retry
    for execution in rows:
        if not execution.is_finished:
            outcome.refuse(execution.pk, "not_over", "It is not over yet.")
            continue
        try:
            outcome.started.append(again(execution, by=by, draft=draft).pk)
        except UserError as error:
            outcome.refuse(execution.pk, error.instance_code, error.message)
        else:
            outcome.done.append(execution.pk)


def cancel_all(outcome: Outcome, rows: Sequence[Execution], by: User, draft: bool) -> None:  # noqa: ARG001
    for execution in rows:
        if execution.is_finished:
            outcome.refuse(execution.pk, "over", "It is over already.")
            continue
        cancel(execution, by=by)
        outcome.done.append(execution.pk)


def delete_all(outcome: Outcome, rows: Sequence[Execution], by: User, draft: bool) -> None:  # noqa: ARG001
    """Hidden at once, with the runs it called; pruned after `KEPT`."""
    for execution in rows:
        if execution.parent_id:
            outcome.refuse(execution.pk, "called_run", "It belongs to the run that called it.")
        elif not execution.is_finished:
            outcome.refuse(execution.pk, "not_over", "It is not over yet. Cancel it first.")
        else:
            outcome.done.append(execution.pk)
    now = timezone.now()
    family = Execution.objects.filter(Q(pk__in=outcome.done) | Q(root_id__in=outcome.done), deleted_at=None)
    family.update(deleted_at=now, expires_at=Least("expires_at", now + KEPT))
    tell("execution.delete", outcome.done, rows, by)


def restore_all(outcome: Outcome, rows: Sequence[Execution], by: User, draft: bool) -> None:  # noqa: ARG001
    outcome.done.extend(execution.pk for execution in rows)
    family = Execution.objects.filter(Q(pk__in=outcome.done) | Q(root_id__in=outcome.done))
    family.filter(mode__in=SHORT_LIVED).update(deleted_at=None, expires_at=F("created_at") + SAMPLE_KEPT)
    family.exclude(mode__in=SHORT_LIVED).update(deleted_at=None, expires_at=None)
    tell("execution.restore", outcome.done, rows, by)


def tell(action: str, ids: Sequence[UUID], rows: Sequence[Execution], by: User) -> None:
    """One entry of the audit trail for each team."""
    teams: dict[UUID, Team] = {row.team_id: row.team for row in rows if row.pk in set(ids)}
    for team_id, team in teams.items():
        mine = [str(row.pk) for row in rows if row.team_id == team_id and row.pk in set(ids)]
        audit.record(action, actor=by, team=team, executions=mine)


DEEDS: dict[Action, Callable[[Outcome, Sequence[Execution], User, bool], None]] = {
    "retry": retry_all,
    "retryFailed": retry_all,
    "cancel": cancel_all,
    "delete": delete_all,
    "restore": restore_all,
}
