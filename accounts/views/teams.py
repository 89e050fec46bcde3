"""Teams: the list of one's own, one team with its people, and everything its owners do there."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import RoleTooLow, TeamRefused, TeamUnknown
from accounts.http import MemberRequest
from accounts.models import Invitation, Membership
from accounts.selectors.teams import invitations_of, invitations_to, members_of, membership_in, memberships_of
from accounts.services import invitations, members, team_hooks, teams
from accounts.team_forms import ROLE_CHOICES, ROLE_HELP, InviteForm, RoleForm, TeamForm

View = Callable[..., HttpResponse]
NEW_FIELDS, INVITE_FIELDS, NAME_FIELDS = "new-%s", "invite-%s", "team-%s"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team_list(request: MemberRequest) -> HttpResponse:
    """One's teams and the invitations to others; a POST makes a team."""
    form = TeamForm(request.POST or None, auto_id=NEW_FIELDS)
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(address_of(teams.create(name=form.cleaned_data["name"], by=request.user).pk))
        except TeamRefused as refused:
            form.add_error("name", refused.said)
    context = {
        "section": "teams",
        "rows": memberships_of(request.user),
        "invitations": list(invitations_to(request.user)),
        "form": form,
        "roles": ROLE_HELP,
    }
    return render(request, "teams/list.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_safe
def team_show(request: MemberRequest, team_id: UUID) -> HttpResponse:
    return page(request, mine(request, team_id))


def page(request: MemberRequest, own: Membership, **given: Any) -> HttpResponse:
    """The page, with a form that has something to say in place of the usual."""
    team = own.team
    is_owner, is_shared = own.role == "owner", team.kind == "shared"
    context = {
        "section": "teams",
        "team": team,
        "own": own,
        "is_owner": is_owner,
        "is_shared": is_shared,
        "members": list(members_of(team.pk)),
        "invitations": list(invitations_of(team.pk)),
        "holds": team_hooks.held_by(team) if is_owner and is_shared else {},
        "invite_form": InviteForm(auto_id=INVITE_FIELDS),
        "name_form": TeamForm(initial={"name": team.name}, auto_id=NAME_FIELDS),
        "role_choices": ROLE_CHOICES,
        "roles": ROLE_HELP,
        **given,
    }
    has_errors = any(context[form].errors for form in ("invite_form", "name_form"))
    return render(request, "teams/show.html", context, status=422 if has_errors else 200)


def mine(request: MemberRequest, team_id: UUID) -> Membership:
    found = membership_in(request.user, team_id)
    if found is None:
        raise Http404
    return found


def act(view: Callable[Concatenate[MemberRequest, Membership, ...], HttpResponse | None]) -> View:
    """A button on the page of a team. What is refused is said there; where nothing else is answered, so is the end."""

    @wraps(view)
    def pressed(request: MemberRequest, team_id: UUID, **ids: Any) -> HttpResponse:
        own = mine(request, team_id)
        try:
            answer = view(request, own, **ids)
        except TeamRefused as refused:
            messages.error(request, refused.said)
            answer = None
        except RoleTooLow:
            messages.error(request, _("Only owners of the team may do that."))
            answer = None
        except TeamUnknown as error:
            raise Http404 from error
        return answer or HttpResponseRedirect(address_of(team_id))

    guarded: View = login_required(never_cache(require_POST(pressed)))
    return guarded


@act
def rename(request: MemberRequest, own: Membership) -> HttpResponse | None:
    form = TeamForm(request.POST, auto_id=NAME_FIELDS)
    if form.is_valid():
        try:
            teams.rename(own.team, name=form.cleaned_data["name"], by=request.user)
        except TeamRefused as refused:
            form.add_error("name", refused.said)
    if form.errors:
        return page(request, mine(request, own.team_id), name_form=form)
    messages.success(request, _("Saved."))
    return None


@act
def delete(request: MemberRequest, own: Membership) -> HttpResponse:
    teams.delete(own.team, by=request.user)
    messages.success(request, _("The team “%(name)s” is deleted.") % {"name": own.team.name})
    return HttpResponseRedirect(reverse("accounts:team-list"))


@act
def leave(request: MemberRequest, own: Membership) -> HttpResponse:
    members.leave(own.team, by=request.user)
    messages.success(request, _("You left “%(name)s”.") % {"name": own.team.name})
    return HttpResponseRedirect(reverse("accounts:team-list"))


@act
def change_role(request: MemberRequest, own: Membership, user_id: UUID) -> None:
    member = member_in(own, user_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles."))
        return
    changed = members.change_role(member, role=form.chosen, by=request.user)
    said = {"who": who(changed), "role": changed.get_role_display().lower()}
    messages.success(request, _("%(who)s is now %(role)s.") % said)


@login_required
@never_cache
@require_safe
def ask_removal(request: MemberRequest, team_id: UUID, user_id: UUID) -> HttpResponse:
    """What it means, before somebody is removed."""
    own = mine(request, team_id)
    member = member_in(own, user_id)
    if own.role != "owner":
        messages.error(request, _("Only owners of the team may do that."))
        return HttpResponseRedirect(address_of(team_id))
    return render(request, "teams/remove.html", {"section": "teams", "team": own.team, "member": member})


@act
def remove(request: MemberRequest, own: Membership, user_id: UUID) -> None:
    member = member_in(own, user_id)
    members.remove(member, by=request.user)
    messages.success(request, _("%(who)s is no longer in the team.") % {"who": who(member)})


@act
def invite(request: MemberRequest, own: Membership) -> HttpResponse | None:
    form = InviteForm(request.POST, auto_id=INVITE_FIELDS)
    if form.is_valid():
        try:
            made = invitations.invite(own.team, by=request.user, **form.cleaned_data)
            messages.success(request, _("A link is on its way to %(email)s.") % {"email": made.email})
        except TeamRefused as refused:
            form.add_error("email", refused.said)
        except invitations.MailNotSent:
            say_not_sent(request)
    return page(request, own, invite_form=form) if form.errors else None


@act
def resend(request: MemberRequest, own: Membership, invitation_id: UUID) -> None:
    row = invitation_in(own, invitation_id)
    try:
        invitations.resend(row, by=request.user)
        messages.success(request, _("A new link is on its way to %(email)s.") % {"email": row.email})
    except invitations.MailNotSent:
        say_not_sent(request)


@act
def withdraw(request: MemberRequest, own: Membership, invitation_id: UUID) -> None:
    row = invitation_in(own, invitation_id)
    invitations.withdraw(row, by=request.user)
    messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": row.email})


def member_in(own: Membership, user_id: UUID) -> Membership:
    return get_object_or_404(members_of(own.team_id), user_id=user_id)


def invitation_in(own: Membership, invitation_id: UUID) -> Invitation:
    return get_object_or_404(invitations_of(own.team_id), pk=invitation_id)


def who(member: Membership) -> str:
    return member.user.name or member.user.email


def say_not_sent(request: MemberRequest) -> None:
    messages.warning(request, _("The mail did not leave. The invitation stands: send it again in a while."))


def address_of(team_id: UUID) -> str:
    return reverse("accounts:team-show", args=[team_id])
