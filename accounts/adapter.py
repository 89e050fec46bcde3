"""How allauth makes accounts and lets people in here: the address in lower case, a personal team from the first moment,
a lock that nobody can put on somebody else, links that lead to our own address and nowhere else, and the looks of the
account in every browser it signs in with."""

from math import ceil
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import invited, known_browsers
from accounts.http import public, remember_looks
from accounts.models import User
from accounts.services import audit, first_admin, lockout
from accounts.services.lockout import LockedOut
from accounts.services.teams import personal_team
from pumpflix.lib.rate_limits import limits_at

LETTERS_OF_A_KIND = "5/15 minutes"
"""Letters of one kind to one address: who asks for more is told nothing, and nobody's mailbox is filled."""


def signs_up_freely() -> bool:
    return bool(getattr(settings, "PUMPFLIX_SIGN_UP_OPEN", True))


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "too_many_login_attempts": _("Too many attempts from here. Wait a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Not before somebody who can read the log of the server has made the first administrator. Where sign-up is
        closed, who was invited into a team may come by the page, which holds them to the invited address."""
        if first_admin.is_awaited():
            return False
        if signs_up_freely():
            return True
        return request.path == reverse("account_signup") and invited.invitation_of(request) is not None

    def clean_email(self, email: str) -> str:
        return str(super().clean_email(email)).lower()

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Who came by the link of an invitation has shown that its mailbox is theirs."""
        invitation = invited.invitation_of(request)
        return invitation is not None and invitation.email == email.lower()

    def refuse_uninvited(self, email: str) -> None:
        """Raises ValidationError for an address that was not invited, where sign-up is closed."""
        invitation = None if signs_up_freely() else invited.invitation_of(self.request)
        if invitation is not None and email != invitation.email:
            raise ValidationError(
                _("The invitation went to %(email)s. Use that address.") % {"email": invitation.email}
            )

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Never the one that somebody signs in with."""
        return email_address.email != email_address.user.email and bool(super().can_delete_email(email_address))

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        with transaction.atomic():
            user.email = (form.cleaned_data.get("email") or "").lower()
            saved: User = super().save_user(request, user, form, commit=commit)
            if commit:
                personal_team(saved)
        return saved

    def set_password(self, user: User, password: str) -> None:
        """A new password ends every session and token pair that the old one opened."""
        user.sessions_valid_from = timezone.now()
        super().set_password(user, password)
        audit.record("account.password_set", actor=user, team=None, target=user)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Before a password is looked at: whether that account may be tried from here."""
        self._attempt = known_browsers.attempt_of(request, str(credentials.get("email") or ""))
        try:
            lockout.begin(self._attempt)
        except LockedOut as locked:
            raise too_many_attempts(locked.retry_after_s) from None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        lockout.failed(self._attempt)
        audit.record("login.failed", actor=None, team=None)

    def _rollback_login_failed_rl_usage(self) -> None:
        """allauth calls it after a right password."""
        lockout.succeeded(self._attempt)

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """After a new password by mail, which signs in at once and makes this browser a known one."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        sent = limits_at(settings.REDIS_URL).refusal(LETTERS_OF_A_KIND, "letter", template_prefix, email.lower())
        if sent is None:
            host = urlsplit(settings.PUMPFLIX_PUBLIC_URL).netloc
            super().send_mail(
                template_prefix, email, {**context, "current_site": SimpleNamespace(name=host, domain=host)}
            )

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At our own address, whatever host the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return public(path.replace("UID-KEY", quote(key)))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:  # noqa: ARG002
        return public(reverse("account_confirm_email", args=[emailconfirmation.key]))

    def send_account_already_exists_mail(self, email: str) -> None:
        links = {"signup_url": "account_signup", "password_reset_url": "account_reset_password"}
        context = {name: public(reverse(page)) for name, page in links.items()}
        self.send_mail("account/email/account_already_exists", email, context)

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        audit.record("login.success", actor=user, team=None, target=user)
        known_browsers.remember(request, response, user.email)
        return remember_looks(request, response, user)


def too_many_attempts(retry_after_s: int) -> ValidationError:
    """`params["retry_after_s"]` is for who answers with a header."""
    minutes = ceil(retry_after_s / 60)
    said = ngettext(
        "Too many attempts from here. Wait %(minutes)d minute; a new password by mail lets you in at once.",
        "Too many attempts from here. Wait %(minutes)d minutes; a new password by mail lets you in at once.",
        minutes,
    ) % {"minutes": minutes}
    return ValidationError(said, code="too_many_login_attempts", params={"retry_after_s": retry_after_s})
