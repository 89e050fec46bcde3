"""A credential goes to another team of the same person; the team it leaves may be let use it on."""

from django.db import transaction

from accounts.models import Team, User
from accounts.services import roles
from workflows_app.models import Credential
from workflows_app.services import credentials


def transfer(credential: Credential, *, team: Team, by: User, keep_use: bool = True) -> Credential:
    """`by` edits in both teams. With `keep_use` the workflows of the team it leaves go on using it, unseen by its
    people from now on. Raises Unsuitable, RoleTooLow, TeamUnknown."""
    roles.require(by, team.pk, "editor")
    with transaction.atomic():
        # Somebody else may have moved it meanwhile.
        held = Credential.objects.select_for_update(of=("self",)).select_related("team").get(pk=credential.pk)
        roles.require(by, held.team_id, "editor")
        row = credentials.hand_over(held, team=team, by=by)
        if keep_use:
            credentials.share(row, team=held.team, by=by)
    return row
