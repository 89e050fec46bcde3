"""Many runs at once, from the list: what was done is told above it, with a way back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from executions_app.selectors.run_filter import RunFilter, uuid_in
from executions_app.services.bulk import ACTIONS, Outcome, act
from workflows_app.engine.errors import UserError

KEPT = "bulk_runs"


@login_required
@require_POST
def runs_act(request: MemberRequest) -> HttpResponse:
    """`action` on the runs that `run` names, each once."""
    ids = [found for text in request.POST.getlist("run") if (found := uuid_in(text))]
    action = next((one for one in ACTIONS if one == request.POST.get("action")), None)
    if action is None or not ids:
        messages.info(request, _("Choose runs first."))
        return back(request)
    try:
        outcome = act(action, ids, by=request.user, draft=request.POST.get("draft") == "on")
    except UserError as error:
        messages.error(request, f"{error.message} {error.hint or ''}".strip())
        return back(request)
    request.session[KEPT] = told(outcome)
    return back(request)


def back(request: MemberRequest) -> HttpResponse:
    """To the list as it was narrowed."""
    query = RunFilter.from_query(request.POST).address
    return HttpResponseRedirect(f"{reverse('executions_app:execution-list')}{'?' if query else ''}{query}")


def told(outcome: Outcome) -> dict[str, Any]:
    """The summary as the session keeps it until it is shown."""
    reasons: dict[str, int] = {}
    for refused in outcome.refused:
        reasons[refused.message] = reasons.get(refused.message, 0) + 1
    return {
        "text": done_text(outcome),
        "refused": [f"{count} × {message}" for message, count in reasons.items()],
        "undo": outcome.undo,
        "undo_ids": [str(one) for one in outcome.undo_ids],
        "is_none": not outcome.done,
    }


def done_text(outcome: Outcome) -> str:
    count = len(outcome.done)
    texts = {
        "retry": ngettext("%(count)d run is started again.", "%(count)d runs are started again.", count),
        "retryFailed": ngettext(
            "%(count)d run goes on from what failed.", "%(count)d runs go on from what failed.", count
        ),
        "cancel": ngettext("%(count)d run is asked to stop.", "%(count)d runs are asked to stop.", count),
        "delete": ngettext("%(count)d run is deleted.", "%(count)d runs are deleted.", count),
        "restore": ngettext("%(count)d run is back.", "%(count)d runs are back.", count),
    }
    return texts[outcome.action] % {"count": count} if count else _("Nothing was done.")


def shown_once(request: MemberRequest) -> dict[str, Any] | None:
    found: dict[str, Any] | None = request.session.pop(KEPT, None)
    return found
