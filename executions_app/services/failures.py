"""Tell people of runs that failed while nobody was looking."""

import re
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Notification, User
from accounts.services.notifications import notify
from executions_app.models import Execution

KIND = "run.failed"
UNWATCHED = ("webhook", "schedule", "form", "error")
FAILED = ("error", "crashed")
LOOKED_BACK = timedelta(minutes=5)
ID = re.compile(r"[0-9a-f-]{36}$")


def tell_owners() -> int:
    """One notification a workflow whose newest failure of the last minutes its maker has not been told of, and none
    while an earlier one of that workflow is unread. Returns how many; calling it again adds none."""
    failures = (
        Execution.objects.filter(finished_at__gte=timezone.now() - LOOKED_BACK, status__in=FAILED)
        .filter(mode__in=UNWATCHED, parent=None, workflow__created_by__is_active=True)
        .select_related("workflow__created_by")
        .order_by("workflow_id", "-finished_at")
        .distinct("workflow_id")
    )
    return sum(_tell(execution) for execution in failures)


def _tell(execution: Execution) -> bool:
    user = execution.workflow.created_by
    if user is None or execution.workflow_id in _told(user, execution):
        return False
    with transaction.atomic():
        text = execution.error_text or "The worker ended three times while it ran."
        title = f"{execution.workflow.name[:180]} failed"
        notify(user, kind=KIND, title=title, text=text[:500], url=f"/executions/{execution.pk}")
    return True


def _told(user: User, execution: Execution) -> set[UUID]:
    """Workflows with an unread notification of theirs, or with one younger than this failure."""
    rows = Notification.objects.filter(user=user, kind=KIND)
    known = rows.filter(read_at=None) | rows.filter(created_at__gte=execution.finished_at)
    ids = [found[0] for url in known.values_list("url", flat=True) if (found := ID.search(url))]
    return set(Execution.objects.filter(pk__in=ids).values_list("workflow_id", flat=True))
