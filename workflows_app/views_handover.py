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
from accounts.selectors.roles import teams_to_edit
from workflows_app.engine.errors import UserError
from workflows_app.models import Credential
from workflows_app.services import handover


@login_required
@require_POST
def move(request: MemberRequest, credential_id: UUID) -> HttpResponse:
    rows = Credential.objects.editable_by(request.user).select_related("team")
    row = get_object_or_404(rows, pk=credential_id)
    teams = teams_to_edit(request.user, but=row.team_id)
    team = next((one for one in teams if str(one.pk) == request.POST.get("team")), None)
    if team is None:
        raise Http404
    try:
        handover.transfer(row, team=team, by=request.user, keep_use="keep_use" in request.POST)
        messages.success(request, _("It belongs to “%(team)s” now.") % {"team": team.name})
    except UserError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return HttpResponseRedirect(reverse("workflows_app:credential-show", args=[row.pk]))
