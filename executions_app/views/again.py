"""Running a part of a run once more: from what failed, from any turn, with items that somebody changed."""

import json
from typing import Any, Literal
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from executions_app.models import Execution
from executions_app.selectors.executions import log_of
from executions_app.selectors.run_filter import uuid_in
from executions_app.services import decide, fork, run_to
from executions_app.views.runs import visible_execution
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.models import Workflow

MOST_LINES = 100_000
FAULTY = "edited_items"
DECISIONS: dict[str, Literal["happened", "run", "skip"]] = {"happened": "happened", "run": "run", "skip": "skip"}


@login_required
@require_POST
def execution_fork(request: MemberRequest, execution_id: UUID) -> HttpResponse:
    """A new run from one turn on, of the draft as it is now where `draft` is on; with the items in `items`, if given.
    What cannot be read stays in its field."""
    execution = get_object_or_404(Execution.objects.runnable_by(request.user), pk=execution_id)
    node, turn = request.POST.get("node", ""), number(request.POST.get("turn", "0"))
    try:
        new = fork(
            execution,
            by=request.user,
            node=node,
            run_index=turn,
            items=items_in(request.POST.get("items", "")),
            edit="output" if request.POST.get("edit") == "output" else "input",
            draft=request.POST.get("draft") == "on",
        )
    except UserError as error:
        messages.error(request, f"{error.message} {error.hint or ''}".strip())
        request.session[FAULTY] = request.POST.get("items", "")[:60_000]
        query = urlencode({"node": node, "edit": "on"})
        return HttpResponseRedirect(
            f"{reverse('executions_app:execution-show', args=[execution.pk])}?{query}#node-data"
        )
    return HttpResponseRedirect(reverse("executions_app:execution-show", args=[new.pk]))


@login_required
@require_POST
def execution_decide(request: MemberRequest, execution_id: UUID) -> HttpResponse:
    """What became of an interrupted call: `happened` (with what it put out in `items`, if given), `run` or `skip`."""
    execution = get_object_or_404(Execution.objects.runnable_by(request.user), pk=execution_id)
    decision = DECISIONS.get(request.POST.get("decision", ""), "skip")
    if decision != request.POST.get("decision"):
        return HttpResponseBadRequest()
    target = reverse("executions_app:execution-show", args=[execution.pk])
    try:
        items = items_in(request.POST.get("items", "")) if decision == "happened" else None
        decide(execution, by=request.user, decision=decision, items=items)
        messages.success(request, _("Noted. The run goes on."))
    except UserError as error:
        messages.error(request, f"{error.message} {error.hint or ''}".strip())
        if decision == "happened":
            request.session[FAULTY] = request.POST.get("items", "")[:60_000]
            target += "?edit=on#run-waiting"
    return HttpResponseRedirect(target)


@login_required
@require_POST
def workflow_run_to(request: MemberRequest, workflow_id: UUID) -> HttpResponse:
    """The draft up to `node`, or with `only` that node alone, on the data of the run `base`."""
    workflow = get_object_or_404(Workflow.objects.runnable_by(request.user), pk=workflow_id, deleted_at=None)
    base_id = uuid_in(request.POST.get("base", ""))
    base = get_object_or_404(workflow.executions.kept(), pk=base_id) if base_id else None
    try:
        is_alone = request.POST.get("only") == "on"
        execution = run_to(workflow, by=request.user, node=request.POST.get("node", ""), base=base, only=is_alone)
    except UserError as error:
        messages.error(request, f"{error.message} {error.hint or ''}".strip())
        target = reverse("executions_app:execution-show", args=[base.pk]) if base else ""
        return HttpResponseRedirect(target or reverse("executions_app:workflow-show", args=[workflow.pk]))
    return HttpResponseRedirect(reverse("executions_app:execution-show", args=[execution.pk]))


def items_in(text: str) -> list[JsonObject] | None:
    """None for an empty field. Raises UserError that says where the text is no JSON."""
    if not text.strip():
        return None
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(
            _("The items are not JSON: %(error)s.") % {"error": error},
            code="items_invalid",
            hint=_("Nothing ran. Mend the text and try again."),
        ) from error
    return value if isinstance(value, list) else [value]


def number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@require_safe
def execution_log(request: HttpRequest, execution_id: UUID) -> HttpResponse:
    """The whole log as a text file: time, level, node and text of each line, apart by tabs."""
    execution = visible_execution(request, execution_id)
    log = log_of(execution, after=0, level="", node="", limit=MOST_LINES)
    text = "".join(
        f"{line['at']:%Y-%m-%dT%H:%M:%S}\t{line['level']}\t{line['node']}\t{line['text']}\n" for line in log.lines
    )
    name = f"{slugify(execution.workflow.name) or 'run'}-{execution.created_at:%Y%m%d-%H%M%S}.log"
    header = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers={"Content-Disposition": header})
