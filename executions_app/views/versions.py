"""One version of a workflow, and how it differs from another."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from pumpflix.lib.drawing import graph
from workflows_app.models import Workflow
from workflows_app.selectors.definition_diff import definition_diff
from workflows_app.selectors.scenes import scene_of

SHOWN = 100


@login_required
@require_safe
def version_show(request: MemberRequest, workflow_id: UUID, number: int) -> HttpResponse:
    """Compared with the version that `with` names, or with `with=draft` the draft; the one before it without."""
    workflow = get_object_or_404(
        Workflow.objects.visible_to(request.user).select_related("live_version"), pk=workflow_id
    )
    version = get_object_or_404(workflow.versions.select_related("created_by"), number=number)
    wanted = request.GET.get("with", "")
    other = None
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 9:
        other = get_object_or_404(workflow.versions, number=int(wanted))
    elif wanted != "draft":
        other = workflow.versions.filter(number__lt=number).order_by("-number").first()
    before = workflow.graph if wanted == "draft" else other.graph if other else None
    context = {
        "section": "workflows",
        "workflow": workflow,
        "version": version,
        "other": other,
        "is_draft": wanted == "draft",
        "diff": definition_diff(before, version.graph) if before is not None else None,
        "versions": workflow.versions.defer("graph").exclude(pk=version.pk)[:SHOWN],
        "svg": mark_safe(graph(scene_of(version.graph), title=workflow.name, sprite=static("img/icons.svg"))),  # noqa: S308 - escaped there
        "can_edit": Workflow.objects.editable_by(request.user).filter(pk=workflow.pk).exists(),
    }
    return render(request, "workflows/version.html", context)
