"""Lists of runs and workflows, each row with every fact its page shows. Pages go by key, not by number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.dateparse import parse_datetime

from accounts.selectors.roles import team_ids_of
from executions_app.models import Execution, ExecutionLabel
from executions_app.models.execution import others_private
from executions_app.selectors.run_filter import RunFilter
from executions_app.selectors.run_words import MODE_LABELS, duration_text
from workflows_app.models import Workflow

PAGE_ROWS = 50
RECENT_ROWS = 10
COUNTED = 1_000
EVERY = RunFilter()


@dataclass(frozen=True)
class RunRow:
    id: UUID
    workflow_name: str
    status: str
    mode_label: str
    created_at: datetime
    duration: str
    error_text: str


@dataclass(frozen=True)
class RunPage:
    """`older` is the value of `before` that leads to the next page; empty on the last. `newest` names the first row."""

    rows: list[RunRow]
    older: str
    newest: str = ""


def run_page(user: Any, wanted: RunFilter = EVERY, *, before: str = "") -> RunPage:
    """Newest first, `PAGE_ROWS` at a time, from the row that `before` names on."""
    rows = runs_of(user, wanted)
    if key := _read_key(before):
        at, last = key
        # The first condition is what the index is walked by; the second settles rows of one moment.
        rows = rows.filter(created_at__lte=at).filter(Q(created_at__lt=at) | Q(id__lt=last))
    found = _rows(rows, PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    older = _key_of(shown[-1]) if len(found) > PAGE_ROWS else ""
    return RunPage(shown, older, _key_of(shown[0]) if shown else "")


def runs_of(user: Any, wanted: RunFilter) -> QuerySet[Execution]:
    """Teams are named by value, so that the newest rows of a team are walked in order of an index."""
    mine = team_ids_of(user)
    rows = Execution.objects.kept().filter(~others_private(user), team_id__in=mine, workflow__deleted_at=None)
    return wanted.of(rows)


def count_of(user: Any, wanted: RunFilter) -> int:
    """How many runs there are, counted no further than `COUNTED` + 1."""
    return runs_of(user, wanted).values("pk").order_by()[: COUNTED + 1].count()


def newer_count(user: Any, wanted: RunFilter, *, after: str) -> int:
    """How many runs came after the row that `after` names; counted up to a hundred."""
    rows = runs_of(user, wanted)
    if key := _read_key(after):
        at, first = key
        rows = rows.filter(created_at__gte=at).filter(Q(created_at__gt=at) | Q(id__gt=first))
    return rows.values("pk").order_by()[:100].count()


def _key_of(row: RunRow) -> str:
    return f"{row.created_at.isoformat()}_{row.id}"


def labels_of(execution: Execution) -> dict[str, str]:
    """What the workflow noted beside the run, by key."""
    return dict(ExecutionLabel.objects.filter(execution=execution).order_by("key").values_list("key", "value"))


def recent_runs(workflow: Workflow, *, mode: str = "") -> list[RunRow]:
    """The last ten runs of a workflow, of one mode if given."""
    rows = Execution.objects.kept().filter(workflow=workflow)
    return _rows(rows.filter(mode=mode) if mode else rows, RECENT_ROWS)


def _rows(executions: Any, limit: int) -> list[RunRow]:
    values = executions.order_by("-created_at", "-id").values(
        "id", "status", "mode", "created_at", "started_at", "finished_at", "error_text", name=F("workflow__name")
    )[:limit]
    return [
        RunRow(
            id=row["id"],
            workflow_name=row["name"],
            status=row["status"],
            mode_label=MODE_LABELS.get(row["mode"], row["mode"]),
            created_at=row["created_at"],
            duration=duration_text(row["started_at"], row["finished_at"]),
            error_text=row["error_text"][:300],
        )
        for row in values
    ]


def _read_key(before: str) -> tuple[datetime, UUID] | None:
    at, _, last = before.partition("_")
    try:
        moment = parse_datetime(at)
        return (moment, UUID(last)) if moment and moment.tzinfo else None
    except ValueError:
        return None
