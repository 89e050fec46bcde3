"""Teams own everything. Everyone has a personal one; the system team owns the gallery's own runs."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.base import TeamOwnedQuerySet, UUIDModel

ROLES = [("owner", "Owner"), ("editor", "Editor"), ("operator", "Operator"), ("viewer", "Viewer")]
KINDS = [("personal", "Personal"), ("shared", "Shared"), ("system", "System")]


class TeamQuerySet(TeamOwnedQuerySet["Team"]):
    team_path = "pk"


class Team(UUIDModel):
    """`max_running` is the guaranteed share of execution slots; idle slots are shared by all teams."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=KINDS, default="shared")
    max_running = models.PositiveIntegerField(default=5)
    max_queued = models.PositiveIntegerField(default=10_000)
    created_at = models.DateTimeField(default=timezone.now)

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[kind for kind, _ in KINDS]), name="team_kind_known"),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="system"), name="team_one_system"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(UUIDModel):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=ROLES, default="viewer")
    created_at = models.DateTimeField(default=timezone.now)

    objects: Any = TeamOwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=[role for role, _ in ROLES]), name="membership_role_known"),
        ]
        indexes = [models.Index(fields=["user", "team"], name="membership_user_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}: {self.role}"


class InvitationQuerySet(TeamOwnedQuerySet["Invitation"]):
    def unanswered(self) -> "InvitationQuerySet":
        """Neither taken, nor withdrawn or declined; lapsed ones too."""
        return self.filter(accepted_at=None, ended_at=None)

    def open(self) -> "InvitationQuerySet":
        """Those that can still be accepted, once a link that works was mailed."""
        return self.unanswered().filter(expires_at__gt=timezone.now())


class Invitation(UUIDModel):
    """`token_hash` is SHA-256 of the newest link that was mailed, which opens it until `link_until`, once. `ended_at`:
    withdrawn or declined. An address has one unended invitation of a team at most."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=8, choices=ROLES, default="viewer")
    token_hash = models.CharField(max_length=64, unique=True)
    link_until = models.DateTimeField(default=timezone.now)
    invited_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=Q(accepted_at=None, ended_at=None),
                name="invitation_one_open",
            ),
            models.CheckConstraint(condition=Q(role__in=[role for role, _ in ROLES]), name="invitation_role_known"),
        ]
        indexes = [
            models.Index(fields=["email"], condition=Q(accepted_at=None, ended_at=None), name="invitation_email")
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.team}"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.ended_at is None and self.expires_at > timezone.now()
