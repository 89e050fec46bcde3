"""What a workflow will do once it is on, as one sentence: when it starts, and what leaves the house."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from executions_app.selectors.schedules import schedule_views
from workflows_app.engine.workflow import Node
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.models import Workflow
from workflows_app.selectors.graph import triggers, variables

READS_VARIABLE = re.compile(
    r"""\{\{\s*\$(?:\(['"]Variables['"]\)\.(?:first\(\)|last\(\)|item)|node\[['"]Variables['"]\])?\.?json\.(\w+)\s*\}\}"""
)
MOST_DEEDS = 3


def summary(workflow: Workflow) -> str:
    """For instance: Every weekday at 08:00 Europe/Berlin, e-mails you@example.com."""
    parsed = Graph.from_n8n(workflow.graph)
    values = {str(entry["name"]): entry.get("value") for entry in variables(workflow.graph)}
    deeds = list(dict.fromkeys(deed for node in parsed.nodes if not node.disabled and (deed := deed_of(node, values))))
    what = joined(deeds[:MOST_DEEDS]) or _("works out its result and keeps it here")
    return f"{capfirst(when(workflow))}, {what}."


def when(workflow: Workflow) -> str:
    """How it starts; a schedule in its own words, with the zone they name."""
    schedules = [view.words for view in schedule_views(workflow) if not view.is_broken]
    if schedules:
        return joined([words.rstrip(".") for words in schedules])
    kinds = triggers(workflow.graph)
    if "webhook" in kinds:
        return _("whenever another app calls its link")
    if "formTrigger" in kinds:
        return _("whenever somebody sends its form")
    return _("when you press Run")


def deed_of(node: Node, values: dict[str, Any]) -> str:
    """What a node does to the world outside, if it does."""
    kind = node.type.rsplit(".", 1)[-1]
    given = node.parameters
    if kind == "emailSend":
        to = shown(given.get("toEmail"), values)
        return _("e-mails %(to)s") % {"to": to} if to else _("e-mails people named in the data")
    if kind == "httpRequest":
        host = urlsplit(shown(given.get("url"), values)).hostname
        return _("asks %(host)s") % {"host": host} if host else _("calls an address from the data")
    if kind == "dataTable":
        return (
            _("uses a table of yours") if given.get("operation") in (None, "get") else _("writes to a table of yours")
        )
    return _("answers the caller") if kind == "respondToWebhook" else ""


def shown(value: Any, values: dict[str, Any]) -> str:
    """A parameter with the variables in it filled in; empty where it depends on anything else."""
    text = str(value or "")
    if text.startswith("="):
        text = READS_VARIABLE.sub(lambda found: str(values.get(found[1], found[0])), text[1:])
    return "" if "{{" in text else text.strip()


def joined(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("%(parts)s and %(last)s") % {"parts": ", ".join(parts[:-1]), "last": parts[-1]}
