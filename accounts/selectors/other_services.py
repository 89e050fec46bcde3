"""The services of others by which somebody may sign in."""

from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Linked:
    """`name` of the service, and `known_as` what somebody is called there. `is_offered`: it still lets in."""

    id: int
    name: str
    known_as: str
    is_offered: bool


def linked_services(request: HttpRequest) -> list[Linked]:
    """Of who asks; those that settings no longer name too, so that they can be taken off."""
    names = {provider.sub_id: str(provider.name) for provider in get_adapter().list_providers(request)}
    rows = SocialAccount.objects.filter(user_id=request.user.pk).order_by("provider", "pk")
    return [
        Linked(row.pk, names.get(row.provider, row.provider.capitalize()), _known_as(row), row.provider in names)
        for row in rows
    ]


def _known_as(row: SocialAccount) -> str:
    said: dict[str, Any] = row.extra_data if isinstance(row.extra_data, dict) else {}
    said = said.get("userinfo") or said
    return str(said.get("email") or said.get("name") or "")[:254]
