"""The audit trail of a team, as its owners may look through it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import StrIndex, Substr

from accounts.models import AuditEntry

FAILED = Q(action__endswith=".failed") | ~Q(result="ok")
"""A sign-in that failed was recorded without trouble, which is not what one looks for here."""
RESULTS = ("ok", "failed")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """`who`: part of an address or name. `what`: the noun of actions, such as `workflow`, or a whole action. `since` is
    in it, `until` is not. `before`: only entries with a smaller number."""

    who: str = ""
    what: str = ""
    result: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """`older` is the value of `before` that leads to the next page; None on the last."""

    entries: list[AuditEntry]
    older: int | None


def page_of_entries(team_id: UUID, wanted: AuditFilter, *, limit: int) -> EntryPage:
    """Newest first, each with its actor; who may look is asked before."""
    found = list(_entries_of(team_id, wanted)[: limit + 1])
    shown = found[:limit]
    return EntryPage(shown, shown[-1].number if len(found) > limit else None)


def _entries_of(team_id: UUID, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.filter(team_id=team_id).select_related("actor")
    if wanted.who:
        rows = rows.filter(Q(actor__email__icontains=wanted.who) | Q(actor__name__icontains=wanted.who))
    if wanted.what:
        rows = rows.filter(Q(action=wanted.what) | Q(action__startswith=f"{wanted.what}."))
    if wanted.result:
        rows = rows.filter(FAILED) if wanted.result == "failed" else rows.exclude(FAILED)
    limits: dict[str, Any] = {"at__gte": wanted.since, "at__lt": wanted.until, "number__lt": wanted.before}
    found: QuerySet[AuditEntry] = rows.filter(**{name: value for name, value in limits.items() if value is not None})
    return found.order_by("-number")


def nouns_of(team_id: UUID) -> list[str]:
    """What the team's actions are about."""
    rows = AuditEntry.objects.filter(team_id=team_id).order_by()
    noun = Substr("action", 1, StrIndex("action", Value(".")) - 1)
    return sorted(rows.annotate(noun=noun).values_list("noun", flat=True).distinct())
