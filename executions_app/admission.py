"""What is asked before a run is stored, so that nothing that was accepted is dropped: is it too many calls for this
hook, has the team too many runs waiting, is the disk nearly full. Size and sign-in were judged before."""

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db import connection

from pumpflix.lib.disk import Disk
from pumpflix.lib.rate_limits import Verdict, limits_at
from workflows_app.errors import Busy

QUEUE_RETRY_S = 5
DISK_RETRY_S = 30

QUEUE_FULL = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM executions_app_execution e
                               WHERE e.team_id = t.id AND e.status = 'queued' LIMIT t.max_queued) q) >= t.max_queued
  FROM accounts_team t WHERE t.id = %s
"""


@cache
def disk() -> Disk:
    return Disk(settings.PUMPFLIX.data_dir, settings.PUMPFLIX.disk_free_percent)


def over_the_limit(webhooks: Sequence[UUID]) -> list[Verdict | None]:
    """Count a call of each; a verdict for those that are too many."""
    limits = limits_at(settings.REDIS_URL)
    return [limits.refusal(settings.PUMPFLIX_LIMITS["webhook"], "webhook", webhook.hex) for webhook in webhooks]


def refuse_when_full(team_id: UUID) -> None:
    """Before a person or a program starts a run. Raises Busy."""
    with connection.cursor() as cursor:
        cursor.execute(QUEUE_FULL, [team_id])
        row = cursor.fetchone()
    if row is not None and row[0]:
        text = "Too many runs of this team are waiting."
        raise Busy(text, code="queue_full", hint="Try again once some have run.", retry_after_s=QUEUE_RETRY_S)
    if disk().is_low:
        text = "The disk of this PumpFlix is nearly full, so it takes in nothing new."
        raise Busy(text, code="disk_full", hint="Tell an administrator.", status=503, retry_after_s=DISK_RETRY_S)
