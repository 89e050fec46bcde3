"""Teams: everyone has a personal one; the system team owns the gallery and its sample runs."""

from uuid import UUID

from django.db import transaction

from accounts.errors import RoleTooLow, TeamUnknown
from accounts.models import Membership, Team, User
from accounts.selectors.roles import is_at_least, role_in

SYSTEM_TEAM_NAME = "PumpFlix"


def personal_team(user: User) -> Team:
    """The team of what `user` makes alone; made on first use, so that accounts made by a command have one too."""
    found = Team.objects.filter(kind="personal", memberships__user=user, memberships__role="owner").first()
    if found is not None:
        return found
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        found = Team.objects.filter(kind="personal", memberships__user=user, memberships__role="owner").first()
        if found is not None:
            return found
        team = Team.objects.create(name=f"{user}'s workflows"[:120], kind="personal")
        Membership.objects.create(team=team, user=user, role="owner")
        return team


def own_team(user: User) -> Team:
    """Where things go that name no team: the personal one, or that of the API key somebody came with."""
    only = getattr(user, "only_team_id", None)
    return personal_team(user) if only is None else Team.objects.get(pk=only)


def team_for(user: User, team_id: UUID | None, *, role: str = "editor") -> Team:
    """The team a new thing goes to: the one that is named, else one's own. Raises TeamUnknown for a team the user is
    not in, RoleTooLow where the user may not make things. An API key's own team is the key's, whatever its holder is
    there."""
    if team_id is None:
        team_id = own_team(user).pk
    held = role_in(user, team_id)
    if not held:
        raise TeamUnknown
    if not is_at_least(held, role):
        raise RoleTooLow(role)
    return Team.objects.get(pk=team_id)


def system_team() -> Team:
    """The one team without members. Its runs see nothing of anybody and are pruned after an hour."""
    team, _ = Team.objects.get_or_create(kind="system", defaults={"name": SYSTEM_TEAM_NAME, "max_running": 20})
    return team
