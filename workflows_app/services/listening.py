"""*Listen*: for a while a page shows the calls of a workflow's webhooks, and one that is off answers with its draft."""

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
    """Calls of the next minutes run the draft as it is now. Of a workflow that is switched on they run the published
    version, as before: nothing of the draft reaches its webhooks. Raises Unsuitable for one that nobody can call."""
    with transaction.atomic():
        # Whoever publishes at the same time comes before or after: what is live by now is not taken for a draft.
        workflow = Workflow.objects.select_for_update(no_key=True).get(pk=workflow.pk)
        rows = called(workflow)
        if not rows:
            raise Unsuitable(
                "Nobody can call this workflow: it has no webhook.",
                code="no_webhook",
                hint="Add a webhook node, publish if the workflow is on, then listen again.",
            )
        version = None if workflow.is_live else versions.snapshot(workflow, reason="run", by=by)
        until = timezone.now() + LISTEN_FOR
        Webhook.objects.filter(pk__in=[row.pk for row in rows]).update(listen_until=until, listen_version=version)
        audit.record("webhook.listen", actor=by, team=workflow.team, target=workflow)
    return list(Webhook.objects.filter(workflow=workflow).order_by("node"))


def called(workflow: Workflow) -> list[Webhook]:
    if workflow.is_live:
        return list(Webhook.objects.filter(workflow=workflow, is_live=True))
    return webhooks.sync(workflow, graph=workflow.graph, is_live=False)
