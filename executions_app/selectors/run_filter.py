"""What a list of runs is narrowed to, as its address says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from executions_app.database import storable
from executions_app.models import Execution, ExecutionLabel
from executions_app.models.execution import MODES, STATUSES

PERIODS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
KEYS = ("status", "workflow", "mode", "period", "since", "until", "longer", "shorter", "text", "label", "reason")
REASONS = ("time", "webhook", "form", "approval", "outcome_unknown", "workflow")
LONGEST = 200


@dataclass(frozen=True)
class RunFilter:
    """`period` is one of PERIODS, counted from now; `since` and `until` are days or moments; `longer` and `shorter` are
    seconds; `label` is `key=value`, or a key alone; `reason` is what a run waits for."""

    status: str = ""
    workflow: UUID | None = None
    mode: str = ""
    period: str = ""
    since: str = ""
    until: str = ""
    longer: float | None = None
    shorter: float | None = None
    text: str = ""
    label: str = ""
    reason: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "RunFilter":
        """What cannot be read is left out."""
        return cls(
            status=one_of(STATUSES, query.get("status")),
            workflow=uuid_in(query.get("workflow", "")),
            mode=one_of(MODES, query.get("mode")),
            period=one_of(tuple(PERIODS), query.get("period")),
            since=query.get("since", "") if moment(query.get("since", "")) else "",
            until=query.get("until", "") if moment(query.get("until", "")) else "",
            longer=seconds(query.get("longer", "")),
            shorter=seconds(query.get("shorter", "")),
            text=storable(query.get("text", "").strip())[:LONGEST],
            label=storable(query.get("label", "").strip())[:LONGEST],
            reason=one_of(REASONS, query.get("reason")),
        )

    @property
    def query(self) -> dict[str, str]:
        """The part of the address that says it."""
        values = {key: getattr(self, key) for key in KEYS}
        return {key: number_text(value) for key, value in values.items() if value not in ("", None)}

    @property
    def address(self) -> str:
        return urlencode(self.query)

    def of(self, rows: QuerySet[Execution]) -> QuerySet[Execution]:
        """Those of `rows` it lets through."""
        plain = {"status": self.status, "workflow_id": self.workflow, "mode": self.mode, "reason": self.reason}
        rows = rows.filter(**{key: value for key, value in plain.items() if value})
        if self.period:
            rows = rows.filter(created_at__gte=timezone.now() - PERIODS[self.period])
        if since := moment(self.since):
            rows = rows.filter(created_at__gte=since)
        if until := moment(self.until, ends=True):
            rows = rows.filter(created_at__lt=until)
        rows = self.of_duration(rows)
        if self.text:
            rows = rows.filter(error_text__icontains=self.text)
        return rows.filter(labelled(self.label)) if self.label else rows

    def of_duration(self, rows: QuerySet[Execution]) -> QuerySet[Execution]:
        if self.longer is None and self.shorter is None:
            return rows
        rows = rows.annotate(took=ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField()))
        if self.longer is not None:
            rows = rows.filter(took__gte=timedelta(seconds=self.longer))
        return rows if self.shorter is None else rows.filter(took__lte=timedelta(seconds=self.shorter))


def labelled(label: str) -> Exists:
    """The condition that an execution carries the label `key=value`; with a key alone, that it has any value."""
    key, has_value, value = label.partition("=")
    wanted = ExecutionLabel.objects.filter(execution=OuterRef("pk"), team_id=OuterRef("team_id"), key=key.strip())
    return Exists(wanted.filter(value=storable(value.strip())) if has_value else wanted)


def one_of(known: tuple[str, ...], text: str | None) -> str:
    return text if text in known else ""


def uuid_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 10**8 else None


def moment(text: str, *, ends: bool = False) -> datetime | None:
    """A moment, or the begin of a day (its end, for the end of a period)."""
    try:
        day, at = parse_date(text), parse_datetime(text)
        if day is not None and len(text) <= 10:
            at = datetime.combine(day + timedelta(days=1 if ends else 0), datetime.min.time())
    except (ValueError, OverflowError):
        return None
    if at is None:
        return None
    return at if at.tzinfo else timezone.make_aware(at)


def number_text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
