"""Somebody with a password, and how they and others come in."""

from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services.teams import personal_team

PASSWORD = "correct horse battery"
EMAIL = "owner@mail.example"
HOME, ELSEWHERE = "203.0.113.5", "198.51.100.7"


def owner(password: str = PASSWORD, email: str = EMAIL, **fields: Any) -> User:
    made = User.objects.create_user(email, password, **fields)
    EmailAddress.objects.create(user=made, email=email, primary=True, verified=True)
    personal_team(made)
    return made


def sign_in(client: Client, email: str = EMAIL, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password}, **more)


def is_in(client: Client) -> bool:
    return client.get("/profile").status_code == 200


def by_api(email: str = EMAIL, password: str = PASSWORD, address: str = HOME, **more: Any) -> Any:
    given = {"email": email, "password": password} | more
    return APIClient(REMOTE_ADDR=address).post("/api/auth/login", given, format="json")
