"""Webhook rows follow the graph: one per enabled webhook node, its URL kept for as long as the node exists."""

from typing import Any

from django.db import IntegrityError, transaction

from pumpflix.lib.ids import url_token
from workflows_app.engine.workflow import Node
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.errors import Unsuitable
from workflows_app.models import Webhook, Workflow

WEBHOOK_TYPES = ("n8n-nodes-base.webhook",)


def sync(workflow: Workflow, *, graph: dict[str, Any], is_live: bool) -> list[Webhook]:
    """Make the rows match the graph. Raises Unsuitable when a live workflow already answers at the same path."""
    wanted = {node.name: node for node in webhook_nodes(graph)}
    rows = {row.node: row for row in Webhook.objects.filter(workflow=workflow)}
    Webhook.objects.filter(workflow=workflow).exclude(node__in=wanted).delete()
    try:
        with transaction.atomic():
            return [save(workflow, node, rows.get(name), is_live) for name, node in wanted.items()]
    except IntegrityError as error:
        raise Unsuitable(
            "Another live workflow already answers at this webhook path.",
            code="webhook_path_taken",
            hint="Change the path of the webhook node, or switch the other workflow off.",
        ) from error


def webhook_nodes(graph: dict[str, Any]) -> list[Node]:
    return [node for node in Graph.from_n8n(graph).nodes if node.type in WEBHOOK_TYPES and not node.disabled]


def save(workflow: Workflow, node: Node, row: Webhook | None, is_live: bool) -> Webhook:
    row = row or Webhook(workflow=workflow, node=node.name, token=url_token())
    parameters = node.parameters
    method = parameters.get("httpMethod") or "GET"
    row.methods = ",".join(method) if isinstance(method, list) else str(method)
    row.path = str(parameters.get("path") or "").strip("/")[:200]
    row.response_mode = response_mode(node)
    row.options = {
        "responseCode": parameters.get("responseCode"),
        "responseData": parameters.get("responseData"),
        "responseBinaryPropertyName": parameters.get("responseBinaryPropertyName"),
        "authentication": parameters.get("authentication"),
        "credentials": node.credentials,
        "options": parameters.get("options") or {},
        "typeVersion": node.type_version,
    }
    row.is_live = is_live
    row.save()
    return row


def response_mode(node: Node) -> str:
    """`onReceived`, `lastNode` or `responseNode`, as the node says; n8n's default is `onReceived`."""
    mode = node.parameters.get("responseMode")
    return mode if mode in ("lastNode", "responseNode") else "onReceived"
