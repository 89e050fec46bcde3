"""Versions: snapshots of a graph, made when something needs a graph that cannot change any more."""

import hashlib
from datetime import timedelta
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from workflows_app.models import Workflow, WorkflowVersion

CALLED = "called"
YOUNG = timedelta(hours=12)


def checksum(graph: dict[str, Any]) -> str:
    """SHA-256 of the graph with sorted keys, as hex. Key order does not matter to a workflow."""
    return hashlib.sha256(orjson.dumps(graph, option=orjson.OPT_SORT_KEYS)).hexdigest()


def in_use(version: WorkflowVersion, reason: str) -> WorkflowVersion:
    """A version made for a call goes with its last run, unless it is called again, or becomes more than that."""
    if version.reason == CALLED:
        mine = WorkflowVersion.objects.filter(pk=version.pk)
        if reason != CALLED:
            mine.update(reason=reason)
        else:
            now = timezone.now()
            mine.filter(created_at__lt=now - YOUNG).update(created_at=now)
    return version


def snapshot(
    workflow: Workflow, *, reason: str, by: User | None = None, graph: dict[str, Any] | None = None, note: str = ""
) -> WorkflowVersion:
    """The version of that graph (the draft if none is given): an existing one if the graph was seen before."""
    graph = workflow.graph if graph is None else graph
    digest = checksum(graph)
    found = WorkflowVersion.objects.filter(workflow=workflow, checksum=digest).first()
    if found is not None:
        return in_use(found, reason)
    with transaction.atomic():
        Workflow.objects.select_for_update().only("pk").get(pk=workflow.pk)
        found = WorkflowVersion.objects.filter(workflow=workflow, checksum=digest).first()
        if found is not None:
            return in_use(found, reason)
        newest = WorkflowVersion.objects.filter(workflow=workflow).aggregate(newest=Max("number"))["newest"] or 0
        return WorkflowVersion.objects.create(
            workflow=workflow,
            number=newest + 1,
            graph=graph,
            checksum=digest,
            reason=reason,
            note=note[:300],
            created_by=by,
        )
