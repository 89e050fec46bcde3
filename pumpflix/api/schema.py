"""The OpenAPI document: made of the views, completed by what answers in front of them."""

import json
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from workflows_app import nodes

METHODS = ("get", "post", "put", "patch", "delete")
HEALTH = {
    "operationId": "health",
    "summary": "Health of this instance",
    "description": "One boolean per dependency. 503 when one of them is false.",
    "tags": ["System"],
    "security": [{}],
}


@cache
def document() -> dict[str, Any]:
    """The whole document. It depends on the code alone."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


def as_text() -> str:
    """As it stands in `docs/reference/openapi.json`: without the parameters of node types, which have a file of their
    own there."""
    whole = document()
    used = {name: made for name, made in whole["components"]["schemas"].items() if name not in node_components()}
    shown = {**whole, "components": {**whole["components"], "schemas": used}}
    return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


def endpoints() -> list[dict[str, str]]:
    """`{method, path, summary}` of every operation."""
    return [
        {"method": method.upper(), "path": path, "summary": said["summary"]}
        for path, methods in document()["paths"].items()
        for method, said in methods.items()
        if method in METHODS
    ]


def only_the_api(endpoints: list[Any], **_: Any) -> list[Any]:
    """Nothing but what stands below `/api`."""
    return [entry for entry in endpoints if entry[0] == "/api" or entry[0].startswith("/api/")]


def add_system(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """`/health` is answered in front of Django."""
    booleans = {name: {"type": "boolean"} for name in ("database", "redis", "workers", "sandbox")}
    result["components"]["schemas"]["Health"] = {
        "type": "object",
        "properties": booleans,
        "required": list(booleans),
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
    result["paths"]["/health"] = {
        "get": {
            **HEALTH,
            "responses": {
                "200": {"description": "All of it works.", "content": content},
                "503": {"description": "Something does not.", "content": content},
            },
        }
    }
    result["paths"] = dict(sorted(result["paths"].items()))
    return result


def add_node_parameters(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """The parameters of every node type as components."""
    result["components"]["schemas"] = dict(sorted((result["components"]["schemas"] | node_components()).items()))
    return result


@cache
def node_components() -> dict[str, Any]:
    """JSON Schemas, named as the classes are; the parts of one begin with its name."""
    found: dict[str, Any] = {}
    for node_type in nodes.load().all():
        name = node_type.Params.__name__
        made = node_type.Params.model_json_schema(by_alias=True, ref_template=f"#/components/schemas/{name}{{model}}")
        found |= {f"{name}{part}": inner for part, inner in made.pop("$defs", {}).items()}
        found[name] = made
    return found
