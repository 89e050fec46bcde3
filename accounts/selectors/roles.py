"""Who may do what in which team. Ranks: viewer reads, operator runs, editor changes, owner manages."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Membership, Team

RANKS = {"viewer": 1, "operator": 2, "editor": 3, "owner": 4}
ROLES = tuple(reversed(RANKS))


def role_in(user: Any, team_id: UUID) -> str:
    """The user's role; empty for who is not in the team, or came with the key of another one."""
    only = getattr(user, "only_team_id", None)
    if only is not None and only != team_id:
        return ""
    found = Membership.objects.filter(team_id=team_id, user_id=user.pk).values_list("role", flat=True).first()
    return found or ""


def is_at_least(role: str, wanted: str) -> bool:
    return RANKS.get(role, 0) >= RANKS[wanted]


def team_ids_of(user: Any) -> list[UUID]:
    """The user's teams; who came with an API key is in the key's team alone."""
    return sorted(memberships(user).values_list("team_id", flat=True))


def teams_to_edit(user: Any, *, but: UUID | None = None) -> list[Team]:
    """Teams in which the user makes and changes things, the personal one first; without that one."""
    return [row.team for row in teams_of(user) if row.team_id != but and is_at_least(row.role, "editor")]


def memberships(user: Any) -> QuerySet[Membership]:
    """The user's; who came with an API key has that of the key's team alone."""
    rows: QuerySet[Membership] = Membership.objects.filter(user_id=user.pk)
    only = getattr(user, "only_team_id", None)
    return rows if only is None else rows.filter(team_id=only)


def in_order(rows: Iterable[Membership]) -> list[Membership]:
    """The personal team first, then by name."""
    return sorted(rows, key=lambda row: (row.team.kind != "personal", row.team.name.lower(), str(row.team_id)))


def teams_of(user: Any) -> list[Membership]:
    """Memberships with their team, the personal one first, then by name."""
    return in_order(memberships(user).select_related("team"))
