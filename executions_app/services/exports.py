"""Exports: runs, workflows or the audit trail of a team as CSV, JSON or a zip of both, made by a job.

Runs go out without their data, workflows without credentials and without what looks like a secret in them."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Literal, cast
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import AuditEntry, Team, User
from accounts.services import audit, roles
from executions_app.job_kinds import JobRun
from executions_app.models import Execution, Job
from executions_app.selectors.executions import ExecutionFilter, executions_for
from executions_app.services import jobs
from executions_app.services.job_files import FileWriter
from pumpflix.lib import csv_text
from pumpflix.lib.rate_limits import limits_at
from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.models import Workflow
from workflows_app.services.archives import free_file_name
from workflows_app.services.edits import final_json
from workflows_app.services.import_secrets import masked_anywhere, secrets_in, without

What = Literal["executions", "workflows", "audit"]
WHATS: tuple[What, ...] = ("executions", "workflows", "audit")
FORMATS = ("csv", "json", "zip")
MIME = {"csv": "text/csv; charset=utf-8", "json": "application/json", "zip": "application/zip"}
KIND = {"executions": "exports.executions", "workflows": "exports.workflows", "audit": "audits.export"}
PAGE = 500

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`mail`: also tell by mail when it is done."""

    what: What
    format: str = "csv"
    workflow_id: UUID | None = None
    statuses: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    mail: bool = False

    def to_json(self) -> JsonObject:
        return {
            "what": self.what,
            "format": self.format,
            "workflow": str(self.workflow_id) if self.workflow_id else None,
            "statuses": list(self.statuses),
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "mail": self.mail,
        }

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Wanted":
        since, until = raw.get("since"), raw.get("until")
        return cls(
            what=cast(What, raw["what"]),
            format=str(raw["format"]),
            workflow_id=UUID(raw["workflow"]) if raw.get("workflow") else None,
            statuses=tuple(raw.get("statuses") or ()),
            since=parse_datetime(since) if since else None,
            until=parse_datetime(until) if until else None,
            mail=bool(raw.get("mail")),
        )


class TooMany(UserError):
    """`retry_after_s` says when the next one may be asked for."""

    code = "too_many_requests"

    def __init__(self, retry_after_s: int) -> None:
        minutes = -(-retry_after_s // 60)
        super().__init__("You asked for too many exports.", hint=f"Try again in {minutes} min.")
        self.retry_after_s = retry_after_s


def ask(wanted: Wanted, *, team: Team, by: User, counts: bool = True) -> Job:
    """Store the job that makes it. `counts`: against the limit of exports. Raises RoleTooLow, TooMany, UserError."""
    roles.require(by, team.pk, "owner" if wanted.what == "audit" else "viewer")
    if wanted.format not in FORMATS or wanted.what not in WHATS:
        raise UserError("There is no such export.", code="export_unknown", hint="Ask for CSV, JSON or a zip.")
    if counts:
        verdict = limits_at(settings.REDIS_URL).take(settings.PUMPFLIX_LIMITS["export"], "export", f"user:{by.pk}")
        if not verdict.allowed:
            raise TooMany(verdict.retry_after_s)
    audit.record(f"{wanted.what}.export", actor=by, team=team, format=wanted.format)
    return jobs.enqueue(KIND[wanted.what], wanted.to_json(), team_id=team.pk, by=by)


def make(run: JobRun) -> JsonObject:
    """Write the file. Whoever asked must still be in the team."""
    wanted = Wanted.from_json(run.arguments)
    user = User.objects.filter(pk=run.started_by_id, is_active=True).first()
    if user is None or run.team_id is None:
        raise UserError("Whoever asked for this export is gone.", code="export_unknown")
    roles.require(user, run.team_id, "owner" if wanted.what == "audit" else "viewer")
    rows = SOURCES[wanted.what](user, run.team_id, wanted)
    total = rows.count()
    name = f"{wanted.what}-{timezone.now():%Y-%m-%d}.{wanted.format}"
    counter = Counter(run, total)
    with FileWriter(run, name, MIME[wanted.format]) as out:
        WRITERS[wanted.format](cast(IO[bytes], out), wanted.what, rows, counter)
    return {"rows": counter.done, "bytes": out.file.size_bytes, "name": name}


class Counter:
    """Tells how far it is, about once a page."""

    def __init__(self, run: JobRun, total: int) -> None:
        self._run = run
        self._total = max(total, 1)
        self.done = 0

    def one(self) -> None:
        self.done += 1
        if self.done % PAGE == 0:
            self._run.progress(self.done / self._total)


# what is exported ---------------------------------------------------------------------------------------------------
def executions(user: User, team_id: UUID, wanted: Wanted) -> QuerySet[Execution]:
    chosen = ExecutionFilter(
        statuses=wanted.statuses, workflow_id=wanted.workflow_id, since=wanted.since, until=wanted.until
    )
    visible = Workflow.objects.visible_to(user).values("pk")
    return executions_for(user, chosen).filter(team_id=team_id, workflow__in=visible)


def workflows(user: User, team_id: UUID, wanted: Wanted) -> QuerySet[Workflow]:
    rows = Workflow.objects.visible_to(user).filter(team_id=team_id)
    return rows.filter(pk=wanted.workflow_id) if wanted.workflow_id else rows


def audit_entries(_: User, team_id: UUID, wanted: Wanted) -> QuerySet[AuditEntry]:
    """Of one's own team alone: `make` asks for its owner."""
    rows = AuditEntry.objects.filter(team_id=team_id).select_related("actor")
    rows = rows.filter(at__gte=wanted.since) if wanted.since else rows
    return rows.filter(at__lt=wanted.until) if wanted.until else rows


SOURCES: dict[What, Callable[[User, UUID, Wanted], QuerySet[Any]]] = {
    "executions": executions,
    "workflows": workflows,
    "audit": audit_entries,
}


def in_pages(rows: QuerySet[Any]) -> Iterator[Model]:
    """By key, so that neither memory nor a transaction grows with their number."""
    last: UUID | None = None
    while True:
        page = list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:PAGE])
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1].pk


