"""A chat that starts a workflow: what its page shows, from stored parameters, and what an answer says."""

import json
from typing import Any

from workflows_app.engine.items import JsonObject
from workflows_app.engine.workflow import Node
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.form_pages import plain

CHAT_TRIGGER = "@n8n/n8n-nodes-langchain.chatTrigger"
GREETING = "Hello! How can I help?"
ANSWER_KEYS = ("output", "text", "message")
AWAITED = ("lastNode", "responseNode")


def chosen_of(node: Node) -> JsonObject:
    options = plain(node.parameters.get("options"))
    return options if isinstance(options, dict) else {}


def response_mode(node: Node) -> str:
    """When the chat answers: with the last node, or by a Respond node. What n8n streams is answered as a whole."""
    mode = chosen_of(node).get("responseMode") or node.parameters.get("responseMode")
    return "responseNode" if mode in ("responseNode", "responseNodes") else "lastNode"


def page_of(node: Node, name: str) -> JsonObject:
    """Nothing ran before it, so an expression in it shows as its text."""
    options = chosen_of(node)
    greeting = node.parameters.get("initialMessages")
    text = GREETING if greeting is None else to_text(plain(greeting))
    return {
        "title": to_text(options.get("title") or "") or name,
        "subtitle": to_text(options.get("subtitle") or ""),
        "greetings": [line.strip() for line in text.splitlines() if line.strip()],
        "placeholder": to_text(options.get("inputPlaceholder") or ""),
        "files": options.get("allowFileUploads") is True,
        "accept": to_text(options.get("allowedFilesMimeTypes") or "*"),
    }


def answer_text(value: Any) -> str:
    """What a person reads of what the last node put out: its `output`, `text` or `message`, else all of it."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        for key in ANSWER_KEYS:
            found = value.get(key)
            if found not in (None, ""):
                return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, indent=2)
        return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
