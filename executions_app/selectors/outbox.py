"""Mails of the built-in outbox."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from executions_app.models import OutboxMessage
from workflows_app.models import Workflow
from workflows_app.models.workflow import private_to_others


def messages_for(user: Any) -> QuerySet[OutboxMessage]:
    """Those of the user's teams, without those of a workflow that a colleague keeps private: of its runs, also when
    they are gone, and of alerts and reports about it."""
    rows: QuerySet[OutboxMessage] = OutboxMessage.objects.visible_to(user)
    private = Workflow.objects.filter(private_to_others(user))
    of_its_run = private.filter(pk=OuterRef("execution__workflow_id"))
    return rows.filter(~Exists(of_its_run), ~Exists(private.filter(pk=OuterRef("workflow_id"))))
