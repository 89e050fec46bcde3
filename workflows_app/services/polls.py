"""Rows of triggers that look follow the graph: one for each such node, its knowledge kept while its source stays."""

import hashlib
from typing import Any

import orjson
from django.db.models import F
from django.db.models.functions import Now

from workflows_app.engine.workflow import Node
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.models import Poll, Workflow
from workflows_app.toolkit.schedule_rules import POLL_TIMES, polled_nodes

STOPPED: dict[str, Any] = {"due_at": None, "lease_until": None}


def sync(workflow: Workflow, *, graph: dict[str, Any], is_live: bool) -> list[Poll]:
    """Make the rows match the graph. A look that is under way finds nothing any more."""
    rows = Poll.objects.filter(workflow=workflow)
    if not is_live:
        rows.update(enabled=False, epoch=F("epoch") + 1, **STOPPED)
        return []
    wanted = polled_nodes(Graph.from_n8n(graph))
    known = {row.node: row for row in rows.select_for_update()}
    kept = [save(workflow, node, known.get(node.name)) for node in wanted]
    rows.exclude(pk__in=[row.pk for row in kept]).delete()
    return kept


def save(workflow: Workflow, node: Node, row: Poll | None) -> Poll:
    """It looks at once, by the clock of the database that hands looks out, to know what is there already."""
    row = row or Poll(workflow=workflow, node=node.name)
    source = source_of(node)
    if row.source != source:
        row.state, row.polled_at, row.found_at = {}, None, None
    row.source, row.enabled, row.epoch = source, True, row.epoch + 1
    row.due_at, row.lease_until = Now(), None
    row.failures, row.failing_since, row.error_code, row.error_text = 0, None, "", ""
    row.save()
    return row


def source_of(node: Node) -> str:
    """What it looks at, however often."""
    parameters = {name: value for name, value in node.parameters.items() if name != POLL_TIMES}
    told = orjson.dumps([node.type, parameters, node.credentials], option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(told).hexdigest()
