"""What every model of the product shares: time-ordered UUID keys and team visibility."""

from typing import Any, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from pumpflix.lib.ids import uuid7

M = TypeVar("M", bound=models.Model)


class UUIDModel(models.Model):
    """Primary key made by us, ordered by time, so that rows of one moment lie together in the index."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


def member_of(user: Any, *, team_path: str, roles: tuple[str, ...] = ()) -> Exists:
    """True for rows whose team `user` belongs to (with one of `roles`, if given); `team_path` leads to the team. Who
    came with an API key (`only_team_id`) acts in the key's team alone."""
    memberships = apps.get_model("accounts", "Membership").objects.filter(team_id=OuterRef(team_path), user_id=user.pk)
    only_team_id = getattr(user, "only_team_id", None)
    if only_team_id is not None:
        memberships = memberships.filter(team_id=only_team_id)
    return Exists(memberships.filter(role__in=roles) if roles else memberships)


class TeamOwnedQuerySet(models.QuerySet[M]):
    """Rows that belong to a team. Start every query of a page or an endpoint with `visible_to(user)`."""

    team_path = "team_id"

    def visible_to(self, user: Any) -> "TeamOwnedQuerySet[M]":
        """What `user` may read; nothing for a visitor who is not signed in."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(member_of(user, team_path=self.team_path)))

    def editable_by(self, user: Any) -> "TeamOwnedQuerySet[M]":
        """What `user` may change: owner or editor of the team."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(member_of(user, team_path=self.team_path, roles=("owner", "editor"))))

    def runnable_by(self, user: Any) -> "TeamOwnedQuerySet[M]":
        """What `user` may run, cancel and retry: all but viewers."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(member_of(user, team_path=self.team_path, roles=("owner", "editor", "operator"))))
