"""The world in which documented examples hold: one owner, and the objects whose ids the examples name."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey, Invitation, Membership, RefreshToken, Team, User
from accounts.services import tokens
from accounts.services.teams import personal_team, system_team
from accounts.tests import clients
from executions_app import payload_codec
from executions_app.models import Alert, Execution, ExecutionEvent, Job, NodeRun, OutboxMessage, Report
from executions_app.services import alerts
from pumpflix.lib.rest import samples
from templates_app import catalog
from templates_app.models import Template
from templates_app.services.catalog import seed_categories, seed_title
from workflows_app.models import Credential, CredentialShare, DataTable, Workflow
from workflows_app.services import credentials, vault, versions
from workflows_app.tests.graphs import manual_set

EMAIL, PASSWORD = "owner@mail.example", "correct horse battery"
REFRESH = "pf_rt_exampleexampleexampleexampleexampleexample1"


def as_user(user: User) -> APIClient:
    """Signed in by a token; what breaks is an answer, as for a real caller."""
    return clients.as_user(user, raise_request_exception=False)


def account(email: str = EMAIL, **fields: Any) -> User:
    user = User.objects.create_user(email, PASSWORD, **fields)
    personal_team(user)
    return user


def documented_world() -> User:
    """Everything the examples speak of, for the owner it belongs to."""
    title = next(title for title in catalog.titles() if title.slug == "json-diff")
    seed_title(title, system_team(), seed_categories(), 0)
    owner = account()
    team = personal_team(owner)
    move(Template.objects.get(slug="json-diff"))
    belongings(owner, team)
    others = account("other@mail.example")
    Workflow.objects.create(
        id=UUID(samples.PUBLIC_WORKFLOW), team=personal_team(others), created_by=others, name="A public one",
        visibility="public", graph=graph(),
    )  # fmt: skip
    return owner


def belongings(owner: User, team: Team, ids: Any = samples, mark: str = "") -> Workflow:
    """One of everything for a team, under those ids; the names of what is only this team's begin with `mark`."""
    workflow = Workflow.objects.create(
        id=UUID(ids.WORKFLOW), team=team, created_by=owner, name=f"{mark}Clean invoices", tags=["invoices"],
        graph=graph(),
    )  # fmt: skip
    runs(workflow, ids, mark)
    alert(workflow, owner, ids)
    jobs(workflow, owner, ids, mark)
    things(owner, team, ids, mark)
    return workflow


def graph() -> dict[str, Any]:
    return manual_set(greeting="Hello")


def move(template: Template) -> None:
    """Give a shipped title the id of the examples."""
    old = template.pk
    template.pk = UUID(samples.TEMPLATE)
    slug, template.slug = template.slug, "moving"
    template.save(force_insert=True)
    template.versions.model.objects.filter(template_id=old).update(template=template)
    Template.objects.filter(pk=old).delete()
    Template.objects.filter(pk=template.pk).update(slug=slug)


def runs(workflow: Workflow, ids: Any, mark: str) -> None:
    version = versions.snapshot(workflow, reason="run")
    now = timezone.now()
    common = {
        "team_id": workflow.team_id,
        "workflow": workflow,
        "version": version,
        "mode": "manual",
        "start_node": "Start",
    }
    over = {"started_at": now, "finished_at": now}
    done = Execution.objects.create(id=UUID(ids.EXECUTION), status="success", **over, **common)
    Execution.objects.create(
        id=UUID(ids.FAILED_EXECUTION),
        status="error",
        error_code="node_failed",
        error_text=f"{mark}No.",
        **over,
        **common,
    )
    Execution.objects.create(id=UUID(ids.QUEUED_EXECUTION), status="queued", **common)
    for order, name in enumerate(("Start", "Variables")):
        NodeRun.objects.create(
            execution=done, node=name, run_index=0, order=order, epoch=1, status="success", started_at=now,
            finished_at=now, duration_ms=1.0, items_in=[1], items_out=[1],
            output=payload_codec.encode([[{"json": {"greeting": "Hello"}}]]),
        )  # fmt: skip
    ExecutionEvent.objects.create(
        execution=done, seq=1, at=now, type="execution_started", node="Start",
        body=b'{"type":"execution_started","at":"2026-01-01T00:00:00Z","node":"Start","status":"running"}',
    )  # fmt: skip
    OutboxMessage.objects.create(
        id=UUID(ids.OUTBOX_MESSAGE), team_id=workflow.team_id, execution=done, node="Mail",
        message_id=f"<{ids.OUTBOX_MESSAGE}@x>", sender="a@mail.example", recipients={"to": ["b@mail.example"]},
        subject=f"{mark}Hello", text="Hello",
    )  # fmt: skip


