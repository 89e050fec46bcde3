"""Giving a credential to another of one's teams."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.selectors.roles import is_at_least, teams_of
from workflows_app.engine.errors import UserError
from workflows_app.models import Credential
from workflows_app.services import handover


def targets(request: MemberRequest, row: Credential) -> list[Team]:
    """Other teams in which this person may edit."""
    rows = teams_of(request.user)
    return [one.team for one in rows if one.team_id != row.team_id and is_at_least(one.role, "editor")]


@login_required
@require_POST
def move(request: MemberRequest, credential_id: UUID) -> HttpResponse:
    rows = Credential.objects.editable_by(request.user).select_related("team")
    row = get_object_or_404(rows, pk=credential_id)
    team = next((one for one in targets(request, row) if str(one.pk) == request.POST.get("team")), None)
    if team is None:
        raise Http404
    try:
        handover.transfer(row, team=team, by=request.user, keep_use="keep_use" in request.POST)
        messages.success(request, _("It belongs to “%(team)s” now.") % {"team": team.name})
    except UserError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return HttpResponseRedirect(reverse("workflows_app:credential-show", args=[row.pk]))
