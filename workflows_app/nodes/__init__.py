"""Node types, one file or package each. `load()` imports them all, which registers them."""

import importlib
import pkgutil
from functools import cache
from typing import Any

from workflows_app import credential_types
from workflows_app.engine.registry import Registry, registry


@cache
def load() -> Registry:
    """Import every module below this package once, and the credential types nodes sign with; a taken (name, version)
    raises. Returns the filled registry."""
    credential_types.load()
    for module in pkgutil.walk_packages(__path__, prefix=f"{__name__}."):
        importlib.import_module(module.name)
    return registry


def schemas() -> dict[str, Any]:
    """The JSON Schema of the parameters of every node type, by `name@versions`, with what the palette shows."""
    return {
        f"{node_type.name}@{','.join(f'{version:g}' for version in node_type.versions)}": {
            "label": node_type.label,
            "group": node_type.group,
            "icon": node_type.icon,
            "silhouette": node_type.silhouette,
            "description": (node_type.__doc__ or "").strip(),
            "trigger": node_type.trigger,
            "inputs": list(node_type.inputs),
            "outputs": list(node_type.outputs),
            "credentials": list(node_type.credentials),
            "sideEffects": node_type.side_effects,
            "parameters": node_type.Params.model_json_schema(by_alias=True),
        }
        for node_type in load().all()
    }
