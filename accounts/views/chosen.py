"""The team that a form names."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.errors import RoleTooLow, TeamUnknown
from accounts.http import MemberRequest
from accounts.models import Team
from accounts.services.teams import team_for


def chosen_team(request: MemberRequest, *, role: str = "editor") -> Team:
    """`team` of the form, else one's own. 404 for a team of others, 403 in one where one is less than `role`."""
    text = request.POST.get("team", "")
    try:
        return team_for(request.user, UUID(text) if text else None, role=role)
    except (ValueError, TeamUnknown) as error:
        raise Http404 from error
    except RoleTooLow as error:
        raise PermissionDenied from error
