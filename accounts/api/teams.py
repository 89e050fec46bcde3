"""`/api/teams` and `/api/invitations`: who works together, and as what."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.team_serializers import (
    AcceptSerializer,
    InvitationListSerializer,
    InvitationMadeSerializer,
    InvitationSerializer,
    InviteSerializer,
    LinkSerializer,
    MemberListSerializer,
    MemberSerializer,
    RoleSerializer,
    TeamDetailSerializer,
    TeamListSerializer,
    TeamNameSerializer,
)
from accounts.models import Invitation, Membership
from accounts.selectors.roles import teams_of
from accounts.selectors.teams import invitations_of, invitations_to, members_of, membership_in
from accounts.services import invitations, members, teams
from pumpflix.lib.rest.errors import found
from pumpflix.lib.rest.operations import Sample, operation
from pumpflix.lib.rest.samples import INVITATION, MEMBER, OWN_INVITATION, TEAM
from pumpflix.lib.rest.views import ApiView

TAG = "Teams"
HERE = {"team_id": TEAM}
ONE_MEMBER = {**HERE, "user_id": MEMBER}
ONE_INVITATION = {**HERE, "invitation_id": INVITATION}
PEOPLE_ALONE = {"POST": None, "PATCH": None, "DELETE": None}


def mine(request: Request, team_id: UUID) -> Membership:
    """The caller's place in that team; else 404."""
    return found(membership_in(request.user, team_id))


def member_of_team(request: Request, team_id: UUID, user_id: UUID) -> Membership:
    mine(request, team_id)
    return found(members_of(team_id).filter(user_id=user_id).first())


def invitation_of_team(request: Request, team_id: UUID, invitation_id: UUID) -> Invitation:
    mine(request, team_id)
    return found(invitations_of(team_id).filter(pk=invitation_id).first())


class TeamsView(ApiView):
    scopes = {"POST": None}

    @operation(
        "teamsList", "Your teams and your role in each", tag=TAG, answers={200: TeamListSerializer}, errors=[403]
    )
    def get(self, request: Request) -> Response:
        return self.answer(TeamListSerializer, {"items": teams_of(request.user)})

    @operation(
        "teamsCreate",
        "Make a team",
        tag=TAG,
        body=TeamNameSerializer,
        answers={201: TeamDetailSerializer},
        errors=[403, 422],
        description="You own it, and invite others.",
        samples=[Sample("A team", {"name": "Operations"}, status=201)],
    )
    def post(self, request: Request) -> Response:
        team = teams.create(name=self.body(TeamNameSerializer)["name"], by=request.user)
        return self.answer(TeamDetailSerializer, mine(request, team.pk), status=201)


class TeamView(ApiView):
    scopes = PEOPLE_ALONE

    @operation(
        "teamsGet",
        "Get a team",
        tag=TAG,
        answers={200: TeamDetailSerializer},
        errors=[403, 404],
        samples=[Sample("One of yours", path=HERE)],
    )
    def get(self, request: Request, team_id: UUID) -> Response:
        return self.answer(TeamDetailSerializer, mine(request, team_id))

    @operation(
        "teamsUpdate",
        "Rename a team",
        tag=TAG,
        body=TeamNameSerializer,
        answers={200: TeamDetailSerializer},
        errors=[403, 404, 422],
        samples=[Sample("Another name", {"name": "Night shift"}, path=HERE)],
    )
    def patch(self, request: Request, team_id: UUID) -> Response:
        member = mine(request, team_id)
        teams.rename(member.team, name=self.body(TeamNameSerializer)["name"], by=request.user)
        return self.answer(TeamDetailSerializer, mine(request, team_id))

    @operation(
        "teamsDelete",
        "Delete an empty team",
        tag=TAG,
        answers={204: None},
        errors=[403, 404, 422],
        description="422 while it has anything: `message` says what. Delete that, or move it to another team.",
        samples=[Sample("Delete", path=HERE, status=204)],
    )
    def delete(self, request: Request, team_id: UUID) -> Response:
        teams.delete(mine(request, team_id).team, by=request.user)
        return Response(status=204)


class MembersView(ApiView):
    @operation(
        "teamMembersList",
        "List the members of a team",
        tag=TAG,
        answers={200: MemberListSerializer},
        errors=[403, 404],
        samples=[Sample("All", path=HERE)],
    )
    def get(self, request: Request, team_id: UUID) -> Response:
        mine(request, team_id)
        return self.answer(MemberListSerializer, {"items": members_of(team_id)})


class MemberView(ApiView):
    scopes = PEOPLE_ALONE

    @operation(
        "teamMembersUpdate",
        "Change the role of a member",
        tag=TAG,
        body=RoleSerializer,
        answers={200: MemberSerializer},
        errors=[403, 404, 422],
        description="Counts at once. 422 for the last owner.",
        samples=[Sample("May run things", {"role": "operator"}, path=ONE_MEMBER)],
    )
    def patch(self, request: Request, team_id: UUID, user_id: UUID) -> Response:
        member = member_of_team(request, team_id, user_id)
        changed = members.change_role(member, role=self.body(RoleSerializer)["role"], by=request.user)
        return self.answer(MemberSerializer, changed)

    @operation(
        "teamMembersRemove",
        "Remove a member, or leave",
        tag=TAG,
        answers={204: None},
        errors=[403, 404, 422],
        description="With your own id you leave. Their API keys of this team end, their sockets within a minute; what "
        "they made stays. 422 for the last owner.",
        samples=[Sample("Remove", path=ONE_MEMBER, status=204)],
    )
    def delete(self, request: Request, team_id: UUID, user_id: UUID) -> Response:
        member = member_of_team(request, team_id, user_id)
        if user_id == request.user.pk:
            members.leave(member.team, by=request.user)
        else:
            members.remove(member, by=request.user)
        return Response(status=204)


