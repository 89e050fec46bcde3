"""Pages of the gallery: home, a title, its pictures, its sample run, its copy; and saving a workflow as a title."""

import hashlib
import json
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import etag, require_http_methods, require_POST, require_safe

from accounts.http import MemberRequest
from accounts.models import User
from executions_app import sample_access
from executions_app.models import Execution
from executions_app.selectors.node_panel import Opened, opened_node
from executions_app.selectors.run_view import run_view
from executions_app.selectors.run_words import LOG_LEVELS
from executions_app.services import cassette_of, start_sample_run
from pumpflix.lib.drawing import FRAMES, Frame
from templates_app import pages, selectors
from templates_app.facets import author
from templates_app.forms import PromoteForm
from templates_app.labels import label_of
from templates_app.lifting import lifted
from templates_app.models import Template, TemplateVersion
from templates_app.services import curation, templates
from templates_app.services.versions import credential_types
from templates_app.trailer import trailer_of
from templates_app.works_here import works_here
from workflows_app.engine.errors import UserError
from workflows_app.models import Workflow
from workflows_app.selectors.graph import variables
from workflows_app.services import workflows
from workflows_app.services.swaps import swapped

POSTER_AGE_S = 24 * 3600
WISH = "template_to_use"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    shelf, saved = selectors.shelf(), selectors.saved_slugs(request.user)
    context = {
        "section": "home",
        "hero": selectors.featured(shelf),
        "rows": selectors.home_rows(request.user, shelf, saved),
        "unfinished": list(Workflow.objects.visible_to(request.user).filter(setup_done=False).for_lists()[:6]),
        "saved": saved,
        "saved_stamp": " ".join(sorted(saved)),
    }
    return render(request, "gallery/home.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "gallery/about.html", {"section": "about"})


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """A title; with `?run=` its sample run live in place, for the browser that started it."""
    template, version = found(request, slug)
    context: dict[str, Any] = {
        "section": "home",
        "template": template,
        "author": author(template)[1],
        "version": version,
        "steps": pages.steps(version),
        "result": pages.sample_result(version),
        "label": label_of(pages.touched(version)),
        "needs": pages.needs(template, version),
        "works": works_here(version),
        "json_text": as_text(version),
        "like_this": selectors.like_this(template, request.user),
        "saved": selectors.saved_slugs(request.user),
        "log_levels": LOG_LEVELS,
        "may_submit": template.status in curation.SUBMITTABLE and selectors.is_own(template, request.user),
    }
    run = run_context(request, template, version)
    if run:
        context |= run
    else:
        svg = pages.template_graph(template, version, sprite=static("img/icons.svg"))
        context["svg"] = mark_safe(svg)  # noqa: S308 - the drawing escapes every value
    return render(request, "gallery/template.html", context)


def run_context(request: HttpRequest, template: Template, version: TemplateVersion) -> dict[str, Any]:
    """The sample run that `?run=` names, if this browser may see it; a run that is gone shows the title without it."""
    try:
        wanted = UUID(request.GET.get("run", ""))
    except ValueError:
        return {}
    if not sample_access.may_see(request.user, request.COOKIES, wanted):
        return {}
    execution = Execution.objects.select_related("version").filter(pk=wanted, mode="sample").first()
    if execution is None:
        return {}
    opened = Opened.from_query(request.GET)
    address = reverse("templates_app:template-show", args=[template.slug])
    heights = {name: counts[0] for name, counts in pages.sample_counts(version).items()}
    run = run_view(execution, address=address, sprite=static("img/icons.svg"), opened=opened, heights=heights)
    return {"run": run, "svg": run.svg, "selected": opened_node(execution, opened)}


def poster_tag(request: HttpRequest, **_: str) -> str:
    return f'"{request.GET.get("v", "")}-{request.GET.get("frame", "")}-{request.GET.get("size", "")}"'


@require_safe
@etag(poster_tag)
def poster(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture of a title: `?frame=` one of the five, `?size=hero` for the large one."""
    template, version = found(request, slug)
    wanted = request.GET.get("frame")
    frame: Frame = next((frame for frame in FRAMES if frame == wanted), "rest")
    svg = pages.template_poster(template, version, frame=frame, is_hero=request.GET.get("size") == "hero")
    response = HttpResponse(svg, content_type="image/svg+xml")
    patch_cache_control(response, max_age=POSTER_AGE_S, public=template.status == "published")
    return response


def strip_tag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(request.GET.get("of", "").encode()).hexdigest()}"'


@require_safe
@etag(strip_tag)
def posters(request: HttpRequest) -> HttpResponse:
    """The pictures of a row in one: `?of=slug.version,…`. The versions only make another address of another picture."""
    wanted = [name.rpartition(".")[0] for name in request.GET.get("of", "").split(",")][: selectors.ROW_LENGTH]
    shown = selectors.with_version(request.user, wanted)
    response = HttpResponse(pages.posters(shown), content_type="image/svg+xml")
    patch_cache_control(response, max_age=POSTER_AGE_S, public=all(one.status == "published" for one in shown))
    return response


@require_safe
@etag(poster_tag)
def trailer(request: HttpRequest, slug: str) -> HttpResponse:
    """The frames of a title's sample run, drawn when they are asked for."""
    template, version = found(request, slug)
    packed = trailer_of(template, version)
    response = HttpResponse(packed, content_type="application/json", headers={"Content-Encoding": "gzip"})
    patch_cache_control(response, max_age=POSTER_AGE_S, public=template.status == "published")
    return response


@require_POST
def run_sample(request: HttpRequest, slug: str) -> HttpResponse:
    """Signed out too: the run is played from the cassette and touches nothing outside."""
    template, version = found(request, slug)
    address = reverse("templates_app:template-show", args=[template.slug])
    try:
        execution = start_sample_run(version.workflow_version, cassette=bytes(version.cassette or b""))
    except UserError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(address)
    response = HttpResponseRedirect(f"{address}?run={execution.pk}#run")
    sample_access.remember(request, response, execution)
    return response


@require_http_methods(["GET", "POST"])
def use(request: HttpRequest, slug: str) -> HttpResponse:
    """A draft of one's own. Who has to sign in first gets the copy on the way back: the wish was posted, so it is
    kept in the session, and a mere link to this address makes nothing."""
    if not request.user.is_authenticated:
        if request.method == "POST":
            request.session[WISH] = slug
        login = reverse("account_signup")
        return HttpResponseRedirect(f"{login}?next={reverse('templates_app:template-use', args=[slug])}")
    if request.session.pop(WISH, None) != slug and request.method != "POST":
        return HttpResponseRedirect(reverse("templates_app:template-show", args=[slug]))
    template, _version = found(request, slug)
    try:
        workflow = templates.use(template, by=request.user)
        if request.POST.get("swap") == "on":
            swap_nodes(request, workflow)
    except UserError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(reverse("templates_app:template-show", args=[slug]))
    return HttpResponseRedirect(reverse("executions_app:workflow-setup", args=[workflow.pk]))


def swap_nodes(request: HttpRequest, workflow: Workflow) -> None:
    """Put types that are here into the copy for those that are not, and say what became of each."""
    graph, changes = swapped(workflow.graph)
    workflows.save_draft(workflow, graph=graph, by=cast("User", request.user), lock_version=workflow.lock_version)
    for change in changes:
        messages.info(request, change)


def as_text(version: TemplateVersion) -> str:
    """The title as n8n JSON: what is copied is what is downloaded."""
    return json.dumps(version.workflow_version.graph, indent=2, ensure_ascii=False)


@require_safe
def download(request: HttpRequest, slug: str) -> HttpResponse:
    """The title as n8n JSON."""
    template, version = found(request, slug)
    response = HttpResponse(as_text(version), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{template.slug}.json"'
    return response


@login_required
@require_POST
def submit(request: MemberRequest, slug: str) -> HttpResponse:
    """A team's own title to the curators; anybody else's is not found."""
    template = get_object_or_404(selectors.own_templates(request.user), slug=slug)
    try:
        curation.submit(template, by=request.user)
    except UserError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Submitted. A curator looks at it, and you are told."))
    return HttpResponseRedirect(reverse("templates_app:template-show", args=[slug]))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def promote(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """*Save as template*: a page of its own, and the form inside the dialog of the workflow page."""
    workflow = get_object_or_404(Workflow.objects.editable_by(request.user), pk=workflow_id, deleted_at=None)
    form = PromoteForm(workflow, request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        card = templates.Card(answers["name"], answers["description"], answers["category"], answers["thumbnail"])
        # Only the template asks for them: the workflow itself stays as it is.
        workflow.graph = lifted(workflow.graph, form.chosen_literals())
        try:
            saved = templates.promote(workflow, by=request.user, card=card, cassette=cassette_of(answers["sample"]))
        except UserError as error:
            form.add_error(None, error.message)
        else:
            return HttpResponseRedirect(reverse("templates_app:template-show", args=[saved.slug]))
    status = 422 if request.method == "POST" else 200
    context = {"section": "workflows", "workflow": workflow, "form": form, **about_saving(workflow, form)}
    return render(request, "workflows/promote.html", context, status=status)


def about_saving(workflow: Workflow, form: PromoteForm) -> dict[str, Any]:
    """What goes along with the template: its variables, the types of its credentials, and where a secret may be."""
    newest = form.fields["sample"].queryset.first()  # type: ignore[attr-defined]
    sample = cassette_of(newest) if newest else {}
    return {
        "variables": variables(workflow.graph),
        "credential_types": credential_types(workflow.graph),
        "secret_places": templates.secret_places(workflow.graph, sample),
    }


def found(request: HttpRequest, slug: str) -> tuple[Template, TemplateVersion]:
    """A title the visitor may see, with its current version; else 404."""
    template = selectors.template_by_slug(slug, request.user)
    if template is None or template.current_version is None:
        raise Http404
    return template, template.current_version
