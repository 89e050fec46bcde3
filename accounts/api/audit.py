"""`/api/teams/{teamId}/audit`: what happened in a team, for its owners."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.team_serializers import AuditListSerializer, AuditQuery
from accounts.selectors.audit import AuditFilter, page_of_entries
from accounts.services import roles
from pumpflix.lib.rest.operations import Sample, operation
from pumpflix.lib.rest.samples import TEAM
from pumpflix.lib.rest.views import ApiView


class TeamAuditView(ApiView):
    scopes = {"GET": None}

    @operation(
        "teamAuditList",
        "List what happened in a team",
        tag="Teams",
        query=AuditQuery,
        answers={200: AuditListSerializer},
        errors=[403, 404],
        description="The audit trail, newest first, for owners.",
        samples=[Sample("Members that left", path={"team_id": TEAM}, query={"what": "team"})],
    )
    def get(self, request: Request, team_id: UUID) -> Response:
        roles.require(request.user, team_id, "owner")
        given = dict(self.query(AuditQuery).validated_data)
        limit = given.pop("limit")
        page = page_of_entries(team_id, AuditFilter(**given), limit=limit)
        return self.answer(AuditListSerializer, {"items": page.entries, "next_before": page.older})
