"""A word to whoever asked for a job, when it is done."""

from collections.abc import Callable

from django.db import transaction

from accounts.models import Notification, User
from accounts.services.notifications import notify
from executions_app.job_kinds import JobRun
from workflows_app.engine.items import JsonObject

KIND = "job.done"


def with_word(run: JobRun, work: Callable[[JobRun], JsonObject]) -> JsonObject:
    """Do it, then tell its asker, once; by mail too where that was asked for."""
    done = work(run)
    url = f"/jobs/{run.job_id}"
    user = User.objects.filter(pk=run.started_by_id, is_active=True).first()
    if user is None or Notification.objects.filter(user=user, kind=KIND, url=url).exists():
        return done
    with transaction.atomic():
        row = notify(
            user, kind=KIND, title=f"{done['name']} is ready", text="It can be downloaded for a week.", url=url
        )
        if run.arguments.get("mail") and "email" not in row.send_on:
            row.send_on = [*row.send_on, "email"]
            row.save(update_fields=["send_on"])
    return done
