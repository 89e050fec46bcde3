"""Releasing a version of a template: the graph becomes a workflow version of the system team, the cassette is played
once, and what that shows (steps, counts, sample result, label) is kept as facts."""

from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.teams import system_team
from templates_app.facts import gather
from templates_app.models import SelfTest, Template, TemplateVersion
from templates_app.rehearsal import rehearse
from templates_app.search import index_text
from workflows_app.errors import Unsuitable
from workflows_app.models import Workflow
from workflows_app.services import versions as workflow_versions

MAX_CASSETTE_BYTES = 64 * 1024


def release(template: Template, *, graph: dict[str, Any], cassette: dict[str, Any], by: User | None) -> TemplateVersion:
    """A new version, current at once. Raises Unsuitable when the cassette is too large or does not play."""
    packed = orjson.dumps(cassette)
    if len(packed) > MAX_CASSETTE_BYTES:
        raise Unsuitable(
            f"The sample has {len(packed) // 1024} KB; a template may carry {MAX_CASSETTE_BYTES // 1024} KB.",
            code="sample_too_large",
            hint="Run the workflow with a smaller sample and save it again.",
        )
    rehearsal = rehearse(graph, cassette)
    if rehearsal.status != "success":
        raise Unsuitable(
            f"The sample does not run to the end: {rehearsal.error or rehearsal.status}",
            code="sample_fails",
            hint="Run the workflow, mend what fails, and save it again.",
        )
    about = (graph.get("meta") or {}).get("pumpflix") or {}
    with transaction.atomic():
        holder = sample_holder(template, graph)
        snapshot = workflow_versions.snapshot(holder, graph=graph, reason="template", by=by)
        newest = template.versions.order_by("-number").values_list("number", flat=True).first() or 0
        version = TemplateVersion.objects.create(
            template=template,
            number=newest + 1,
            workflow_version=snapshot,
            cassette=packed,
            variables=about.get("variables") or [],
            required_credentials=credential_types(graph),
            facts=gather(graph, rehearsal),
        )
        SelfTest.objects.create(version=version, result="passed")
        template.current_version = version
        template.updated_at = timezone.now()
        template.search_text, template.search_grams = index_text(searchable(template, graph))
        template.save()
    return version


def sample_holder(template: Template, graph: dict[str, Any]) -> Workflow:
    """The system team's workflow that owns the sample runs of this template."""
    holder, _ = Workflow.objects.update_or_create(
        team=system_team(), source_template=template.pk, defaults={"name": template.name[:200], "graph": graph}
    )
    return holder


def credential_types(graph: dict[str, Any]) -> list[str]:
    return sorted({kind for node in graph["nodes"] for kind in (node.get("credentials") or {})})


def searchable(template: Template, graph: dict[str, Any]) -> list[str]:
    node_words = " ".join(str(node.get("type", "")).rsplit(".", 1)[-1] for node in graph["nodes"])
    return [
        template.name,
        template.pitch,
        template.when,
        " ".join(template.tags),
        template.category.name,
        template.description[:2_000],
        node_words,
    ]