class TeamInvitationsView(ApiView):
    scopes = PEOPLE_ALONE

    @operation(
        "teamInvitationsList",
        "List the invitations that nobody took yet",
        tag=TAG,
        answers={200: InvitationListSerializer},
        errors=[403, 404],
        samples=[Sample("All", path=HERE)],
    )
    def get(self, request: Request, team_id: UUID) -> Response:
        mine(request, team_id)
        return self.answer(InvitationListSerializer, {"items": invitations_of(team_id)})

    @operation(
        "teamInvitationsCreate",
        "Invite somebody by mail",
        tag=TAG,
        body=InviteSerializer,
        answers={201: InvitationMadeSerializer},
        errors=[403, 404, 422],
        description="The mail has a link that works once and for half an hour; the invitation is open for a week. Who "
        "has no account makes one from there.",
        samples=[Sample("An editor", {"email": "grace@mail.example", "role": "editor"}, path=HERE, status=201)],
    )
    def post(self, request: Request, team_id: UUID) -> Response:
        team = mine(request, team_id).team
        given = self.body(InviteSerializer)
        made = Mailed.by(partial(invitations.invite, team, by=request.user, **given))
        return self.answer(InvitationMadeSerializer, made, status=201)


class Mailed:
    """An invitation, and whether its mail left."""

    def __init__(self, row: Invitation, is_mailed: bool) -> None:
        self.row = row
        self.is_mailed = is_mailed

    @classmethod
    def by(cls, send: Callable[[], Invitation]) -> "Mailed":
        try:
            return cls(send(), is_mailed=True)
        except invitations.MailNotSent as error:
            return cls(error.invitation, is_mailed=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)


class TeamInvitationView(ApiView):
    scopes = PEOPLE_ALONE

    @operation(
        "teamInvitationsWithdraw",
        "Withdraw an invitation",
        tag=TAG,
        answers={204: None},
        errors=[403, 404, 422],
        samples=[Sample("Withdraw", path=ONE_INVITATION, status=204)],
    )
    def delete(self, request: Request, team_id: UUID, invitation_id: UUID) -> Response:
        invitations.withdraw(invitation_of_team(request, team_id, invitation_id), by=request.user)
        return Response(status=204)


class TeamInvitationResendView(ApiView):
    scopes = PEOPLE_ALONE

    @operation(
        "teamInvitationsResend",
        "Send an invitation again",
        tag=TAG,
        answers={200: InvitationMadeSerializer},
        errors=[403, 404, 422],
        description="With a new link, and open for another week. The link of before no longer works.",
        samples=[Sample("Again", path=ONE_INVITATION)],
    )
    def post(self, request: Request, team_id: UUID, invitation_id: UUID) -> Response:
        row = invitation_of_team(request, team_id, invitation_id)
        sent = Mailed.by(partial(invitations.resend, row, by=request.user))
        return self.answer(InvitationMadeSerializer, sent)


class InvitationsView(ApiView):
    scopes = {"GET": None}

    @operation(
        "invitationsList",
        "Teams you are invited to",
        tag=TAG,
        answers={200: InvitationListSerializer},
        errors=[403],
        description="Open ones to an address that you have confirmed.",
    )
    def get(self, request: Request) -> Response:
        return self.answer(InvitationListSerializer, {"items": invitations_to(request.user)})


class InvitationLookupView(ApiView):
    scopes = {"POST": None}

    @operation(
        "invitationsLookup",
        "See what a link invites to",
        tag=TAG,
        body=LinkSerializer,
        answers={200: InvitationSerializer},
        errors=[403, 404],
        description="404 for a link that was used, withdrawn, or is older than half an hour.",
        samples=[Sample("A link that is over", {"token": "a-link-of-last-week"}, status=404)],
    )
    def post(self, request: Request) -> Response:
        row = found(by_link(self.body(LinkSerializer)["token"]))
        return self.answer(InvitationSerializer, row)


class InvitationAcceptView(ApiView):
    scopes = {"POST": None}

    @operation(
        "invitationsAccept",
        "Join a team",
        tag=TAG,
        body=AcceptSerializer,
        answers={200: TeamDetailSerializer},
        errors=[403, 404, 422],
        samples=[Sample("Join", {}, path={"invitation_id": OWN_INVITATION})],
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        row, has_link = taken(request, invitation_id, self.body(AcceptSerializer).get("token", ""))
        member = invitations.accept(row, by=request.user, has_link=has_link)
        return self.answer(TeamDetailSerializer, mine(request, member.team_id))


class InvitationDeclineView(ApiView):
    scopes = {"POST": None}

    @operation(
        "invitationsDecline",
        "Decline an invitation",
        tag=TAG,
        body=AcceptSerializer,
        answers={204: None},
        errors=[403, 404, 422],
        samples=[Sample("No, thank you", {}, path={"invitation_id": OWN_INVITATION}, status=204)],
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        row, has_link = taken(request, invitation_id, self.body(AcceptSerializer).get("token", ""))
        invitations.decline(row, by=request.user, has_link=has_link)
        return Response(status=204)


def by_link(token: str) -> Invitation | None:
    """What a link opens now."""
    row = invitations.opened(token)
    return row if row is not None and row.link_until > timezone.now() else None


def taken(request: Request, invitation_id: UUID, token: str) -> tuple[Invitation, bool]:
    """The invitation, and whether its link was shown. 404 for one that is neither the caller's nor the link's."""
    row = by_link(token) if token else None
    if row is not None and row.pk == invitation_id:
        return row, True
    return found(invitations_to(request.user).filter(pk=invitation_id).first()), False
