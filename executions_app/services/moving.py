"""A workflow moves to another team: with its versions, runs and alerts, without what belongs to the team it leaves."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import Membership, Team, User
from accounts.services import audit, roles
from executions_app import payloads
from executions_app.adapters.credentials import id_in
from executions_app.models import Alert, Execution, ExecutionLabel, KeptResult, OutboxMessage, Report
from executions_app.models.execution import TERMINAL
from executions_app.services import alerts
from executions_app.storage_quota import Count, quota
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.errors import Unsuitable
from workflows_app.models import Credential, Workflow, WorkflowVersion
from workflows_app.services import bell, edits, vault, workflows

MOST_CALLERS = 20
FILE = re.compile(r"sha256:([0-9a-f]{64})")

FILES_OF_RUNS = """
SELECT DISTINCT p.sha256 FROM executions_app_payloaduse u
  JOIN executions_app_execution e ON e.id = u.execution_id
  JOIN executions_app_payload p ON p.id = u.payload_id WHERE e.workflow_id = %s
"""
COPY_FILES = """
INSERT INTO executions_app_payload AS kept (id, team_id, sha256, size_bytes, encoding, data, created_at)
SELECT given.id, %(to)s, p.sha256, p.size_bytes, p.encoding, p.data, now()
  FROM unnest(%(ids)s::uuid[], %(digests)s::text[]) AS given(id, sha256)
  JOIN executions_app_payload p ON p.sha256 = given.sha256 AND p.team_id = %(from)s
 ORDER BY given.id
    ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at
 WHERE kept.created_at < excluded.created_at - interval '1 hour'
"""
NOT_THERE = """
SELECT given.id, p.size_bytes FROM unnest(%(ids)s::uuid[], %(digests)s::text[]) AS given(id, sha256)
  JOIN executions_app_payload p ON p.sha256 = given.sha256 AND p.team_id = %(from)s
 WHERE NOT EXISTS (SELECT 1 FROM executions_app_payload there WHERE there.id = given.id)
"""
NAME_COPIES = """
UPDATE executions_app_payloaduse u SET payload_id = copied.id
  FROM executions_app_execution e, executions_app_payload p, executions_app_payload copied
 WHERE u.execution_id = e.id AND e.workflow_id = %(workflow)s
   AND p.id = u.payload_id AND p.team_id = %(from)s
   AND copied.team_id = %(to)s AND copied.sha256 = p.sha256
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that the other team has not yet."""

    id: UUID
    team_id: UUID
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Move:
    """What goes along: numbers of `runs`, `versions` and `alerts`. What stays: `credentials`, by name. `callers` are
    workflows that name it and will not find it any more. `unfinished` runs have to end first; one that `is_live` is
    switched off."""

    runs: int
    versions: int
    alerts: int
    unfinished: int
    is_live: bool
    credentials: list[str]
    callers: list[str]


def looked_ahead(workflow: Workflow, team: Team, *, by: User) -> Move:
    """What `move` to that team would do, as far as `by` sees it."""
    runs = Execution.objects.filter(workflow=workflow)
    return Move(
        runs=runs.filter(deleted_at=None).count(),
        versions=WorkflowVersion.objects.filter(workflow=workflow).count(),
        alerts=Alert.objects.filter(workflow=workflow).count(),
        unfinished=runs.exclude(status__in=TERMINAL).count(),
        is_live=workflow.is_live,
        credentials=without_credentials(workflow, team)[1],
        callers=callers_of(workflow, by),
    )


def callers_of(workflow: Workflow, user: User) -> list[str]:
    """Names of the team's other workflows whose draft names this one: as a sub-workflow, or for their errors."""
    others = Workflow.objects.visible_to(user).filter(team_id=workflow.team_id).exclude(pk=workflow.pk)
    texts = others.annotate(text=Cast("graph", TextField())).filter(text__contains=str(workflow.pk))
    return list(texts.order_by("name").values_list("name", flat=True)[:MOST_CALLERS])


def move(workflow: Workflow, *, team: Team, by: User) -> Workflow:
    """Give it to another team of `by`, who may edit in both. It is switched off, seen by the whole team, and names only
    credentials that the team may use. Raises Unsuitable, RoleTooLow, TeamUnknown, StorageFull."""
    roles.require(by, workflow.team_id, "editor")
    roles.require(by, team.pk, "editor")
    if team.pk == workflow.team_id:
        raise Unsuitable("The workflow is in this team already.", hint="Choose another team.")
    refuse_unfinished(workflow)
    counted = quota().counted(team.pk)
    # Large files take their time, and whoever starts a run waits for the row that is held next.
    copy_files(workflow, team, counted)
    with transaction.atomic():
        # A run that starts now waits for this row, as it names it.
        row = Workflow.objects.select_for_update(of=("self",)).select_related("team").get(pk=workflow.pk)
        roles.require(by, row.team_id, "editor")
        refuse_unfinished(row)
        before = row.team
        if row.is_live:
            workflows.unpublish(row, by=by)
        places = opened_alerts(row)
        copy_files(row, team, counted)
        move_runs(row, team)
        move_row(row, team)
        seal_alerts(row, places)
        for one in (before, team):
            audit.record(
                "workflow.move", actor=by, team=one, target=row, from_team=str(before.pk), to_team=str(team.pk)
            )
        bell.tell(row.pk, "moved")
    workflow.refresh_from_db()
    return workflow


