"""What follows a failure: the error workflow, alerts, and a word to the workflow's maker if nobody was looking."""

import re
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import Notification, User
from accounts.services.notifications import notify
from executions_app.models import Execution, Failure
from executions_app.services import error_workflows, incidents

KIND = "run.failed"
UNWATCHED = ("webhook", "schedule", "form", "trigger", "chat", "error")
MOST_AT_ONCE = 500
KEPT = timedelta(days=1)
"""What could not be looked after for so long is given up, with an error in the log."""
ID = re.compile(r"[0-9a-f-]{36}$")

log = structlog.get_logger(__name__)


def look_after() -> int:
    """Start the error workflow of each failure and count it for the alerts, in one commit with forgetting it. How many.
    One that cannot be looked after holds up nobody, and is tried again the next time."""
    passed: list[UUID] = []
    for done in range(MOST_AT_ONCE):
        with transaction.atomic():
            rows = Failure.objects.select_for_update(skip_locked=True, of=("self",)).select_related("workflow")
            failure = rows.exclude(pk__in=passed).order_by("at").first()
            if failure is None:
                return done - len(passed)
            if not follow(failure):
                passed.append(failure.pk)
                continue
            failure.delete()
    return MOST_AT_ONCE - len(passed)


def follow(failure: Failure) -> bool:
    """False: it failed itself, and left no trace."""
    execution = (
        Execution.objects.select_related("workflow__created_by").filter(pk=failure.execution_id).first()
        if failure.execution_id
        else None
    )
    if failure.workflow.deleted_at is not None or (failure.execution_id and execution is None):
        return True
    try:
        with transaction.atomic():
            error_workflows.start(failure, execution)
            incidents.failed(failure, execution)
            if execution is not None:
                tell_maker(execution)
    except Exception:
        log.exception("failure_not_looked_after", failure=str(failure.pk), workflow=str(failure.workflow_id))
        return failure.at < timezone.now() - KEPT
    return True


def tell_maker(execution: Execution) -> bool:
    """A notification for the workflow's maker, and none while an earlier one of that workflow is unread."""
    user = execution.workflow.created_by
    if user is None or not user.is_active or execution.mode not in UNWATCHED:
        return False
    if execution.workflow_id in _told(user, execution):
        return False
    title = f"{execution.workflow.name[:180]} failed"
    notify(user, kind=KIND, title=title, text=execution.why_it_failed[:500], url=f"/executions/{execution.pk}")
    return True


def _told(user: User, execution: Execution) -> set[UUID]:
    """Workflows with an unread notification of theirs, or with one younger than this failure."""
    rows = Notification.objects.filter(user=user, kind=KIND)
    known = rows.filter(read_at=None) | rows.filter(created_at__gte=execution.finished_at)
    ids = [found[0] for url in known.values_list("url", flat=True) if (found := ID.search(url))]
    return set(Execution.objects.filter(pk__in=ids).values_list("workflow_id", flat=True))
