"""What the pages of the vault show: every credential with its state, its owner, who else may use it and what does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db.models import CharField, Count, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.utils import timezone

from workflows_app import credential_types
from workflows_app.engine.items import JsonObject
from workflows_app.models import Credential, Workflow
from workflows_app.selectors.credentials import naming
from workflows_app.selectors.lists import credentials_for
from workflows_app.toolkit.credential_type import CredentialType
from workflows_app.toolkit.oauth2 import OAuth2Type

Word = Literal["ok", "ending", "ended", "failing", "unconnected"]
SOON = timedelta(days=30)
DAY_S = 86_400
MOST_WAITING = 50


@dataclass(frozen=True, slots=True)
class State:
    """`days` are those left, of one that ends."""

    word: Word
    days: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class VaultRow:
    """`shared_with` are names of teams; empty for one that another team shares in."""

    id: UUID
    name: str
    label: str
    owner: str
    made_by: str
    is_shared_in: bool
    shared_with: list[str]
    state: State
    last_used_at: datetime | None
    expires_at: datetime | None
    used_by: int


@dataclass(frozen=True, slots=True)
class Use:
    """A workflow that names a credential: in which nodes, and whether its live version does."""

    id: UUID
    name: str
    nodes: list[str]
    is_live: bool


def vault_rows(user: Any, *, query: str = "") -> list[VaultRow]:
    """Those of the user's teams and those shared with them: what needs somebody first, then by name."""
    rows = credentials_for(user).select_related("team", "created_by")
    if query:
        rows = rows.filter(Q(name__icontains=query) | Q(type__in=types_like(query)))
    rows = rows.annotate(uses=counted(user)).prefetch_related("shares__team").order_by("name", "id")
    found = [vault_row(row) for row in rows]
    return sorted(found, key=lambda row: row.state.word == "ok")


def vault_row(row: Any) -> VaultRow:
    return VaultRow(
        id=row.pk,
        name=row.name,
        label=credential_types.label_of(row.type),
        owner=row.team.name,
        made_by=str(row.created_by) if row.is_own and row.created_by else "",
        is_shared_in=not row.is_own,
        shared_with=sorted(share.team.name for share in row.shares.all()) if row.is_own else [],
        state=state_of(row),
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        used_by=row.uses,
    )


def state_of(row: Credential) -> State:
    """What has to be known of it first."""
    now = timezone.now()
    if row.expires_at is not None and row.expires_at <= now:
        return State("ended", since=row.expires_at)
    if row.failing_since is not None:
        return State("failing", since=row.failing_since)
    if is_unconnected(row):
        return State("unconnected")
    if row.expires_at is not None and row.expires_at - now <= SOON:
        return State("ending", days=int((row.expires_at - now).total_seconds() // DAY_S))
    return State("ok")


def is_unconnected(row: Credential) -> bool:
    """Whether somebody still has to sign in with the service."""
    if not isinstance(credential_types.load().find(row.type), OAuth2Type):
        return False
    token = row.shown.get("oauthTokenData")
    return row.shown.get("grantType") != "clientCredentials" and not (isinstance(token, dict) and token.get("isSet"))


def counted(user: Any) -> Coalesce:
    """How many workflows the user sees name it, in their draft or in what is live."""
    named = JSONObject(nodes=listed(JSONObject(credentials=keyed(OuterRef("type"), OuterRef("pk")))))
    rows: QuerySet[Workflow] = Workflow.objects.visible_to(user).filter(
        Q(graph__contains=named) | Q(live_version__graph__contains=named)
    )
    one = rows.order_by().annotate(all=Value(1)).values("all").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(one, output_field=IntegerField()), 0)


def listed(value: Any) -> Func:
    return Func(value, function="jsonb_build_array")


def keyed(kind: Any, pk: Any) -> Func:
    """`{<type>: {"id": <id>}}`, as nodes name a credential."""
    return Func(Cast(kind, CharField()), JSONObject(id=Cast(pk, CharField())), function="jsonb_build_object")


def uses_of(credential: Credential, user: Any) -> list[Use]:
    """Workflows the user sees that name it, by name."""
    rows = Workflow.objects.visible_to(user).filter(naming(credential))
    rows = rows.select_related("live_version").order_by("name", "id")
    return [use_of(row, credential) for row in rows]


def use_of(workflow: Workflow, credential: Credential) -> Use:
    live = workflow.live_version.graph if workflow.live_version else {}
    in_live = nodes_naming(live, credential)
    nodes = dict.fromkeys([*nodes_naming(workflow.graph, credential), *in_live])
    return Use(workflow.pk, workflow.name, list(nodes), bool(in_live))


def nodes_naming(graph: JsonObject, credential: Credential) -> list[str]:
    wanted = str(credential.pk)
    return [
        str(node.get("name") or "")
        for node in graph.get("nodes") or []
        if isinstance(reference := (node.get("credentials") or {}).get(credential.type), dict)
        and reference.get("id") == wanted
    ]


def uses_elsewhere(credential: Credential, seen: Iterable[Use]) -> int:
    """How many workflows of teams it is shared with name it besides those."""
    rows = Workflow.objects.filter(deleted_at=None).exclude(pk__in=[one.id for one in seen])
    return rows.filter(naming(credential)).count()


def waiting_for(kind: str, user: Any) -> list[Use]:
    """Workflows of the user in which nodes want such a credential and have none yet."""
    named: JsonObject = {"nodes": [{"credentials": {kind: {}}}]}
    rows = Workflow.objects.editable_by(user).filter(deleted_at=None, graph__contains=named).order_by("-updated_at")
    found = [(row, nodes_without(row.graph, kind)) for row in rows[:MOST_WAITING]]
    return [Use(row.pk, row.name, nodes, is_live=False) for row, nodes in found if nodes]


def nodes_without(graph: JsonObject, kind: str) -> list[str]:
    """Nodes that name the type and no credential."""
    asked = [(node, (node.get("credentials") or {}).get(kind)) for node in graph.get("nodes") or []]
    return [str(node.get("name") or "") for node, named in asked if isinstance(named, dict) and not named.get("id")]


def types_like(query: str) -> list[str]:
    wanted = query.lower()
    return [kind.name for kind in credential_types.load().all() if wanted in f"{kind.label} {kind.name}".lower()]


def types_for(query: str) -> list[CredentialType[Any]]:
    """Types to choose from, by label; those whose name or line of description holds the words."""
    wanted = query.lower().split()
    return [kind for kind in credential_types.load().all() if all(word in said_of(kind) for word in wanted)]


def said_of(kind: CredentialType[Any]) -> str:
    return f"{kind.label} {kind.name} {kind.__doc__ or ''} {' '.join(kind.hosts)}".lower()
