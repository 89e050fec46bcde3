"""*Works here*: what this instance makes of the nodes of a title, and what the main button says about it."""

from dataclasses import dataclass

from django.utils.translation import ngettext

from templates_app.models import TemplateVersion
from workflows_app import nodes
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.toolkit.compat import NodeVerdict, verdicts


@dataclass(frozen=True)
class WorksHere:
    """`rows` are the nodes about which something is to be said; `hurdle` is empty when the title simply runs."""

    total: int
    rows: list[NodeVerdict]
    swaps: int
    hurdle: str


def works_here(version: TemplateVersion) -> WorksHere:
    found = verdicts(Graph.from_n8n(version.workflow_version.graph), nodes.load())
    rows = [one for one in found if one.verdict != "native"]
    swaps = sum(one.verdict == "swap" for one in rows)
    blocked = sum(one.verdict in ("placeholder", "off") for one in rows)
    return WorksHere(len(found), rows, swaps, hurdle_of(swaps, blocked))


def hurdle_of(swaps: int, blocked: int) -> str:
    if blocked:
        return ngettext("Needs %(n)d node", "Needs %(n)d nodes", blocked) % {"n": blocked}
    if swaps:
        return ngettext("Needs %(n)d swap", "Needs %(n)d swaps", swaps) % {"n": swaps}
    return ""
