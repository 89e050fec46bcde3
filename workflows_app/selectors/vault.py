"""What the pages of the vault show: every credential with its state, its owner, who else may use it and what does."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db.models import F, Func, JSONField, Q, Value
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
NAMED = '$.nodes[*].credentials ? (@.type() == "object").keyvalue()'
"""The credentials of the nodes of a graph, each as `{"key": <type>, "value": {"id": <id>}}`."""


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
    uses = counted(user)
    found = [
        vault_row(row, used_by=uses[row.type, str(row.pk)])
        for row in rows.prefetch_related("shares__team").order_by("name", "id")
    ]
    return sorted(found, key=lambda row: row.state.word == "ok")


def vault_row(row: Any, *, used_by: int) -> VaultRow:
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
        used_by=used_by,
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


def is_signed_in_to(row: Credential) -> bool:
    """Whether a person signs in with the service for it, once."""
    kind = credential_types.load().find(row.type)
    return isinstance(kind, OAuth2Type) and row.shown.get("grantType") != "clientCredentials"


def is_unconnected(row: Credential) -> bool:
    """Whether somebody still has to sign in with the service."""
    token = row.shown.get("oauthTokenData")
    return is_signed_in_to(row) and not (isinstance(token, dict) and token.get("isSet"))


def counted(user: Any) -> Counter[tuple[str, str]]:
    """By type and id of a credential: how many workflows the user sees name it, in their draft or in what is live.
    Every graph is gone through once, in the database."""
    graphs = [
        Func(F(graph), Value(NAMED), function="jsonb_path_query_array", output_field=JSONField())
        for graph in ("graph", "live_version__graph")
    ]
    rows = Workflow.objects.visible_to(user).order_by().values_list(*graphs)
    return Counter(
        pair for draft, live in rows.iterator() for pair in {named(one) for one in [*draft, *(live or [])]} if pair[1]
    )


def named(entry: JsonObject) -> tuple[str, str]:
    """Type and id of one of a node's `credentials`; the id is empty where none was chosen."""
    chosen = entry["value"].get("id") if isinstance(entry["value"], dict) else None
    return entry["key"], chosen if isinstance(chosen, str) else ""


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
