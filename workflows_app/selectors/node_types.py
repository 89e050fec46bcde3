"""Node types as the API lists them."""

from functools import cache
from typing import Any

from django.conf import settings

from workflows_app import nodes
from workflows_app.engine.registry import AnyNodeType


@cache
def node_types() -> list[dict[str, Any]]:
    """Every type this instance runs, by name and version."""
    return [described(node_type) for node_type in nodes.load().all()]


def node_type(name: str) -> dict[str, Any] | None:
    """The newest version of a type, with the schema of its parameters."""
    newest = nodes.load().newest(name)
    if newest is None:
        return None
    return {**described(newest), "parameters": newest.Params.model_json_schema(by_alias=True)}


def is_switched_on(name: str) -> bool:
    """Whether an administrator has switched on a node type that needs it."""
    return name.rpartition(".")[2] in settings.PUMPFLIX.risky_nodes


def described(node_type: AnyNodeType) -> dict[str, Any]:
    return {
        "name": node_type.name,
        "versions": list(node_type.versions),
        "label": node_type.label,
        "group": node_type.group,
        "description": " ".join((node_type.__doc__ or "").split()),
        "trigger": node_type.trigger,
        "inputs": list(node_type.inputs),
        "outputs": list(node_type.outputs),
        "credentials": list(node_type.credentials),
        "side_effects": node_type.side_effects,
    }
