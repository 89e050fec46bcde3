"""Pages of an import: bring something, look at the report on it, decide, store. No input ends without a report."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from pumpflix.lib.body_limits import takes
from pumpflix.lib.drawing import graph
from workflows_app.forms import ImportForm
from workflows_app.models import ImportBatch, ImportEntry
from workflows_app.selectors.import_report import batch_facts, groups_of, rows_of
from workflows_app.selectors.scenes import scene_of
from workflows_app.services import import_batches
from workflows_app.services.archives import Part
from workflows_app.services.imports import ImportReport

# A folder of workflows, each within its own limit.
MOST_BYTES = 64 * 1024 * 1024
DRAWN_NODES = 400
BROUGHT = "imports"
MOST_BROUGHT = 20
ACTS = ("repair", "cut", "swap", "vault", "drop")


@takes(MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Take everything that is given, and go on to the report."""
    is_sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm()
    if not is_sent or not form.is_valid():
        context = {"section": "import", "form": form}
        return render(request, "workflows/import.html", context, status=422 if is_sent else 200)
    owner = request.user if isinstance(request.user, User) else None
    files, url, text = form.given_files(), form.cleaned_data["url"], form.cleaned_data["text"]
    parts = import_batches.from_files(files)
    if url:
        parts.append(import_batches.from_link(url, by=owner))
    if text.strip():
        # A browser ends every line of a form with CR LF.
        parts.append(Part(_("Pasted text"), text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")))
    origin = import_batches.origin_of([name for name, _data in files], url)
    batch = import_batches.bring(parts, owner=owner, origin=origin)
    if owner is None:
        request.session[BROUGHT] = [str(batch.pk), *request.session.get(BROUGHT, [])][:MOST_BROUGHT]
    return HttpResponseRedirect(reverse("workflows_app:import-show", args=[batch.pk]))


@require_safe
def show(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The report: a row for each workflow; `?open=` opens one, and the only one is open anyway; `?show=` keeps those
    that need the same thing next."""
    batch = batch_for(request, batch_id)
    rows = rows_of(batch)
    groups = groups_of(rows, request.GET.get("show", ""))
    chosen = next((group.kind for group in groups if group.is_chosen), "")
    context: dict[str, Any] = {
        "section": "import",
        "batch": batch,
        "rows": [row for row in rows if chosen in ("", row.kind)],
        "groups": groups,
        "chosen": chosen,
        "facts": batch_facts(batch, rows),
    }
    entry = opened_entry(batch, request.GET.get("open", "0" if len(rows) == 1 else ""))
    if entry is not None:
        context |= {"entry": entry} | drawn(entry)
    return render(request, "workflows/import_report.html", context)


@require_POST
def act(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """A fix for one entry or all of them, or storing; ends on the report, or on the one workflow that was stored."""
    batch = batch_for(request, batch_id)
    text = request.POST.get("entry", "")
    place = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
    wanted = request.POST.get("do", "")
    if batch.is_busy:
        messages.info(request, _("The import is still at work; wait until it is done."))
    elif wanted in ACTS:
        import_batches.choose(batch, act=wanted, place=place)
    elif wanted == "import" and request.user.is_authenticated:
        import_batches.store(batch, place=place)
        stored = batch.entries.filter(place=place, workflow__isnull=False).first() if place is not None else None
        if stored is not None:
            return HttpResponseRedirect(reverse("executions_app:workflow-show", args=[stored.workflow_id]))
    opened = "" if place is None else f"?open={place}#entry"
    return HttpResponseRedirect(f"{reverse('workflows_app:import-show', args=[batch.pk])}{opened}")


def batch_for(request: HttpRequest, batch_id: UUID) -> ImportBatch:
    """The batch of this person or this browser, else 404. Who signed in since owns it from now on."""
    brought = request.session.get(BROUGHT, [])
    batch = get_object_or_404(
        ImportBatch.objects.readable_by(request.user, brought).select_related("owner"), pk=batch_id
    )
    if isinstance(request.user, User):
        import_batches.adopt(batch, request.user)
    import_batches.ring_again(batch)
    return batch


def opened_entry(batch: ImportBatch, place: str) -> ImportEntry | None:
    if not (place.isascii() and place.isdigit() and len(place) < 6):
        return None
    return batch.entries.select_related("workflow", "batch").filter(place=int(place)).first()


def drawn(entry: ImportEntry) -> dict[str, Any]:
    """The graph coloured by verdict, and the nodes that need a word, while its source is there."""
    if entry.source is None or entry.state == "waiting":
        return {}
    report = import_batches.report_of(entry)
    notable = [one for one in report.verdicts if one.verdict != "native"]
    if report.graph is None or len(report.verdicts) > DRAWN_NODES:
        return {"verdicts": notable}
    svg = graph(judged_scene(report), title=report.name, sprite=static("img/icons.svg"))
    return {"verdicts": notable, "svg": mark_safe(svg)}  # noqa: S308 - the drawing escapes every value


def judged_scene(report: ImportReport) -> Any:
    verdict = {one.name: one.verdict for one in report.verdicts}
    scene = scene_of(report.graph or {})
    return replace(scene, nodes=tuple(replace(node, verdict=verdict.get(node.label, "")) for node in scene.nodes))
