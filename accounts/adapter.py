"""How allauth makes accounts and lets people in here: the address in lower case, a personal team from the first moment,
a lock that nobody can put on somebody else, and the looks of the account in every browser it signs in with."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.http import remember_looks
from accounts.models import User
from accounts.services import audit, first_admin
from accounts.services.teams import personal_team


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "too_many_login_attempts": _(
            "Too many attempts from here. Wait five minutes, or set a new password by mail: that lets you in at once."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Not before somebody who can read the log of the server has made the first administrator."""
        return bool(getattr(settings, "PUMPFLIX_SIGN_UP_OPEN", True)) and not first_admin.is_awaited()

    def clean_email(self, email: str) -> str:
        return str(super().clean_email(email)).lower()

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

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        audit.record("login.failed", actor=None, team=None)

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        audit.record("login.success", actor=user, team=None, target=user)
        return remember_looks(request, response, user)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count for one account from one address: who guesses at mine locks out nobody but themselves."""
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account}:{self.get_client_ip(request)}"
