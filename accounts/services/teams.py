"""Teams: everyone has a personal one; the system team owns the gallery and its sample runs."""

from django.db import transaction

from accounts.models import Membership, Team, User

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


def system_team() -> Team:
    """The one team without members. Its runs see nothing of anybody and are pruned after an hour."""
    team, _ = Team.objects.get_or_create(kind="system", defaults={"name": SYSTEM_TEAM_NAME, "max_running": 20})
    return team
