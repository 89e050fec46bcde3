"""The queue as a whole: how much is waiting, and for how long. For administrators and metrics, never for a team."""

from dataclasses import dataclass

from django.db.models import Count, Min, Sum
from django.utils import timezone

from executions_app.models import DailyAnalytics, Execution

UNFINISHED = ("queued", "running", "waiting")
ENDED = ("success", "error", "canceled")


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """`counts` by status, all three always there; `oldest_queued_s` is None where nothing is queued."""

    counts: dict[str, int]
    oldest_queued_s: float | None


def queue_figures() -> QueueFigures:
    found = dict(Execution.objects.filter(status__in=UNFINISHED).values_list("status").annotate(Count("id")).order_by())
    oldest = Execution.objects.filter(status="queued").aggregate(at=Min("created_at"))["at"]
    age = (timezone.now() - oldest).total_seconds() if oldest else None
    return QueueFigures({status: found.get(status, 0) for status in UNFINISHED}, age)


def counted_days() -> dict[str, int]:
    """Ended executions by status, summed over the daily figures: rows are pruned, days stay."""
    totals = DailyAnalytics.objects.aggregate(**{name: Sum(name) for name in ENDED})
    return {name: totals[name] or 0 for name in ENDED}
