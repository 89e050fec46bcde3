"""What a workflow touches, computed from its graph alone: the label on a title page. Unknown is said as unknown."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from workflows_app.engine.items import JsonObject
from workflows_app.engine.registry import Registry
from workflows_app.engine.workflow import Node, Workflow

LITERAL_URL = re.compile(r"https?://[^\s\"'<>\\{}|^`]+")
URL_PARAMETERS = ("url", "endpoint", "baseURL", "webhookUrl")
CODE_TYPES = ("n8n-nodes-base.code", "n8n-nodes-base.function", "n8n-nodes-base.functionItem")
METHODS_THAT_READ = ("GET", "HEAD", "OPTIONS")
TABLE_TYPE = "n8n-nodes-base.dataTable"
TABLE_READS = ("get", "rowExists", "rowNotExists")


@dataclass(slots=True)
class Touches:
    """`hosts` are literal; `dynamic` are addresses an expression decides, as written; `writes` names the nodes that
    change something outside; `code` those that run code of the author."""

    hosts: list[str] = field(default_factory=list)
    dynamic: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def is_offline(self) -> bool:
        return not (self.hosts or self.dynamic or self.credentials or self.unknown)

    def to_json(self) -> JsonObject:
        return {
            "hosts": self.hosts,
            "dynamic": self.dynamic,
            "reads": self.reads,
            "writes": self.writes,
            "credentials": self.credentials,
            "files": self.files,
            "code": self.code,
            "unknown": self.unknown,
            "offline": self.is_offline,
        }


def touches(workflow: Workflow, registry: Registry) -> Touches:
    """The label of every enabled node together, each list without repeats in the order of the graph."""
    found = Touches()
    for node in workflow.nodes:
        if not node.disabled:
            add_node(found, node, registry)
    for name in ("hosts", "dynamic", "credentials"):
        setattr(found, name, list(dict.fromkeys(getattr(found, name))))
    return found


def add_node(found: Touches, node: Node, registry: Registry) -> None:
    node_type = registry.find(node.type, node.type_version)
    found.credentials += list(node.credentials)
    found.hosts += [host for text in texts(node.parameters) for host in literal_hosts(text)]
    if node_type is None:
        found.unknown.append(f"{node.name} ({node.type})")
        return
    found.dynamic += dynamic_addresses(node) if node_type.group not in ("trigger", "transform") else []
    if node.type in CODE_TYPES:
        found.code.append(node.name)
        return
    if node_type.group == "files":
        found.files.append(node.name)
    if node_type.side_effects == "write" and not only_reads(node):
        found.writes.append(node.name)
    elif node_type.side_effects != "none":
        found.reads.append(node.name)


def only_reads(node: Node) -> bool:
    """A request whose method is literally one that changes nothing; a data table that is only looked at."""
    if node.type == TABLE_TYPE:
        return node.parameters.get("operation") in TABLE_READS
    method = node.parameters.get("method") or node.parameters.get("requestMethod") or "GET"
    return "url" in node.parameters and isinstance(method, str) and method.upper() in METHODS_THAT_READ


def texts(value: Any) -> list[str]:
    """Every text inside a parameter value."""
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in children for text in texts(child)]


def literal_hosts(text: str) -> list[str]:
    hosts = []
    for url in LITERAL_URL.findall(text):
        try:
            host = urlsplit(url).hostname
        except ValueError:
            continue
        if host:
            hosts.append(host)
    return hosts


def dynamic_addresses(node: Node) -> list[str]:
    """Addresses of this node whose host an expression decides."""
    return [
        value.removeprefix("=")
        for key in URL_PARAMETERS
        if isinstance(value := node.parameters.get(key), str) and value.startswith("=") and not literal_hosts(value)
    ]
