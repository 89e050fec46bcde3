"""Callers of the API for the tests of every app."""

from typing import Any

from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import tokens


def as_user(user: User, **options: Any) -> APIClient:
    """A client that is signed in as that user, by a token."""
    client = APIClient(**options)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue(user).access_token}")
    return client
