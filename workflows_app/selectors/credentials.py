"""What pages and clients may see of credentials. Nothing here opens one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.selectors.roles import is_at_least, role_in, teams_of
from workflows_app import credential_types
from workflows_app.engine.items import JsonObject
from workflows_app.models import Credential, Workflow


@dataclass(frozen=True, slots=True)
class CredentialView:
    """`fields` holds values that are no secrets; of the others `{"isSet", "hint"}`. `is_shared_in`: it belongs to
    another team, which lets this person's team use it; then `fields` is empty."""

    id: UUID
    name: str
    type: str
    type_label: str
    team_id: UUID
    team_name: str
    is_shared_in: bool
    secret_version: int
    fields: JsonObject
    allowed_hosts: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    failing_since: datetime | None
    created_at: datetime
    updated_at: datetime


def credentials_for(user: Any, *, type: str = "") -> list[CredentialView]:  # noqa: A002  the model's word
    """Those of the user's teams and those shared with them, by name."""
    rows = Credential.objects.usable_by(user).select_related("team").defer("sealed").order_by("name", "id")
    if type:
        rows = rows.filter(type=type)
    roles = {member.team_id: member.role for member in teams_of(user)}
    return [
        view(row, is_shared_in=row.team_id not in roles, is_seen=is_at_least(roles.get(row.team_id, ""), "editor"))
        for row in rows
    ]


def credential_view(credential: Credential, user: Any) -> CredentialView:
    """One of those that `usable_by` gave for this user."""
    role = role_in(user, credential.team_id)
    return view(credential, is_shared_in=not role, is_seen=is_at_least(role, "editor"))


def view(row: Credential, *, is_shared_in: bool, is_seen: bool) -> CredentialView:
    """`is_seen`: by somebody who may change it; who may only use it does not look into it."""
    kind = credential_types.load().find(row.type)
    return CredentialView(
        id=row.pk,
        name=row.name,
        type=row.type,
        type_label=kind.label if kind else row.type,
        team_id=row.team_id,
        team_name=row.team.name,
        is_shared_in=is_shared_in,
        secret_version=row.secret_version,
        fields=row.shown if is_seen else {},
        allowed_hosts=list(row.allowed_hosts) if is_seen else [],
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        failing_since=row.failing_since,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def used_by(credential: Credential, user: Any) -> list[dict[str, str]]:
    """Workflows this person sees that name the credential in their draft or in what is live, by name."""
    rows = Workflow.objects.visible_to(user).filter(naming(credential))
    return [{"id": str(pk), "name": name} for pk, name in rows.order_by("name").values_list("pk", "name")]


def naming(credential: Credential) -> Q:
    """Workflows that name it in their draft or in what is live."""
    named = {"nodes": [{"credentials": {credential.type: {"id": str(credential.pk)}}}]}
    return Q(graph__contains=named) | Q(live_version__graph__contains=named)


def expiring(before: datetime) -> Iterable[Credential]:
    """Those that end before that moment and are still good, the next first."""
    return Credential.objects.filter(expires_at__lt=before).select_related("team").order_by("expires_at")
