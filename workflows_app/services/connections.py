"""Giving a workflow the credentials it asks for: by type, for all nodes that want one."""

from collections.abc import Mapping
from typing import Any

from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.selectors.credentials import CredentialView


def connected(graph: dict[str, Any], chosen: Mapping[str, CredentialView | None]) -> dict[str, Any]:
    """The graph with these credentials; a type that is given None names nobody's, one that is not given stays."""
    parsed = Graph.from_n8n(graph)
    kept = []
    for node in parsed.nodes:
        references = {
            kind: reference(chosen[kind]) if kind in chosen else old for kind, old in node.credentials.items()
        }
        kept.append(node.replace(credentials=references) if references != node.credentials else node)
    return parsed.with_nodes(tuple(kept)).to_n8n()


def reference(chosen: CredentialView | None) -> dict[str, Any]:
    return {"id": str(chosen.id), "name": chosen.name} if chosen else {"id": None, "name": ""}
