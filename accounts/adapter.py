"""How allauth makes accounts here: the address in lower case, and a personal team from the first moment."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from accounts.services.teams import personal_team


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return bool(getattr(settings, "PUMPFLIX_SIGN_UP_OPEN", True))

    def clean_email(self, email: str) -> str:
        return str(super().clean_email(email)).lower()

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        with transaction.atomic():
            user.email = (form.cleaned_data.get("email") or "").lower()
            saved: User = super().save_user(request, user, form, commit=commit)
            if commit:
                personal_team(saved)
        return saved
