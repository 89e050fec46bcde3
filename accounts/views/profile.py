"""The profile: who one is here, where one is signed in, keys for programs."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.views import email as email_view
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import ApiKeyForm, ProfileForm
from accounts.http import MemberRequest, remember_looks
from accounts.models import Team, User
from accounts.selectors.api_keys import keys_for
from accounts.selectors.roles import teams_to_edit
from accounts.selectors.sessions import session_of, sessions_of
from accounts.services import api_keys, second_factor, sessions
from accounts.services.profile import change_profile
from accounts.services.teams import own_team, team_for

MOST_KEYS = 100
KEY_FIELDS = "key-%s"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: MemberRequest) -> HttpResponse:
    """All of it; a POST stores name and looks."""
    if request.method != "POST":
        return page(request)
    form = ProfileForm(request.POST, instance=request.user)
    if not form.is_valid():
        request.user.refresh_from_db()
        return page(request, form=form)
    user = change_profile(request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return remember_looks(request, HttpResponseRedirect(reverse("accounts:profile-show")), user)


def page(request: MemberRequest, **given: Any) -> HttpResponse:
    """The page, with a form that has something to say or a key that was just made in place of the usual."""
    user = request.user
    context = {
        "section": "profile",
        "form": ProfileForm(instance=user),
        "key_form": ApiKeyForm(auto_id=KEY_FIELDS, teams=teams_for_keys(user)),
        "sessions": sessions_of(user, current_key=request.session.session_key or ""),
        "keys": list(keys_for(user)[:MOST_KEYS]),
        "now": timezone.now(),
        "has_second_factor": second_factor.is_set_up(user),
        "has_other_services": has_other_services(user),
        **given,
    }
    has_errors = any(form.is_bound and form.errors for form in (context["form"], context["key_form"]))
    return render(request, "profile/show.html", context, status=422 if has_errors else 200)


def has_other_services(user: User) -> bool:
    """Whether some are offered, or linked from a time when they were."""
    return bool(settings.SOCIALACCOUNT_PROVIDERS) or SocialAccount.objects.filter(user=user).exists()


@login_required
@never_cache
@require_POST
def create_key(request: MemberRequest) -> HttpResponse:
    """The answer shows the key, this once."""
    sent = request.POST.copy()
    sent.setdefault("team", str(own_team(request.user).pk))
    form = ApiKeyForm(sent, auto_id=KEY_FIELDS, teams=teams_for_keys(request.user))
    if not form.is_valid():
        return page(request, key_form=form)
    given = form.cleaned_data
    expires_at = timezone.now() + timedelta(days=int(given["days"])) if given["days"] else None
    team = team_for(request.user, UUID(given["team"]) if given.get("team") else None)
    made = api_keys.create(
        team=team, by=request.user, name=given["name"], scopes=given["scopes"], expires_at=expires_at
    )
    return page(request, new_key=made)


def teams_for_keys(user: User) -> list[Team]:
    """Where this person may make a key: their own team first."""
    own_team(user)
    return teams_to_edit(user)


@login_required
@require_POST
def revoke_key(request: MemberRequest, key_id: UUID) -> HttpResponse:
    key = keys_for(request.user).filter(pk=key_id).first()
    if key is None:
        raise Http404
    api_keys.revoke(key, by=request.user)
    messages.success(request, _("“%(name)s” no longer works.") % {"name": key.name})
    return back_to("keys")


@login_required
@require_POST
def end_session(request: MemberRequest, session_id: int) -> HttpResponse:
    session = session_of(request.user, session_id)
    if session is None:
        raise Http404
    sessions.end(session, by=request.user)
    messages.success(request, _("That browser is signed out."))
    return back_to("sessions")


@login_required
@require_POST
def end_everywhere(request: MemberRequest) -> HttpResponse:
    """This browser too."""
    sessions.end_everywhere(request.user)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return HttpResponseRedirect(reverse(settings.LOGIN_URL))


@login_required
@reauthentication_required
def change_address(request: MemberRequest) -> HttpResponse:
    """allauth's page, with the password asked first: later, what was typed would be lost."""
    answer: HttpResponse = email_view(request)
    return answer


def back_to(part: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('accounts:profile-show')}#{part}")
