"""*Listen*: for a while a workflow's webhooks answer with its draft, whether it is switched on or not."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from workflows_app.errors import Unsuitable
from workflows_app.models import Webhook, Workflow
from workflows_app.services import versions, webhooks

LISTEN_FOR = timedelta(minutes=5)


def listen(workflow: Workflow, *, by: User) -> list[Webhook]:
    """Calls of the next minutes run the draft as it is now. Raises Unsuitable for a workflow nobody can call."""
    with transaction.atomic():
        rows = webhooks.sync(workflow, graph=workflow.graph, is_live=workflow.is_live)
        if not rows:
            raise Unsuitable(
                "Nobody can call this workflow: it has no webhook.",
                code="no_webhook",
                hint="Add a webhook node, then listen again.",
            )
        version = versions.snapshot(workflow, reason="run", by=by)
        until = timezone.now() + LISTEN_FOR
        Webhook.objects.filter(pk__in=[row.pk for row in rows]).update(listen_until=until, listen_version=version)
        audit.record("webhook.listen", actor=by, team=workflow.team, target=workflow)
    return list(Webhook.objects.filter(workflow=workflow).order_by("node"))