def alert(workflow: Workflow, owner: User, ids: Any) -> None:
    made = alerts.create(workflow, channel="email", target="ops@example.org", rules=alerts.Rules(), by=owner)
    Alert.objects.filter(pk=made.pk).delete()
    made.pk = UUID(ids.ALERT)
    made.sealed = vault.sealed(alerts.record_of(made), {"addresses": ["ops@example.org"]})[0]
    made.save(force_insert=True)


def jobs(workflow: Workflow, owner: User, ids: Any, mark: str) -> None:
    common = {"team_id": workflow.team_id, "started_by": owner, "queue": "exports", "kind": "exports.executions"}
    arguments = {"what": "executions", "format": "csv"}
    Job.objects.create(id=UUID(ids.JOB), arguments=arguments, **common)
    Job.objects.create(id=UUID(ids.FAILED_JOB), status="error", error_text=f"{mark}No.", arguments=arguments, **common)
    Report.objects.create(
        id=UUID(ids.REPORT), team_id=workflow.team_id, period="week", next_at=timezone.now(), created_by=owner
    )


def things(owner: User, team: Team, ids: Any, mark: str) -> None:
    ApiKey.objects.create(
        id=UUID(ids.API_KEY),
        team=team,
        user=owner,
        name=f"{mark}ci",
        prefix=f"example{ids.API_KEY[-5:]}",
        secret_hash="0",
        scopes=["read"],
    )
    owner.notifications.create(id=UUID(ids.NOTIFICATION), kind="run.failed", title=f"{mark}A run failed")
    RefreshToken.objects.create(
        user=owner, family=UUID(ids.WORKFLOW), token_hash=tokens._hash(mark + REFRESH),
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    DataTable.objects.create(
        id=UUID(ids.DATA_TABLE), team=team, name=f"{mark}Customers", columns=[{"name": "a", "type": "string"}]
    )
    credential = credentials.create(
        team=team,
        by=owner,
        name=f"{mark}Billing API",
        type="httpHeaderAuth",
        fields={"name": "X-Token", "value": "secret-token"},
    )
    Credential.objects.filter(pk=credential.pk).delete()
    credential.pk = UUID(ids.CREDENTIAL)
    credentials.put_in(credential, credentials.type_of(credential.type), {"name": "X-Token", "value": "secret-token"})
    credential.save(force_insert=True)
    shared = Team.objects.create(id=UUID(ids.TEAM), name=f"{mark}Shared", kind="shared")
    Membership.objects.create(team=shared, user=owner, role="owner")
    CredentialShare.objects.create(credential=credential, team=shared)
    invited(shared, owner, ids, mark)


def invited(shared: Team, owner: User, ids: Any, mark: str) -> None:
    """A colleague in the shared team, somebody who is invited to it, and another team that invites the owner."""
    colleague = User.objects.create_user(f"{mark}colleague@mail.example".lower(), PASSWORD, id=UUID(ids.MEMBER))
    Membership.objects.create(team=shared, user=colleague, role="editor")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    theirs = Team.objects.create(name=f"{mark}Theirs", kind="shared")
    Membership.objects.create(team=theirs, user=colleague, role="owner")
    until = timezone.now() + timedelta(days=7)
    for number, team, email in (
        (ids.INVITATION, shared, f"{mark}grace.invited@mail.example".lower()),
        (ids.OWN_INVITATION, theirs, owner.email),
    ):
        Invitation.objects.create(id=UUID(number), team=team, email=email, token_hash=number, expires_at=until)
