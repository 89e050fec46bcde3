"""Members of a team: another role, removed, gone by themselves. A team always keeps an owner."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.errors import TeamRefused
from accounts.models import ApiKey, Invitation, Membership, Team, User
from accounts.services import audit, roles
from accounts.services.notifications import notify
from accounts.services.team_hooks import hand_on
from accounts.services.teams import refuse_personal


def change_role(member: Membership, *, role: str, by: User) -> Membership:
    """Counts at once, also for sockets and keys: each use asks anew. Raises TeamRefused, RoleTooLow."""
    roles.require(by, member.team_id, "owner")
    team = member.team
    with transaction.atomic():
        row = _locked(team, member.user_id)
        if row.role == role:
            return row
        if row.role == "owner":
            _refuse_last_owner(team, row)
            _end_invitations(team, row.user)
        before, row.role = row.role, role
        row.save(update_fields=["role"])
        audit.record(
            "team.change_role", actor=by, team=team, target=row, who=str(row.user_id), before=before, after=role
        )
        if row.user_id != by.pk:
            title = f"You are now {row.get_role_display().lower()} in {team.name}"
            notify(row.user, kind="team.role", title=title, url=f"/teams/{team.pk}")
    return row


def remove(member: Membership, *, by: User) -> None:
    """What they made stays with the team. Raises TeamRefused, RoleTooLow."""
    roles.require(by, member.team_id, "owner")
    if member.user_id == by.pk:
        leave(member.team, by=by)
        return
    with transaction.atomic():
        row = _locked(member.team, member.user_id)
        if row.role == "owner":
            _refuse_last_owner(row.team, row)
        _end(row, heir=by)
        audit.record("team.remove_member", actor=by, team=row.team, target=row, who=str(row.user_id), role=row.role)
        notify(row.user, kind="team.removed", title=f"You are no longer in {row.team.name}", url="/teams")


def leave(team: Team, *, by: User) -> None:
    """Not the last owner: somebody has to be able to manage the team. Raises TeamRefused, TeamUnknown."""
    roles.require(by, team.pk, "viewer")
    refuse_personal(team, "cannot be left")
    with transaction.atomic():
        row = _locked(team, by.pk)
        if row.role == "owner":
            _refuse_last_owner(team, row)
        others = Membership.objects.filter(team=team).exclude(pk=row.pk).select_related("user")
        heir = others.filter(role="owner").order_by("-user__is_active", "created_at", "pk").first()
        if heir is None:
            raise TeamRefused("last_owner", "The team has nobody else.", hint="Delete it instead.")
        _end(row, heir=heir.user)
        audit.record("team.leave", actor=by, team=team, target=row, who=str(by.pk), role=row.role)


def _locked(team: Team, user_id: UUID) -> Membership:
    """The member, while nobody else changes who is in the team. Raises TeamRefused for who is gone meanwhile."""
    Team.objects.select_for_update().get(pk=team.pk)
    row = Membership.objects.filter(team=team, user_id=user_id).select_related("user", "team").first()
    if row is None:
        raise TeamRefused("member_gone", "This person is not in the team any more.", hint="Load the page again.")
    return row


def _refuse_last_owner(team: Team, row: Membership) -> None:
    others = Membership.objects.filter(team=team, role="owner", user__is_active=True).exclude(pk=row.pk)
    if not others.exists():
        hint = "Make somebody else an owner first."
        raise TeamRefused("last_owner", "A team needs an owner, and this is the last one.", hint=hint)


def _end(row: Membership, *, heir: User) -> None:
    """With the membership end the keys that worked in this team, and the invitations that were sent."""
    _end_what_hung_on_it(row.team, row.user, heir)
    Membership.objects.filter(pk=row.pk).delete()


def _end_what_hung_on_it(team: Team, user: User, heir: User) -> None:
    ApiKey.objects.filter(team=team, user=user, revoked_at=None).update(revoked_at=timezone.now())
    _end_invitations(team, user)
    hand_on(team, user, heir)


def _end_invitations(team: Team, user: User) -> None:
    """Who may not invite any more does not come back by an invitation of before."""
    Invitation.objects.unanswered().filter(team=team, invited_by=user).update(ended_at=timezone.now())


# by administrators, in the admin -------------------------------------------------------------------------------------
def note_added(row: Membership, *, by: User) -> None:
    audit.record("team.add_member", actor=by, team=row.team, target=row, who=str(row.user_id), role=row.role)


def note_role(row: Membership, *, before: str, by: User) -> None:
    if before == "owner":
        _end_invitations(row.team, row.user)
    audit.record(
        "team.change_role", actor=by, team=row.team, target=row, who=str(row.user_id), before=before, after=row.role
    )


def note_removed(row: Membership, *, by: User) -> None:
    """The row is gone; now ends what hung on it. Its heir is an owner who is left, or else the administrator."""
    owners = Membership.objects.filter(team=row.team, role="owner", user__is_active=True).select_related("user")
    heir = owners.order_by("created_at", "pk").first()
    _end_what_hung_on_it(row.team, row.user, heir.user if heir is not None else by)
    audit.record("team.remove_member", actor=by, team=row.team, who=str(row.user_id), role=row.role)
