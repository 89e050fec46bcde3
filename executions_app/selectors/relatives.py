"""Runs that belong to a run: what it was made of, what was made of it, who called it, whom it called."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from executions_app.models import Execution

MOST = 20


@dataclass(frozen=True, slots=True)
class Relative:
    """`words` say what it is to the run, such as `Forked at Fetch`."""

    id: UUID
    words: str
    status: str
    workflow_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Relatives:
    made_of: Relative | None
    called_by: Relative | None
    made_from_it: list[Relative]
    called: list[Relative]

    @property
    def is_empty(self) -> bool:
        return not (self.made_of or self.called_by or self.made_from_it or self.called)


def relatives(execution: Execution) -> Relatives:
    base = light(Execution.objects.kept().filter(pk=execution.retry_of_id)).first() if execution.retry_of_id else None
    caller = light(Execution.objects.kept().filter(pk=execution.parent_id)).first() if execution.parent_id else None
    after = light(Execution.objects.kept().filter(retry_of=execution))[:MOST]
    called = light(Execution.objects.kept().filter(parent=execution))[:MOST]
    return Relatives(
        made_of=relative(base, made_words(execution)) if base else None,
        called_by=relative(caller, _("Called by")) if caller else None,
        made_from_it=[relative(row, made_words(row)) for row in after],
        called=[relative(row, _("Called")) for row in called],
    )


def light(rows: QuerySet[Execution]) -> QuerySet[Execution]:
    columns = ("id", "status", "created_at", "fork", "retry_of_id", "workflow__name")
    return rows.select_related("workflow").only(*columns).order_by("-created_at", "-id")


def relative(row: Execution, words: str) -> Relative:
    return Relative(row.pk, words, row.status, row.workflow.name, row.created_at)


def made_words(execution: Execution) -> str:
    """How a run was made of another one."""
    fork: dict[str, Any] = execution.fork or {}
    words = {
        "fork": _("Forked at %(node)s"),
        "retry": _("Retried from %(node)s"),
        "to": _("Run up to %(node)s"),
        "only": _("Run of %(node)s alone"),
    }
    template = words.get(str(fork.get("kind")))
    return template % {"node": fork.get("node")} if template else _("Run again")
