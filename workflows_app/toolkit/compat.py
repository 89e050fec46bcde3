"""What this instance makes of a node brought along: `native`, `off`, `differs`, `swap` or `placeholder`, and why.

native       the type is here in that very version
off          so it is, but an administrator has to switch it on first
differs      it is here, and runs, with differences that are listed
swap         it is not here, but another type can take its place
placeholder  it is kept as it is, and stops a run that reaches it
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from workflows_app.engine.registry import Registry
from workflows_app.engine.workflow import Node, Workflow

Verdict = Literal["native", "off", "differs", "swap", "placeholder"]
Permits = Callable[[str], bool]

BASE = "n8n-nodes-base."
SWAPS = {
    "gmail": "emailSend",
    "microsoftOutlook": "emailSend",
    "sendGrid": "emailSend",
    "mailgun": "emailSend",
    "awsSes": "emailSend",
    "googleSheets": "dataTable",
    "airtable": "dataTable",
    "baserow": "dataTable",
    "nocoDb": "dataTable",
    "n8nTrainingCustomerDatastore": "dataTable",
    "slack": "httpRequest",
    "discord": "httpRequest",
    "telegram": "httpRequest",
    "mattermost": "httpRequest",
    "notion": "httpRequest",
    "github": "httpRequest",
    "gitlab": "httpRequest",
    "jira": "httpRequest",
    "hubspot": "httpRequest",
    "todoist": "httpRequest",
    "openAi": "httpRequest",
    "facebookGraphApi": "httpRequest",
    "twilio": "httpRequest",
    "supabase": "httpRequest",
    "wordpress": "httpRequest",
}
"""Type that is missing -> type that can do its job with other settings, both without their package."""


@dataclass(frozen=True, slots=True)
class NodeVerdict:
    """`note` says why it is not simply native; empty for a native node."""

    name: str
    type: str
    version: float
    verdict: Verdict
    note: str = ""


def nothing_more(_node_type: str) -> bool:
    """No type is switched on beyond those that need nobody's permission."""
    return False


def verdicts(workflow: Workflow, registry: Registry, permits: Permits = nothing_more) -> list[NodeVerdict]:
    """One per node, in stored order. A note on the canvas is native: it never runs. `permits` says of a type that needs
    permission whether it is switched on."""
    return [judge(node, registry, permits) for node in workflow.nodes]


def judge(node: Node, registry: Registry, permits: Permits = nothing_more) -> NodeVerdict:
    found = by_version(node, registry)
    node_type = registry.find(node.type, node.type_version)
    if node_type is None or not node_type.needs_permission or permits(node.type):
        return found
    note = "an administrator has to switch it on (PUMPFLIX_RISKY_NODES)"
    return NodeVerdict(node.name, node.type, node.type_version, "off", note)


def by_version(node: Node, registry: Registry) -> NodeVerdict:
    version = node.type_version
    if registry.knows(node.type):
        known = registry.versions(node.type)
        if version in known:
            return NodeVerdict(node.name, node.type, version, "native")
        nearest = max((one for one in known if one < version), default=None)
        if nearest is None:
            return NodeVerdict(node.name, node.type, version, "placeholder", f"version {version:g} is not known here")
        return NodeVerdict(node.name, node.type, version, "differs", f"runs as version {nearest:g}")
    swap = SWAPS.get(node.type.removeprefix(BASE)) if node.type.startswith(BASE) else None
    if swap and registry.knows(BASE + swap):
        newest = registry.newest(BASE + swap)
        label = newest.label if newest else swap
        return NodeVerdict(node.name, node.type, version, "swap", f"“{label}” can take its place")
    return NodeVerdict(node.name, node.type, version, "placeholder", "this type is not known here")


def in_words(found: list[NodeVerdict]) -> str:
    """The verdict on a whole workflow, for a person."""
    swaps = sum(one.verdict == "swap" for one in found)
    blocked = sum(one.verdict == "placeholder" for one in found)
    if not found:
        return "Nothing to run"
    if blocked:
        return f"Cannot run yet: {blocked} {'node is' if blocked == 1 else 'nodes are'} not known here"
    if off := sum(one.verdict == "off" for one in found):
        return f"Runs once an administrator switches on {off} {'node' if off == 1 else 'nodes'}"
    if swaps:
        return f"Runs after {swaps} {'swap' if swaps == 1 else 'swaps'}"
    return "Runs now"
