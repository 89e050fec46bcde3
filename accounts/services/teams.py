"""Teams: everyone has a personal one; the system team owns the gallery and its sample runs."""

from uuid import UUID

from django.db import transaction

from accounts.errors import RoleTooLow, TeamRefused, TeamUnknown
from accounts.models import Membership, Team, User
from accounts.selectors.roles import is_at_least, role_in
from accounts.services import audit, roles
from accounts.services.team_hooks import held_by

SYSTEM_TEAM_NAME = "PumpFlix"
MOST_TEAMS = 100
LONGEST_NAME = 120


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


def create(*, name: str, by: User) -> Team:
    """A shared team with `by` as its owner. Raises TeamRefused."""
    name = checked_name(name)
    if Membership.objects.filter(user=by, role="owner").count() > MOST_TEAMS:
        raise TeamRefused("teams_many", f"You own {MOST_TEAMS} teams.", hint="Delete one that is not needed any more.")
    with transaction.atomic():
        team = Team.objects.create(name=name, kind="shared")
        Membership.objects.create(team=team, user=by, role="owner")
        audit.record("team.create", actor=by, team=team, target=team, name=name)
    return team


def rename(team: Team, *, name: str, by: User) -> Team:
    """Raises TeamRefused, RoleTooLow, TeamUnknown."""
    roles.require(by, team.pk, "owner")
    name = checked_name(name)
    before, team.name = team.name, name
    with transaction.atomic():
        team.save(update_fields=["name"])
        audit.record("team.rename", actor=by, team=team, target=team, before=before, after=name)
    return team


def delete(team: Team, *, by: User) -> None:
    """An empty one. What it has must be deleted or moved to another team first: TeamRefused says what it is."""
    roles.require(by, team.pk, "owner")
    refuse_personal(team, "cannot be deleted")
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        holds = held_by(team)
        if holds:
            shown = ", ".join(f"{name} ({count})" for name, count in holds.items())
            hint = "Delete them, or move them to another team."
            raise TeamRefused("team_not_empty", f"The team still has: {shown}.", hint=hint)
        audit.record("team.delete", actor=by, team=None, target=team, name=team.name)
        team.delete()


def refuse_personal(team: Team, what: str) -> None:
    if team.kind != "shared":
        hint = "Make a team for what you do together."
        raise TeamRefused("team_personal", f"A personal team {what}.", hint=hint)


def checked_name(name: str) -> str:
    """On one line. Raises TeamRefused."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise TeamRefused("team_name", f"A team's name has 1 to {LONGEST_NAME} printable characters.")
    # It stands in mails to people who know nobody here.
    if "://" in name or "www." in name.lower():
        raise TeamRefused("team_name", "A team's name is no address of a page.", hint="Leave the address out.")
    return name
