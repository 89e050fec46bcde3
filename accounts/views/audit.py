"""What happened in a team, for its owners."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.audit_forms import AuditForm
from accounts.http import MemberRequest
from accounts.selectors.audit import AuditFilter, nouns_of, page_of_entries
from accounts.selectors.teams import membership_in

ROWS = 50


@login_required
@never_cache
@require_safe
def show(request: MemberRequest, team_id: UUID) -> HttpResponse:
    """A page of it, newest first; who does not own the team is told that there is none."""
    own = membership_in(request.user, team_id)
    if own is None or own.role != "owner":
        raise Http404
    form = AuditForm(request.GET, nouns=nouns_of(team_id))
    wanted = form.wanted() if form.is_valid() else AuditFilter()
    page = page_of_entries(team_id, wanted, limit=ROWS)
    context = {
        "section": "teams",
        "team": own.team,
        "form": form,
        "export_until": form.day_after if form.is_valid() else None,
        "rows": page.entries,
        "older": page.older,
        "is_newest": wanted.before is None,
        "is_filtered": any(value for name, value in request.GET.items() if name != "before"),
    }
    return render(request, "teams/audit.html", context, status=422 if form.errors else 200)