def execution_record(row: Execution) -> Record:
    took = (row.finished_at - row.started_at).total_seconds() * 1000 if row.finished_at and row.started_at else None
    return {
        "id": str(row.pk),
        "workflow": row.workflow.name,
        "workflowId": str(row.workflow_id),
        "version": row.version.number,
        "status": row.status,
        "mode": row.mode,
        "createdAt": row.created_at,
        "startedAt": row.started_at,
        "finishedAt": row.finished_at,
        "durationMs": took,
        "lastNode": row.last_node,
        "errorCode": row.error_code,
        "error": masked_anywhere(row.error_text),
    }


def workflow_record(row: Workflow) -> Record:
    return {
        "id": str(row.pk),
        "name": row.name,
        "description": row.description,
        "live": row.live_version_id is not None,
        "tags": ", ".join(row.tags),
        "nodes": len(row.graph.get("nodes") or []),
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


def audit_record(row: AuditEntry) -> Record:
    return {
        "id": str(row.pk),
        "at": row.at,
        "who": row.actor.email if row.actor else "",
        "action": row.action,
        "objectType": row.object_type,
        "objectId": row.object_id,
        "result": row.result,
        "address": row.ip_address or "",
        "details": orjson.dumps(row.details, option=orjson.OPT_SORT_KEYS).decode(),
        "chain": row.chain,
    }


RECORDS: dict[What, Callable[[Any], Record]] = {
    "executions": execution_record,
    "workflows": workflow_record,
    "audit": audit_record,
}


def clean_graph(workflow: Workflow) -> JsonObject:
    """The workflow as n8n takes it, without credentials and without what looks like a secret in it."""
    graph = final_json(workflow)
    cleaned, _, _ = without(graph, secrets_in(graph), to_vault=False)
    return {**cleaned, "pinData": {}}


# how it is written ----------------------------------------------------------------------------------------------------
def write_csv(out: IO[bytes], what: What, rows: QuerySet[Any], counter: Counter) -> None:
    has_head = False
    for record in records(what, rows, counter):
        if not has_head:
            out.write(csv_text.line(list(record)))
            has_head = True
        out.write(csv_text.line(list(record.values())))
    if not has_head:
        out.write(csv_text.line(["empty"]))


def write_json(out: IO[bytes], what: What, rows: QuerySet[Any], counter: Counter) -> None:
    written = documents(rows, counter) if what == "workflows" else records(what, rows, counter)
    for number, one in enumerate(written):
        out.write((b"[\n" if number == 0 else b",\n") + orjson.dumps(one))
    out.write(b"\n]\n" if counter.done else b"[]\n")


def write_zip(out: IO[bytes], what: What, rows: QuerySet[Any], counter: Counter) -> None:
    """Workflows a file each, all else as CSV and as JSON."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if what == "workflows":
            names: set[str] = set()
            for document in documents(rows, counter):
                archive.writestr(free_file_name(str(document["name"]), names), orjson.dumps(document))
            return
        with archive.open(f"{what}.csv", "w") as inner:
            write_csv(inner, what, rows, counter)
        counter.done = 0
        with archive.open(f"{what}.json", "w") as inner:
            write_json(inner, what, rows, counter)


WRITERS = {"csv": write_csv, "json": write_json, "zip": write_zip}


def records(what: What, rows: QuerySet[Any], counter: Counter) -> Iterator[Record]:
    for row in in_pages(rows):
        counter.one()
        yield RECORDS[what](row)


def documents(rows: QuerySet[Any], counter: Counter) -> Iterable[JsonObject]:
    for row in in_pages(rows):
        counter.one()
        yield clean_graph(cast(Workflow, row))
