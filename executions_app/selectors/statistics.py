"""Figures about a workflow's executions, read from its daily rows."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from executions_app.models import DailyAnalytics, Execution
from workflows_app.models import Workflow

MOST_DAYS = 365


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    executions: int
    success: int
    error: int
    canceled: int
    average_duration_ms: float | None
    p95_duration_ms: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Over the days asked for; `running` counts what is not over now."""

    days: list[Day]
    executions: int
    success: int
    error: int
    canceled: int
    running: int
    success_rate: float | None
    average_duration_ms: float | None
    p95_duration_ms: float | None
    last_execution: Execution | None


def statistics_of(workflow: Workflow, *, days: int = 30) -> Statistics:
    first = timezone.now().date() - timedelta(days=days - 1)
    rows = list(DailyAnalytics.objects.filter(workflow=workflow, day__gte=first).order_by("day"))
    sums = {name: sum(getattr(row, name) for row in rows) for name in ("executions", "success", "error", "canceled")}
    ended = sums["success"] + sums["error"]
    buckets = merged([row.buckets for row in rows])
    newest = Execution.objects.kept().filter(workflow=workflow).order_by("-created_at", "-id")
    return Statistics(
        days=[day_of(row) for row in rows],
        **sums,
        running=Execution.objects.filter(workflow=workflow, status__in=("queued", "running", "waiting")).count(),
        success_rate=round(sums["success"] / ended, 4) if ended else None,
        average_duration_ms=average(sum(row.duration_ms for row in rows), sums["executions"]),
        p95_duration_ms=percentile(buckets, 0.95),
        last_execution=newest.only("id", "status", "created_at", "finished_at").first(),
    )


def day_of(row: DailyAnalytics) -> Day:
    return Day(
        day=row.day,
        executions=row.executions,
        success=row.success,
        error=row.error,
        canceled=row.canceled,
        average_duration_ms=average(row.duration_ms, row.executions),
        p95_duration_ms=percentile(row.buckets, 0.95),
    )


def average(total: float, count: int) -> float | None:
    return round(total / count, 3) if count else None


def merged(parts: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in parts:
        for bucket, count in part.items():
            counts[bucket] = counts.get(bucket, 0) + int(count)
    return counts


def percentile(buckets: dict[str, Any], share: float) -> float | None:
    """The upper end, in ms, of the bucket that share of the durations lies below."""
    counts = sorted((int(bucket), int(count)) for bucket, count in buckets.items())
    left = share * sum(count for _, count in counts)
    for bucket, count in counts:
        left -= count
        if left <= 0:
            return float(2 ** (bucket + 1))
    return None
