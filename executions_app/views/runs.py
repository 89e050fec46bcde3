"""Pages of runs: one execution, its events for clients without a socket, its files."""

from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from executions_app.models import Execution, ExecutionEvent
from executions_app.sample_access import may_see
from executions_app.selectors.node_panel import Opened, opened_node
from executions_app.selectors.outputs import file_of
from executions_app.selectors.relatives import relatives
from executions_app.selectors.run_view import run_view
from executions_app.selectors.run_words import LOG_LEVELS
from executions_app.selectors.waits import waiting_of
from executions_app.services import answer_approval, cancel, retry, retry_from_failed
from executions_app.views.offers import may_run, offers, traced
from workflows_app.engine.errors import UserError

MOST_EVENTS = 1_000
PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


@require_safe
def execution_show(request: HttpRequest, execution_id: UUID) -> HttpResponse:
    """A visitor who may not see it may be somebody whose session ended: signing in leads back."""
    if not request.user.is_authenticated and not may_see(request.user, request.COOKIES, execution_id):
        return redirect_to_login(request.get_full_path())
    execution = visible_execution(request, execution_id)
    opened = Opened.from_query(request.GET)
    selected = opened_node(execution, opened)
    lit = traced(execution, opened, selected)
    run = run_view(
        execution, address=request.path, sprite=static("img/icons.svg"), opened=opened, traced=lit["traced_nodes"]
    )
    context: dict[str, Any] = {
        "section": "runs",
        "relatives": relatives(execution),
        "waiting": waiting_of(execution),
        **lit,
        "run": run,
        "selected": selected,
        "workflow": execution.workflow,
        "log_levels": LOG_LEVELS,
        **may_run(request, execution),
        **offers(request, execution, selected),
    }
    return render(request, "runs/show.html", context)


@require_safe
def execution_events(request: HttpRequest, execution_id: UUID) -> HttpResponse:
    """What the socket sends, for those who cannot keep one: `{status, events: [{seq, event}], last}`."""
    execution = visible_execution(request, execution_id)
    text = request.GET.get("after", "0")
    after = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    rows = ExecutionEvent.objects.filter(execution=execution, seq__gt=after).order_by("seq")[:MOST_EVENTS]
    events = [{"seq": row.seq, "event": orjson.Fragment(bytes(row.body))} for row in rows]
    last = events[-1]["seq"] if events else after
    body = orjson.dumps({"status": execution.status, "events": events, "last": last})
    return HttpResponse(body, content_type="application/json", headers={"Cache-Control": "no-store"})


@login_required
@require_POST
def execution_cancel(request: MemberRequest, execution_id: UUID) -> HttpResponse:
    execution = get_object_or_404(Execution.objects.runnable_by(request.user), pk=execution_id)
    cancel(execution, by=request.user)
    messages.info(request, _("The run is asked to stop."))
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(target if is_ours else reverse("executions_app:execution-show", args=[execution.pk]))


@login_required
@require_POST
def execution_approve(request: MemberRequest, execution_id: UUID) -> HttpResponse:
    """The answer to what the run asks a person."""
    execution = get_object_or_404(Execution.objects.runnable_by(request.user), pk=execution_id)
    approved, note = request.POST.get("approved") == "true", request.POST.get("note", "")
    try:
        answer_approval(execution, by=request.user, approved=approved, note=note)
        messages.success(request, _("Your answer has been recorded."))
    except UserError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(reverse("executions_app:execution-show", args=[execution.pk]))


@login_required
@require_POST
def execution_retry(request: MemberRequest, execution_id: UUID) -> HttpResponse:
    """Once more with the same trigger items, as a run of its own: of the same version, with `draft` of the workflow as
    it is now; with `from=failed` only from what failed."""
    execution = get_object_or_404(Execution.objects.runnable_by(request.user), pk=execution_id)
    again = retry_from_failed if request.POST.get("from") == "failed" else retry
    try:
        execution = again(execution, by=request.user, draft=request.POST.get("draft") == "on")
    except UserError as error:
        messages.error(request, f"{error.message} {error.hint or ''}".strip())
    return HttpResponseRedirect(reverse("executions_app:execution-show", args=[execution.pk]))


@require_safe
def execution_file(request: HttpRequest, execution_id: UUID) -> HttpResponse:
    """A file of a run as a download; a picture also to look at, if its bytes are those of one. What a workflow made is
    never shown as a page of ours."""
    execution = visible_execution(request, execution_id)
    found = file_of(execution, node=request.GET.get("node", ""), ref=request.GET.get("ref", ""))
    if found is None:
        raise Http404
    data, name, _mime = found
    if request.GET.get("preview") and (kind := picture_type(data)):
        return HttpResponse(data, content_type=kind, headers={"Content-Security-Policy": "default-src 'none'; sandbox"})
    return HttpResponse(
        data,
        content_type="application/octet-stream",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment"},
    )


def picture_type(data: bytes) -> str:
    """The type of a picture that its first bytes tell; empty for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in PICTURES if data.startswith(start)), "")


def visible_execution(request: HttpRequest, execution_id: UUID) -> Execution:
    """The execution of one's team, or the sample run that this browser started; else 404."""
    if not may_see(request.user, request.COOKIES, execution_id):
        raise Http404
    return get_object_or_404(Execution.objects.select_related("workflow", "version"), pk=execution_id)
