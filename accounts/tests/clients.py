"""Callers of the API and of the administration for the tests of every app."""

import time
from typing import Any

from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import tokens


def as_user(user: User, **options: Any) -> APIClient:
    """A client that is signed in as that user, by a token."""
    client = APIClient(**options)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue(user).access_token}")
    return client


def enter_administration(client: Client, user: User) -> None:
    """Sign that client in as an administrator who has a second factor and just used it."""
    TOTP.activate(user, generate_totp_secret())
    client.force_login(user)
    session = client.session
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session.save()
