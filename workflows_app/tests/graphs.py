"""Small graphs for tests, as n8n exports."""

import itertools
from typing import Any


def node(name: str, kind: str, version: float = 1, **parameters: Any) -> dict[str, Any]:
    """`kind` without its package is one of n8n's base nodes."""
    full = kind if "." in kind else f"n8n-nodes-base.{kind}"
    return {
        "id": f"id-{name}",
        "name": name,
        "type": full,
        "typeVersion": version,
        "position": [0, 0],
        "parameters": parameters,
    }


def assign(**values: Any) -> dict[str, Any]:
    """Parameters of a Set node of version 3.4 that assigns those values."""
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", dict: "object", list: "array"}
    entries = [
        {"id": f"a-{name}", "name": name, "value": value, "type": kinds[type(value)]} for name, value in values.items()
    ]
    return {"mode": "manual", "includeOtherFields": True, "options": {}, "assignments": {"assignments": entries}}


def chain(*nodes: dict[str, Any], name: str = "Chain", **extra: Any) -> dict[str, Any]:
    """The nodes wired one after the other on output 0."""
    wires = {
        first["name"]: {"main": [[{"node": second["name"], "type": "main", "index": 0}]]}
        for first, second in itertools.pairwise(nodes)
    }
    return {"name": name, "nodes": list(nodes), "connections": wires, "settings": {"executionOrder": "v1"}, **extra}


def manual_set(**values: Any) -> dict[str, Any]:
    """Start -> Variables."""
    return chain(node("Start", "manualTrigger"), node("Variables", "set", 3.4, **assign(**values)))


def webhook_chain(path: str = "hello", mode: str = "onReceived", method: str = "POST") -> dict[str, Any]:
    """Webhook -> Shape."""
    hook = node("Webhook", "webhook", 2, httpMethod=method, path=path, responseMode=mode, options={})
    return chain(hook, node("Shape", "set", 3.4, **assign(ok=True)))
