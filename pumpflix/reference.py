"""Reference pages and snapshots that are generated, never written by hand.

`make schemas` renews them, a test compares.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pumpflix import env
from pumpflix.api import schema
from workflows_app import credential_types, nodes
from workflows_app.engine.params import UI_KEY
from workflows_app.engine.registry import AnyNodeType, registry
from workflows_app.toolkit.credential_type import WRITE_ONLY


def generated() -> dict[str, str]:
    """Path below `docs/` -> text, for every generated file."""
    nodes.load()
    by_name: dict[str, list[AnyNodeType]] = defaultdict(list)
    for node_type in registry.all():
        by_name[node_type.name].append(node_type)
    files = {
        "reference/settings.md": env.reference(),
        "reference/credentials.md": _credentials(),
        "reference/openapi.json": schema.as_text(),
        "nodes/README.md": _list_of_nodes(by_name),
        "nodes/schemas.json": json.dumps(nodes.schemas(), indent=2, ensure_ascii=False) + "\n",
    }
    for name, classes in by_name.items():
        files[f"nodes/{_short(name)}.md"] = _node_page(name, classes)
    return files


def _credentials() -> str:
    lines = [
        "# Credential types",
        "",
        "Names and fields are n8n's. Fields marked *secret* are written and never shown again. A type with hosts of",
        "its own goes nowhere else; every other credential can be bound to hosts by its owner.",
    ]
    for kind in credential_types.load().all():
        summary = " ".join((kind.__doc__ or "").split())
        lines += ["", f"## {kind.label}", "", f"`{kind.name}`. {summary}", "", kind.where]
        if kind.hosts:
            lines += ["", f"Hosts: {', '.join(f'`{host}`' for host in kind.hosts)}."]
        lines += ["", "| Field | Title | Default | Meaning |", "|---|---|---|---|"]
        lines += [_row(name, _marked(schema)) for name, schema in kind.properties().items()]
    return "\n".join(lines) + "\n"


def _marked(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A secret says so, and has no default to show."""
    if not schema.get(WRITE_ONLY):
        return dict(schema)
    kept = {key: value for key, value in schema.items() if key != "default"}
    return {**kept, "description": f"*Secret.* {schema.get('description', '')}"}


def _short(name: str) -> str:
    """`n8n-nodes-base.httpRequest` -> `httpRequest`; our own types keep their prefix, for they have the same words."""
    return name.removeprefix("n8n-nodes-base.")


def _list_of_nodes(by_name: Mapping[str, list[AnyNodeType]]) -> str:
    lines = ["# Node types", "", "| Node type | What it does | Touches |", "|---|---|---|"]
    for name, classes in sorted(by_name.items(), key=lambda entry: entry[1][-1].label.lower()):
        newest = classes[-1]
        lines.append(f"| [{newest.label}]({_short(name)}.md) | {_summary(newest)} | {_touches(newest)} |")
    return "\n".join(lines) + "\n"


def _summary(node_type: AnyNodeType) -> str:
    """The first paragraph of the class's docstring, on one line."""
    return " ".join((node_type.__doc__ or "").strip().partition("\n\n")[0].split())


def _touches(node_type: AnyNodeType) -> str:
    return {"none": "nothing", "read": "reads from outside", "write": "writes outside"}[node_type.side_effects]


def _node_page(name: str, classes: list[AnyNodeType]) -> str:
    newest_first = sorted(classes, key=lambda node_type: node_type.versions[0], reverse=True)
    sections = [f"# {newest_first[0].label}", f"`{name}`"]
    for node_type in newest_first:
        versions = ", ".join(f"{version:g}" for version in node_type.versions)
        sections += [f"## Version {versions}", _summary(node_type), *_facts(node_type), _parameters(node_type)]
    return "\n\n".join(sections) + "\n"


def _facts(node_type: AnyNodeType) -> list[str]:
    facts = [f"Touches: {_touches(node_type)}."]
    if node_type.outputs != ("main",):
        facts.append(f"Outputs: {', '.join(f'`{output}`' for output in node_type.outputs) or 'none'}.")
    if node_type.credentials:
        facts.append(f"Credentials: {', '.join(f'`{credential}`' for credential in node_type.credentials)}.")
    return [" ".join(facts)]


def _parameters(node_type: AnyNodeType) -> str:
    properties: dict[str, Any] = node_type.Params.model_json_schema(by_alias=True).get("properties", {})
    if not properties:
        return "No parameters."
    rows = [_row(name, schema) for name, schema in properties.items()]
    return "\n".join(["| Parameter | Title | Default | Meaning |", "|---|---|---|---|", *rows])


def _row(name: str, schema: Mapping[str, Any]) -> str:
    default = json.dumps(schema["default"], ensure_ascii=False) if "default" in schema else ""
    meaning = [schema.get("description", ""), *_choices(schema)]
    cells = (f"`{name}`", schema.get("title", ""), f"`{default}`" if default else "", " ".join(meaning))
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _choices(schema: Mapping[str, Any]) -> list[str]:
    if "enum" not in schema:
        return []
    labels = schema.get(UI_KEY, {}).get("labels", [])
    named = [f"`{value}`" + (f" ({label})" if label else "") for value, label in _zipped(schema["enum"], labels)]
    return ["One of " + ", ".join(named) + "."]


def _zipped(values: list[Any], labels: list[str]) -> list[tuple[Any, str]]:
    return [(value, labels[index] if index < len(labels) else "") for index, value in enumerate(values)]
