"""`$agentInfo`: what an AI agent node may know about the tools and the memory around it."""

import re

from workflows_app.engine.items import JsonObject
from workflows_app.engine.workflow import Node, Workflow

AGENT = "@n8n/n8n-nodes-langchain.agent"
TOOL = "ai_tool"
MEMORY = "ai_memory"

_FROM_AI = re.compile(r"""\$fromA[Ii]\(\s*["'`]([^"'`]{1,200})["'`]""")
_WORDS = re.compile(r"[A-Z][a-z0-9]*|[a-z0-9]+")


def agent_info(workflow: Workflow, agent: Node) -> JsonObject:
    """Its own tools first, then those that serve no agent at all."""
    tools = [node for node in workflow.nodes if TOOL in (workflow.raw.get("connections") or {}).get(node.name, {})]
    serves = {wire.source: wire.target for wire in workflow.connections if wire.type == TOOL}
    own = [tool for tool in tools if serves.get(tool.name) == agent.name]
    free = [tool for tool in tools if tool.name not in serves]
    has_memory = any(wire.type == MEMORY and wire.target == agent.name for wire in workflow.connections)
    return {
        "memoryConnectedToAgent": has_memory,
        "tools": [
            *(tool_info(tool, is_connected=True) for tool in own),
            *(tool_info(tool, is_connected=False) for tool in free),
        ],
    }


def tool_info(tool: Node, *, is_connected: bool) -> JsonObject:
    return {
        "connected": is_connected,
        "name": tool.name,
        "type": readable(tool.type),
        "resource": capitalised(tool.parameters.get("resource")),
        "operation": capitalised(tool.parameters.get("operation")),
        "hasCredentials": bool(tool.credentials),
        "aiDefinedFields": _FROM_AI.findall(" ".join(texts(tool.parameters))),
    }


def readable(node_type: str) -> str:
    """`n8n-nodes-base.googleCalendarTool` as `Google Calendar`."""
    words = _WORDS.findall(node_type.rpartition(".")[2])
    kept = [word for word in words if word.lower() != "tool"]
    return " ".join(word[:1].upper() + word[1:] for word in kept or words)


def capitalised(value: object) -> str | None:
    return value[:1].upper() + value[1:] if isinstance(value, str) and value else None


def texts(value: object) -> list[str]:
    """Every text in a stored value, at any depth."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in texts(part)]
