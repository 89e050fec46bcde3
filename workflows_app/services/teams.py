"""What a team has here, and what becomes of it when a member goes."""

from accounts.models import Team, User
from accounts.services.team_hooks import register_handing_on, register_holding
from workflows_app.models import Credential, DataTable, TeamFile, Workflow


def hand_on_private(team: Team, leaving: User, heir: User) -> None:
    """What only the author could see must not be lost: it is the heir's alone now."""
    Workflow.objects.filter(team=team, created_by=leaving, visibility="private").update(created_by=heir)


register_holding("workflows", lambda team: Workflow.objects.filter(team=team, deleted_at=None).count())
register_holding("credentials", lambda team: Credential.objects.filter(team=team).count())
register_holding("data tables", lambda team: DataTable.objects.filter(team=team).count())
register_holding("files", lambda team: TeamFile.objects.filter(team=team).count())
register_handing_on(hand_on_private)
