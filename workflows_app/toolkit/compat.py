"""What this instance makes of a node brought along: `native`, `differs`, `swap` or `placeholder`, with the reason.

native       the type is here in that very version
differs      it is here, and runs, with differences that are listed
swap         it is not here, but another type can take its place
placeholder  it is kept as it is, and stops a run that reaches it
"""

from dataclasses import dataclass
from typing import Literal

from workflows_app.engine.registry import Registry
from workflows_app.engine.workflow import Node, Workflow

Verdict = Literal["native", "differs", "swap", "placeholder"]

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


def verdicts(workflow: Workflow, registry: Registry) -> list[NodeVerdict]:
    """One per node, in stored order. A note on the canvas is native: it never runs."""
    return [judge(node, registry) for node in workflow.nodes]


def judge(node: Node, registry: Registry) -> NodeVerdict:
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
        return NodeVerdict(node.name, node.type, version, "swap", f"{swap} can take its place")
    return NodeVerdict(node.name, node.type, version, "placeholder", "this type is not known here")


def in_words(found: list[NodeVerdict]) -> str:
    """The verdict on a whole workflow, for a person."""
    swaps = sum(one.verdict == "swap" for one in found)
    blocked = sum(one.verdict == "placeholder" for one in found)
    if not found:
        return "Nothing to run"
    if blocked:
        return f"Cannot run yet: {blocked} {'node is' if blocked == 1 else 'nodes are'} not known here"
    if swaps:
        return f"Runs after {swaps} {'swap' if swaps == 1 else 'swaps'}"
    return "Runs now"
