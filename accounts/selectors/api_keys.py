"""Whose keys somebody sees."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import ApiKey
from accounts.models.base import member_of


def keys_for(user: Any) -> QuerySet[ApiKey]:
    """One's own, and those of the teams one owns; newest first."""
    mine = ApiKey.objects.visible_to(user).filter(
        Q(user_id=user.pk) | Q(member_of(user, team_path="team_id", roles=("owner",)))
    )
    found: QuerySet[ApiKey] = mine.select_related("team", "user").order_by("-created_at", "-id")
    return found
