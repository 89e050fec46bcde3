"""Webhook rows follow the graph: one per enabled webhook node, its URL kept for as long as the node exists."""

from typing import Any

from django.db import IntegrityError, transaction

from pumpflix.lib.ids import url_token
from workflows_app.engine.expression.parameters import cached_reader
from workflows_app.engine.expression.template import template_text
from workflows_app.engine.workflow import Node
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.errors import Unsuitable
from workflows_app.models import Webhook, Workflow
from workflows_app.toolkit import chat_page
from workflows_app.toolkit.chat_page import CHAT_TRIGGER
from workflows_app.toolkit.form_pages import FORM_PAGE, FORM_TRIGGER, form_zone, trigger_page

WEBHOOK_TYPES = ("n8n-nodes-base.webhook", FORM_TRIGGER, CHAT_TRIGGER)
FORM_PATH = "form:"
"""What a form's path begins with in its row: forms and webhooks have addresses of their own."""
CHAT_PATH = "chat:"


def sync(workflow: Workflow, *, graph: dict[str, Any], is_live: bool) -> list[Webhook]:
    """Make the rows match the graph. Raises Unsuitable when a live workflow already answers at the same path."""
    wanted = {node.name: node for node in webhook_nodes(graph)}
    rows = {row.node: row for row in Webhook.objects.filter(workflow=workflow)}
    Webhook.objects.filter(workflow=workflow).exclude(node__in=wanted).delete()
    try:
        with transaction.atomic():
            return [save(workflow, node, rows.get(name), is_live, graph) for name, node in wanted.items()]
    except IntegrityError as error:
        raise Unsuitable(
            "Another live workflow already answers at this webhook path.",
            code="webhook_path_taken",
            hint="Change the path of the webhook node, or switch the other workflow off.",
        ) from error


def webhook_nodes(graph: dict[str, Any]) -> list[Node]:
    return [node for node in Graph.from_n8n(graph).nodes if node.type in WEBHOOK_TYPES and not node.disabled]


def save(workflow: Workflow, node: Node, row: Webhook | None, is_live: bool, graph: dict[str, Any]) -> Webhook:
    row = row or Webhook(workflow=workflow, node=node.name, token=url_token())
    if node.type == FORM_TRIGGER:
        fill_form(row, node, Graph.from_n8n(graph))
    elif node.type == CHAT_TRIGGER:
        fill_chat(row, node, workflow.name)
    else:
        fill_webhook(row, node)
        if is_live:
            check_delivery_id(node)
    row.is_live = is_live
    row.save()
    return row


def fill_form(row: Webhook, node: Node, graph: Graph) -> None:
    """The page is kept with the row, so that nobody needs the graph to show it."""
    chosen = node.parameters.get("options") or {}
    path = str(chosen.get("path") or node.parameters.get("path") or node.webhook_id).strip("/")
    row.methods = "GET,POST"
    row.path = f"{FORM_PATH}{path}"[:200] if path else ""
    row.response_mode = response_mode(node)
    if row.response_mode == "onReceived" and any(is_page(one) for one in graph.nodes):
        # The last page is an answer, which a run gives only to those who wait for one.
        row.response_mode = "responseNode"
    row.options = {
        "kind": "form",
        "page": trigger_page(node),
        "timezone": form_zone(node, graph),
        "authentication": node.parameters.get("authentication"),
        "credentials": node.credentials,
        "options": chosen,
        "typeVersion": node.type_version,
    }


def fill_chat(row: Webhook, node: Node, name: str) -> None:
    """The page is kept with the row. n8n's chats are found by the id of their webhook."""
    row.methods = "GET,POST"
    row.path = f"{CHAT_PATH}{node.webhook_id}"[:200] if node.webhook_id else ""
    row.response_mode = chat_page.response_mode(node)
    row.options = {
        "kind": "chat",
        "page": chat_page.page_of(node, name),
        "public": node.parameters.get("public") is True,
        "mode": node.parameters.get("mode") or "hostedChat",
        "authentication": node.parameters.get("authentication"),
        "credentials": node.credentials,
        "options": chat_page.chosen_of(node),
        "typeVersion": node.type_version,
    }


def is_page(node: Node) -> bool:
    """Whether the node shows a page of its own."""
    waits = node.type == "n8n-nodes-base.wait" and node.parameters.get("resume") == "form"
    return (node.type == FORM_PAGE or waits) and not node.disabled


def check_delivery_id(node: Node) -> None:
    """It is read for every call, before anything is stored: no JavaScript runs there. Raises Unsuitable."""
    chosen = node.parameters.get("options") or {}
    given = str(chosen.get("deliveryId") or "")
    if given and cached_reader(template_text(given)) is None:
        raise Unsuitable(
            f"'{node.name}' names the number of a delivery by an expression that is more than a place in the call.",
            code="delivery_id_unsuitable",
            hint="Name the place alone, such as {{ $json.body.id }}.",
        )


def fill_webhook(row: Webhook, node: Node) -> None:
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


def response_mode(node: Node) -> str:
    """`onReceived`, `lastNode` or `responseNode`, as the node says; n8n's default is `onReceived`."""
    mode = node.parameters.get("responseMode")
    return mode if mode in ("lastNode", "responseNode") else "onReceived"
