"""Using templates and making them: one click from title to workflow, and back."""

import copy
import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from accounts.services.teams import team_for
from templates_app.models import Category, Template
from templates_app.services.versions import release
from workflows_app.errors import Unsuitable
from workflows_app.models import Workflow
from workflows_app.services import webhooks, workflows

WEBHOOK_TYPE = "n8n-nodes-base.webhook"
SECRET = re.compile(
    r"(sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[0-9A-Z]{16}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|AIza[0-9A-Za-z_-]{30,}|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.)"
)


def use(template: Template, *, by: User) -> Workflow:
    """A draft of one's own, with fresh ids and webhook paths. Two copies get different names."""
    version = template.current_version
    if version is None:
        raise Unsuitable("This template has no version to use.", code="template_without_version")
    graph = own_copy(version.workflow_version.graph)
    with transaction.atomic():
        workflow = workflows.create(
            graph,
            team=team_for(by, None),
            by=by,
            name=template.name,
            description=template.pitch,
            origin=workflows.Origin(template.pk, version.number, needs_setup=bool(version.variables)),
        )
        webhooks.sync(workflow, graph=graph, is_live=False)
        Template.objects.filter(pk=template.pk).update(use_count=F("use_count") + 1)
    return workflow


def own_copy(graph: dict[str, Any]) -> dict[str, Any]:
    """A deep copy in which webhook nodes answer at a path of their own."""
    copied = copy.deepcopy(graph)
    for node in copied["nodes"]:
        if node.get("type") == WEBHOOK_TYPE:
            node["webhookId"] = str(uuid.uuid4())
            path = slugify(str((node.get("parameters") or {}).get("path") or "hook"))[:40] or "hook"
            node.setdefault("parameters", {})["path"] = f"{path}-{secrets.token_hex(6)}"
    return copied


@dataclass(frozen=True, slots=True)
class Card:
    """What a person says about a template when saving one."""

    name: str
    description: str
    category: Category
    thumbnail: str = ""


def promote(workflow: Workflow, *, by: User, card: Card, cassette: dict[str, Any]) -> Template:
    """Save a workflow as a template of one's team. Nothing is left behind when anything is wrong: secrets found in the
    graph or the sample, a sample that does not run, a missing name."""
    name, description = card.name.strip(), card.description.strip()
    missing = [label for label, value in (("name", name), ("description", description)) if not value]
    if missing:
        raise Unsuitable(f"A template needs a {' and a '.join(missing)}.", code="template_incomplete")
    graph = own_copy(workflow.graph)
    refuse_secrets(graph, cassette)
    about = {**((graph.get("meta") or {}).get("pumpflix") or {}), "title": name}
    graph["meta"] = {**(graph.get("meta") or {}), "pumpflix": about}
    graph["pinData"] = {**(graph.get("pinData") or {}), **pins(cassette)}
    with transaction.atomic():
        template = Template.objects.create(
            slug=f"{slugify(name)[:60] or 'template'}-{secrets.token_hex(4)}",
            source_type="user",
            team=workflow.team,
            category=card.category,
            name=name[:120],
            pitch=description.splitlines()[0][:160],
            when=str(about.get("when") or "")[:300],
            description=description,
            thumbnail=card.thumbnail,
            tags=list(about.get("tags") or [])[:8],
            minutes_to_set_up=int(about.get("minutesToSetUp") or 2),
            poster_alt=str(about.get("posterAlt") or "")[:200],
            source_workflow=workflow,
            created_by=by,
            status="draft",
            updated_at=timezone.now(),
        )
        release(template, graph=graph, cassette=cassette, by=by)
    return template


def pins(cassette: dict[str, Any]) -> dict[str, Any]:
    trigger = cassette.get("trigger") or {}
    return {trigger["node"]: trigger["items"]} if trigger.get("node") else {}


def secret_places(graph: dict[str, Any], cassette: dict[str, Any]) -> list[str]:
    """The nodes, and the sample, in which something looks like a key or a token."""
    places = [str(node.get("name")) for node in graph["nodes"] if SECRET.search(orjson.dumps(node).decode())]
    return [*places, "the sample data"] if SECRET.search(orjson.dumps(cassette).decode()) else places


def refuse_secrets(graph: dict[str, Any], cassette: dict[str, Any]) -> None:
    """Raises Unsuitable naming the nodes in which something looks like a key or a token."""
    places = secret_places(graph, cassette)
    if places:
        raise Unsuitable(
            f"Something that looks like a secret is in: {', '.join(places)}.",
            code="secret_found",
            hint="Move it into a credential or a variable, then save again.",
        )
