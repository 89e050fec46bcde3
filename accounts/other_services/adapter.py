"""What another service may do here: make an account with a team, and be linked to one on purpose; never by itself."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.shortcuts import render

from accounts.models import User
from accounts.other_services.transport import Session, session
from accounts.services import audit
from accounts.services.teams import personal_team

SAYS_NOTHING_OF_IT = ("facebook",)
"""Services that give only addresses they confirmed, without saying so."""


class OtherServices(DefaultSocialAccountAdapter):
    def get_requests_session(self) -> Session:
        return session()

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """The name as it is shown there, the address in lower case."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = data.get("name") or " ".join(str(part) for part in parts if part)
        user.name = " ".join(str(name or "").split())[:120]
        user.email = user.email.lower()
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        with transaction.atomic():
            user: User = super().save_user(request, sociallogin, form=form)
            personal_team(user)
            audit.record("account.register", actor=user, team=None, target=user, by=sociallogin.account.provider)
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Linking is asked for by somebody who just proved who they are; the address there must be confirmed too."""
        if sociallogin.state.get("process") != AuthProcess.CONNECT or sociallogin.is_existing:
            return
        is_confirmed = any(address.verified for address in sociallogin.email_addresses)
        if not is_confirmed and sociallogin.account.provider not in SAYS_NOTHING_OF_IT:
            answer = render(request, "socialaccount/unconfirmed.html", {"provider": sociallogin.provider}, status=403)
            raise ImmediateHttpResponse(answer)


@receiver(social_account_added)
def _linked(sociallogin: SocialLogin, **_: Any) -> None:
    user = sociallogin.user
    audit.record("account.service_linked", actor=user, team=None, target=user, by=sociallogin.account.provider)


@receiver(social_account_removed)
def _unlinked(socialaccount: SocialAccount, **_: Any) -> None:
    user = socialaccount.user
    audit.record("account.service_unlinked", actor=user, team=None, target=user, by=socialaccount.provider)
