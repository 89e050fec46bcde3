"""What somebody may know about teams: their own, who is in them, who is invited."""

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower

from accounts.models import Invitation, Membership
from accounts.selectors.roles import RANKS, in_order, memberships


def counted(user: Any) -> QuerySet[Membership]:
    """The user's memberships, each with `members`: how many people are in that team."""
    others = Membership.objects.filter(team_id=OuterRef("team_id")).order_by().values("team_id")
    members = Subquery(others.annotate(n=Count("*")).values("n"), output_field=IntegerField())
    return memberships(user).select_related("team").annotate(members=Coalesce(members, 0))


def memberships_of(user: Any) -> list[Membership]:
    """As `teams_of`, counted."""
    return in_order(counted(user))


def membership_in(user: Any, team_id: UUID) -> Membership | None:
    """The user's own membership, with its team; None for who is not in it, or came with the key of another team."""
    return counted(user).filter(team_id=team_id).first()


def members_of(team_id: UUID) -> QuerySet[Membership]:
    """With their people, owners first, then by name or address."""
    rank = Case(*[When(role=role, then=Value(-rank)) for role, rank in RANKS.items()], default=Value(0))
    rows = Membership.objects.filter(team_id=team_id).select_related("user", "team")
    found: QuerySet[Membership] = rows.order_by(rank, Lower("user__name"), "user__email")
    return found


def invitations_of(team_id: UUID) -> QuerySet[Invitation]:
    """Those that nobody took yet, newest first; a lapsed one can be sent again."""
    rows = Invitation.objects.unanswered().filter(team_id=team_id)
    return rows.select_related("team", "invited_by").order_by("-created_at", "-pk")


def invitations_to(user: Any) -> QuerySet[Invitation]:
    """Open ones to an address that the user has shown to have; none for who acts by an API key."""
    if getattr(user, "only_team_id", None) is not None:
        return Invitation.objects.none()
    mine = EmailAddress.objects.filter(user_id=user.pk, verified=True).values("email")
    rows = Invitation.objects.open().filter(email__in=mine).select_related("team", "invited_by")
    return rows.order_by("-created_at", "-pk")
