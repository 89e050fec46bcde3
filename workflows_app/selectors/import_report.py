"""The report on an import as its page shows it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from workflows_app.credential_types import label_of
from workflows_app.models import ImportBatch


@dataclass(frozen=True)
class ImportRow:
    place: int
    name: str
    state: str
    report: dict[str, Any]
    workflow_id: UUID | None

    @property
    def title(self) -> str:
        return self.report.get("title") or self.name

    @property
    def asks_for(self) -> list[str]:
        """Credentials by the name people know them by."""
        return [label_of(kind) for kind in self.report.get("credentials") or []]

    @property
    def kind(self) -> str:
        """The group of the report it belongs to, by what it needs next."""
        counts = self.report.get("counts") or {}
        if self.state == "refused":
            return "refused"
        if self.report.get("secrets"):
            return "secret"
        if counts.get("placeholder") or counts.get("off"):
            return "blocked"
        return "swap" if counts.get("swap") else "now"

    @property
    def is_ready(self) -> bool:
        """It can be stored as it stands."""
        return self.state == "checked" and not self.report.get("secrets")


@dataclass(frozen=True)
class BatchFacts:
    """`done` of `total` have been through the present stage; `ready` can be stored, the others say what they need."""

    total: int
    done: int
    ready: int
    stored: int
    refused: int
    repairable: int
    cuttable: int
    swappable: int
    secret: int

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 100


@dataclass(frozen=True)
class Group:
    """Rows that need the same thing next, as a filter of the report."""

    kind: str
    label: str
    count: int
    is_chosen: bool


def groups_of(rows: list[ImportRow], chosen: str) -> list[Group]:
    """In the order of how near they are to a run; none where all rows are of one kind."""
    labels = {
        "now": _("run now"),
        "swap": _("run after swaps"),
        "blocked": _("need a node that is not here"),
        "secret": _("hold secrets"),
        "refused": _("cannot be read as they are"),
    }
    counts = Counter(row.kind for row in rows if row.state != "waiting")
    found = [Group(kind, label, counts[kind], kind == chosen) for kind, label in labels.items() if counts[kind]]
    return found if len(found) > 1 else []


def rows_of(batch: ImportBatch) -> list[ImportRow]:
    values = batch.entries.order_by("place").values("place", "name", "state", "report", "workflow_id")
    return [ImportRow(**row) for row in values]


def batch_facts(batch: ImportBatch, rows: list[ImportRow]) -> BatchFacts:
    chosen = batch.entries.filter(is_chosen=True, state="checked").count() if batch.stage == "storing" else 0
    waiting = sum(row.state == "waiting" for row in rows)
    judged = [row.report for row in rows if row.state in ("checked", "refused") and row.workflow_id is None]
    return BatchFacts(
        total=len(rows),
        done=len(rows) - (chosen if batch.stage == "storing" else waiting),
        ready=sum(row.is_ready for row in rows),
        stored=sum(row.state == "stored" for row in rows),
        refused=sum(row.state == "refused" for row in rows),
        repairable=sum(bool(report.get("can_repair")) for report in judged),
        cuttable=sum(bool(report.get("can_cut")) for report in judged),
        swappable=sum(bool(report.get("counts", {}).get("swap")) for report in judged),
        secret=sum(bool(report.get("secrets")) for report in judged),
    )