def refuse_unfinished(workflow: Workflow) -> None:
    count = Execution.objects.filter(workflow=workflow).exclude(status__in=TERMINAL).count()
    if count:
        raise Unsuitable(
            f"Runs of it are not over: {count}.",
            code="runs_under_way",
            hint="Let them end, or cancel them, then move it.",
        )


def move_row(workflow: Workflow, team: Team) -> None:
    graph, _ = without_credentials(workflow, team)
    Workflow.objects.filter(pk=workflow.pk).update(
        team=team,
        name=workflows.free_name(team, workflow.name),
        graph=graph,
        visibility="team",
        lock_version=F("lock_version") + 1,
        updated_at=timezone.now(),
    )
    workflow.refresh_from_db()


def without_credentials(workflow: Workflow, team: Team) -> tuple[dict[str, Any], list[str]]:
    """The draft without ids of credentials that the team may not use, and the names of those."""
    parsed = Graph.from_n8n({**edits.EMPTY_GRAPH, **workflow.graph})
    wanted = {found for node in parsed.nodes for value in node.credentials.values() if (found := id_in(value))}
    usable = set(Credential.objects.usable_by_team(team.pk).filter(pk__in=wanted).values_list("pk", flat=True))
    names: dict[str, None] = {}
    kept = []
    for node in parsed.nodes:
        bare = {kind: unlinked(value, usable, names) for kind, value in node.credentials.items()}
        kept.append(node.replace(credentials=bare) if bare != dict(node.credentials) else node)
    if not names:
        return workflow.graph, []
    return parsed.with_nodes(tuple(kept)).to_n8n(), list(names)


def unlinked(value: Any, usable: set[UUID], names: dict[str, None]) -> Any:
    """The reference as it is, or its name alone, which is noted."""
    found = id_in(value)
    if found is None or found in usable:
        return value
    name = str(value.get("name") or found)
    names[name] = None
    return {"id": None, "name": name}


# runs -----------------------------------------------------------------------------------------------------------------
def copy_files(workflow: Workflow, team: Team, counted: Count) -> None:
    """Files are stored by team: those that the runs and the graphs name are stored with the other one too. Raises
    StorageFull where it has no room for those it lacks. A copy that is used by nothing in the end goes after a day."""
    with connection.cursor() as cursor:
        cursor.execute(FILES_OF_RUNS, [workflow.pk])
        digests = sorted({row[0] for row in cursor.fetchall()} | files_named(workflow))
        ids = [payloads.row_id(team.pk, digest) for digest in digests]
        values: dict[str, Any] = {"from": workflow.team_id, "to": team.pk, "ids": ids, "digests": digests}
        cursor.execute(NOT_THERE, values)
        quota().admit([Copy(row[0], team.pk, row[1]) for row in cursor.fetchall()], counted=counted)
        cursor.execute(COPY_FILES, values)


def move_runs(workflow: Workflow, team: Team) -> None:
    runs = Execution.objects.filter(workflow=workflow)
    with connection.cursor() as cursor:
        cursor.execute(NAME_COPIES, {"workflow": workflow.pk, "from": workflow.team_id, "to": team.pk})
    ExecutionLabel.objects.filter(execution__in=runs.values("pk")).update(team_id=team.pk)
    OutboxMessage.objects.filter(execution__in=runs.values("pk")).update(team=team)
    runs.update(team=team)
    KeptResult.objects.filter(workflow=workflow).delete()
    # A report goes on for who is in the other team too; for anybody else it ends.
    people = Membership.objects.filter(team=team).values("user")
    reports = Report.objects.filter(workflow=workflow)
    reports.filter(Q(created_by=None) | ~Q(created_by__in=people)).delete()
    reports.update(team=team)


def files_named(workflow: Workflow) -> set[str]:
    """Digests of the files that pinned data, or mails in the outbox, name."""
    versions = WorkflowVersion.objects.filter(workflow=workflow, has_files=True).values_list("graph", flat=True)
    mails = OutboxMessage.objects.filter(execution__workflow=workflow).exclude(attachments=[])
    texts = [str(workflow.graph), *map(str, versions), *map(str, mails.values_list("attachments", flat=True))]
    return {digest for text in texts for digest in FILE.findall(text)}


# alerts ---------------------------------------------------------------------------------------------------------------
def opened_alerts(workflow: Workflow) -> list[tuple[Alert, dict[str, Any]]]:
    """Where each goes: sealed for the team it is in, so it is opened before the team changes."""
    rows = Alert.objects.filter(workflow=workflow).select_related("workflow").order_by("pk")
    return [(row, vault.opened(alerts.record_of(row), bytes(row.sealed), f"alert to {row.hint}")) for row in rows]


def seal_alerts(workflow: Workflow, places: list[tuple[Alert, dict[str, Any]]]) -> None:
    for row, place in places:
        row.workflow = workflow
        sealed, _ = vault.sealed(alerts.record_of(row), place)
        Alert.objects.filter(pk=row.pk).update(sealed=sealed)
