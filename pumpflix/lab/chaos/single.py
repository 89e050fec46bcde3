"""Workflows of one node behind a trigger that people and programs start."""

from typing import Any

from pumpflix.lab.chaos.workload import Graph


def after_start(title: str, kind: str, version: float, parameters: dict[str, Any], **more: Any) -> Graph:
    """Start -> Node, which is of that type; `more` are further keys of the node."""
    start = {"id": "1", "name": "Start", "type": "n8n-nodes-base.manualTrigger", "typeVersion": 1, "position": [0, 0]}
    node = {"id": "2", "name": "Node", "type": f"n8n-nodes-base.{kind}", "typeVersion": version, "position": [200, 0]}
    return {
        "name": title,
        "nodes": [{**start, "parameters": {}}, {**node, "parameters": parameters, **more}],
        "connections": {"Start": {"main": [[{"node": "Node", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1"},
    }


def fetching(title: str, url: str) -> Graph:
    """Start -> a call of that address."""
    return after_start(title, "httpRequest", 4.2, {"url": url, "options": {}})
