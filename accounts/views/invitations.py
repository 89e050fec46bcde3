"""What the link of an invitation leads to, and the two answers to it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import invited
from accounts.errors import TeamRefused
from accounts.http import MemberRequest
from accounts.models import Invitation, User
from accounts.selectors.teams import invitations_to
from accounts.services import invitations
from accounts.team_forms import ROLE_MEANS


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail. Looking uses nothing up; a POST to one that is too old has a new one mailed."""
    row = invitations.opened(token)
    if row is None:
        return over(request)
    if row.link_until > timezone.now():
        invited.remember(request, row)
        return HttpResponseRedirect(reverse("accounts:invitation-show"))
    is_sent = request.method == "POST" and sent_anew(request, row)
    context = {"invitation": row, "is_sent": is_sent}
    return render(request, "teams/invitation_old.html", context, status=200 if is_sent else 410)


def sent_anew(request: HttpRequest, row: Invitation) -> bool:
    try:
        invitations.send_new_link(row)
    except TeamRefused as refused:
        messages.error(request, refused.said)
        return False
    except invitations.MailNotSent:
        messages.error(request, _("The mail did not leave. Try again in a while."))
        return False
    return True


def over(request: HttpRequest) -> HttpResponse:
    return render(request, "teams/invitation_over.html", status=404)


@login_not_required
@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What it is about, for who came by the link: to join, or to make an account or sign in first."""
    row = invited.invitation_of(request)
    if row is None:
        return over(request)
    context = {
        "invitation": row,
        "means": ROLE_MEANS[row.role],
        "is_for_me": isinstance(request.user, User) and invitations.is_for(row, request.user, has_link=True),
    }
    return render(request, "teams/invitation.html", context)


@login_required
@require_POST
def accept(request: MemberRequest, invitation_id: UUID) -> HttpResponse:
    row, has_link = taken(request, invitation_id)
    try:
        member = invitations.accept(row, by=request.user, has_link=has_link)
    except TeamRefused as refused:
        messages.error(request, refused.said)
        return HttpResponseRedirect(reverse("accounts:team-list"))
    invited.forget(request)
    messages.success(request, _("Welcome to “%(team)s”.") % {"team": row.team.name})
    return HttpResponseRedirect(reverse("accounts:team-show", args=[member.team_id]))


@login_required
@require_POST
def decline(request: MemberRequest, invitation_id: UUID) -> HttpResponse:
    row, has_link = taken(request, invitation_id)
    try:
        invitations.decline(row, by=request.user, has_link=has_link)
        messages.info(request, _("You declined the invitation to “%(team)s”.") % {"team": row.team.name})
    except TeamRefused as refused:
        messages.error(request, refused.said)
    invited.forget(request)
    return HttpResponseRedirect(reverse("accounts:team-list"))


def taken(request: MemberRequest, invitation_id: UUID) -> tuple[Invitation, bool]:
    """The invitation, and whether its link was followed. 404 for one that is neither the caller's nor the link's."""
    row = invited.invitation_of(request)
    if row is not None and row.pk == invitation_id:
        return row, True
    return get_object_or_404(invitations_to(request.user), pk=invitation_id), False
