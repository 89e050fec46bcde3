"""A workflow moves to another team with all that is its own, and leaves there what is the team's."""

import pytest
from django.db import connection

from accounts.errors import RoleTooLow, TeamUnknown
from accounts.models import AuditEntry
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory
from executions_app import database, payload_codec, payloads, storage_quota
from executions_app.models import (
    Alert,
    Execution,
    ExecutionLabel,
    KeptResult,
    OutboxMessage,
    Payload,
    PayloadUse,
    Report,
)
from executions_app.services import alerts, moving
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from workflows_app.engine.errors import UserError
from workflows_app.models import Workflow
from workflows_app.services import credentials, vault, workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import manual_set, webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def workflow():
    return WorkflowFactory()


@pytest.fixture
def mover(workflow):
    """Its owner, who may edit in another team too."""
    return workflow.created_by


@pytest.fixture
def target(mover):
    return MembershipFactory(user=mover, role="editor").team


def over(workflow, **fields):
    version = fields.pop("version", None) or VersionFactory(workflow=workflow)
    finished = "2026-01-01T00:00:00Z"
    return ExecutionFactory(version=version, status="success", finished_at=finished, **fields)


def secret(team, by, name):
    return credentials.create(
        team=team, by=by, name=name, type="httpHeaderAuth", fields={"name": "X-Token", "value": f"secret-{name}"}
    )


def test_runs_versions_and_mails_go_along(workflow, mover, target):
    run = over(workflow)
    ExecutionLabel.objects.create(execution=run, team_id=workflow.team_id, key="order", value="7")
    mail = OutboxMessage.objects.create(
        team=workflow.team, execution=run, node="Mail", message_id="<1@x>", sender="a@mail.example", recipients={}
    )
    colleague = MembershipFactory(team=target, role="viewer").user
    left = MembershipFactory(team=workflow.team, role="owner").user

    moving.move(workflow, team=target, by=mover)

    assert Workflow.objects.visible_to(colleague).get() == workflow
    assert Execution.objects.visible_to(colleague).get() == run
    assert as_user(colleague).get(f"/api/executions/{run.pk}").status_code == 200
    assert ExecutionLabel.objects.get().team_id == target.pk
    assert OutboxMessage.objects.get(pk=mail.pk).team == target
    assert workflow.versions.count() == 1
    for path in (f"/api/workflows/{workflow.pk}", f"/api/executions/{run.pk}"):
        assert as_user(left).get(path).status_code == 404


def test_files_of_its_runs_can_be_read_in_the_other_team(workflow, mover, target):
    run, other = over(workflow), over(WorkflowFactory(team=workflow.team, created_by=mover))
    stored = put(b"the bytes of a file", workflow.team_id, run, other)

    moving.move(workflow, team=target, by=mover)

    used = {use.execution_id: use.payload for use in PayloadUse.objects.select_related("payload")}
    assert used[run.pk].team == target
    assert payloads.unpack(used[run.pk].encoding, used[run.pk].data) == b"the bytes of a file"
    assert used[other.pk].pk == stored.id


def test_files_that_pinned_data_name_go_along(mover, target):
    graph = manual_set(greeting="Hello")
    workflow = WorkflowFactory(team=MembershipFactory(user=mover).team, created_by=mover)
    stored = put(b"pinned", workflow.team_id)
    graph["pinData"] = {"Start": [{"json": {}, "binary": {"data": {"id": stored.ref}}}]}
    Workflow.objects.filter(pk=workflow.pk).update(graph=graph)
    workflow.refresh_from_db()

    moving.move(workflow, team=target, by=mover)

    copied = Payload.objects.get(team=target)
    assert (copied.sha256, payloads.unpack(copied.encoding, copied.data)) == (stored.sha256, b"pinned")


@pytest.fixture
def _one_megabyte(settings):
    settings.PUMPFLIX = settings.PUMPFLIX.model_copy(update={"team_storage_mb": 1})
    storage_quota.quota.cache_clear()
    yield
    storage_quota.quota.cache_clear()


def put(data, team_id, *runs):
    stored = payloads.pack(team_id, data)
    with connection.cursor() as cursor:
        payloads.store(cursor, [stored], [(stored.id, run.pk) for run in runs])
    return stored


@pytest.mark.usefixtures("_one_megabyte")
@pytest.mark.requirement(21)
def test_files_that_the_other_team_has_no_room_for_stay(workflow, mover, target):
    stored = put(bytes(2 * 2**20), workflow.team_id, over(workflow))
    answer = as_user(mover).post(f"/api/workflows/{workflow.pk}/move", {"teamId": str(target.pk)}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "storage_full")
    workflow.refresh_from_db()
    assert workflow.team_id != target.pk
    assert Payload.objects.get().pk == stored.id


@pytest.mark.usefixtures("_one_megabyte")
def test_files_that_the_other_team_has_already_need_no_room(workflow, mover, target):
    data = bytes(2 * 2**20)
    put(data, workflow.team_id, over(workflow))
    put(data, target.pk)
    moving.move(workflow, team=target, by=mover)
    assert PayloadUse.objects.get().payload.team == target


@pytest.mark.django_db(transaction=True)
def test_files_are_copied_before_the_workflow_is_held_and_late_ones_with_it(workflow, mover, target, monkeypatch):
    run = over(workflow)
    put(b"early", workflow.team_id, run)
    copy, seen = moving.copy_files, []

    def watched(*given):
        copy(*given)
        with database.pool().connection() as other:
            count = other.execute("SELECT count(*) FROM executions_app_payload WHERE team_id = %s", (target.pk,))
            free = "SELECT 1 FROM workflows_app_workflow WHERE id = %s FOR KEY SHARE SKIP LOCKED"
            is_free = other.execute(free, (workflow.pk,)).fetchone() is not None
            seen.append((count.fetchone()[0], is_free))
        if len(seen) == 1:
            put(b"late", workflow.team_id, run)

    monkeypatch.setattr(moving, "copy_files", watched)
    moving.move(workflow, team=target, by=mover)
    assert seen == [(1, True), (1, False)]
    assert {use.payload.team for use in PayloadUse.objects.select_related("payload")} == {target}
    assert Payload.objects.filter(team=target).count() == 2


def with_credentials(workflow, *rows):
    graph = manual_set(greeting="Hello")
    graph["nodes"][0]["credentials"] = {
        f"{row.type}{n or ''}": {"id": str(row.pk), "name": row.name} for n, row in enumerate(rows)
    }
    Workflow.objects.filter(pk=workflow.pk).update(graph=graph)
    workflow.refresh_from_db()


def test_credentials_stay_unless_the_other_team_may_use_them(workflow, mover, target):
    kept, shared = secret(workflow.team, mover, "Kept"), secret(workflow.team, mover, "Shared")
    credentials.share(shared, team=target, by=mover)
    with_credentials(workflow, kept, shared)

    assert moving.looked_ahead(workflow, target, by=mover).credentials == ["Kept"]
    moving.move(workflow, team=target, by=mover)

    named = workflow.graph["nodes"][0]["credentials"]
    assert named["httpHeaderAuth"] == {"id": None, "name": "Kept"}
    assert named["httpHeaderAuth1"]["id"] == str(shared.pk)
    kept.refresh_from_db()
    assert kept.team_id != target.pk


def test_workflows_that_call_it_are_named_before(workflow, mover, target):
    graph = manual_set(greeting="Hello")
    graph["settings"] = {"errorWorkflow": str(workflow.pk)}
    WorkflowFactory(team=workflow.team, created_by=mover, name="Caller", graph=graph)
    others = MembershipFactory(team=workflow.team).user
    WorkflowFactory(team=workflow.team, created_by=others, name="Hidden", graph=graph, visibility="private")
    WorkflowFactory(name="Elsewhere", graph=graph)
    assert moving.looked_ahead(workflow, target, by=mover).callers == ["Caller"]


def test_alerts_go_along_and_still_open(workflow, mover, target):
    made = alerts.create(workflow, channel="email", target="ops@example.org", rules=alerts.Rules(), by=mover)
    moving.move(workflow, team=target, by=mover)
    row = Alert.objects.select_related("workflow").get(pk=made.pk)
    assert vault.opened(alerts.record_of(row), bytes(row.sealed), "x") == {"addresses": ["ops@example.org"]}


def test_reports_go_along_for_who_is_in_the_other_team_and_end_for_others(workflow, mover, target):
    left = MembershipFactory(team=workflow.team).user
    mine, theirs = (
        Report.objects.create(
            team=workflow.team, workflow=workflow, period="week", next_at="2026-01-01T00:00:00Z", created_by=by
        )
        for by in (mover, left)
    )
    moving.move(workflow, team=target, by=mover)
    assert Report.objects.get() == mine
    assert Report.objects.get().team == target
    assert not Report.objects.filter(pk=theirs.pk).exists()


def test_it_is_switched_off_seen_by_the_team_and_has_a_name_of_its_own(mover, target):
    workflow = WorkflowFactory(
        team=MembershipFactory(user=mover).team, created_by=mover, name="Report", graph=webhook_chain()
    )
    workflows.publish(workflow, by=mover)
    Workflow.objects.filter(pk=workflow.pk).update(visibility="private")
    WorkflowFactory(team=target, name="Report")
    workflow.refresh_from_db()
    assert moving.looked_ahead(workflow, target, by=mover).is_live

    moving.move(workflow, team=target, by=mover)

    assert (workflow.name, workflow.visibility, workflow.live_version) == ("Report (2)", "team", None)
    assert not workflow.webhooks.filter(is_live=True).exists()


def test_kept_results_do_not_go_along(workflow, mover, target):
    KeptResult.objects.create(
        team=workflow.team, workflow=workflow, node="Set", key="k", expires_at="2030-01-01T00:00:00Z"
    )
    moving.move(workflow, team=target, by=mover)
    assert not KeptResult.objects.exists()


@pytest.mark.parametrize("status", ["queued", "waiting"])
def test_with_a_run_under_way_it_stays(workflow, mover, target, status):
    ExecutionFactory(version=VersionFactory(workflow=workflow), status=status)
    with pytest.raises(UserError) as refused:
        moving.move(workflow, team=target, by=mover)
    assert refused.value.instance_code == "runs_under_way"
    workflow.refresh_from_db()
    assert workflow.team_id != target.pk
    assert moving.looked_ahead(workflow, target, by=mover).unfinished == 1


def test_one_edits_in_both_teams_or_does_not_move(workflow, mover, target):
    watched = MembershipFactory(user=mover, role="operator").team
    strange = MembershipFactory().team
    editor = MembershipFactory(team=target, role="editor").user
    for team, by, error in ((watched, mover, RoleTooLow), (strange, mover, TeamUnknown), (target, editor, TeamUnknown)):
        with pytest.raises(error):
            moving.move(workflow, team=team, by=by)
    with pytest.raises(UserError):
        moving.move(workflow, team=workflow.team, by=mover)


def test_both_teams_read_of_it_in_their_trail(workflow, mover, target):
    before = workflow.team
    moving.move(workflow, team=target, by=mover)
    for team in (before, target):
        entry = AuditEntry.objects.get(team=team, action="workflow.move")
        assert entry.details == {"from_team": str(before.pk), "to_team": str(target.pk)}


def test_data_of_runs_is_read_as_before(workflow, mover, target):
    run = over(workflow, trigger_items=payload_codec.encode([{"json": {"a": 1}}]))
    moving.move(workflow, team=target, by=mover)
    run.refresh_from_db()
    assert payload_codec.decode(bytes(run.trigger_items)) == [{"json": {"a": 1}}]


def test_over_the_api_a_trial_says_and_a_move_does(workflow, mover, target):
    over(workflow)
    with_credentials(workflow, secret(workflow.team, mover, "Kept"))
    client, path = as_user(mover), f"/api/workflows/{workflow.pk}/move"

    trial = client.post(path, {"teamId": str(target.pk), "isTrial": True}, format="json").json()
    assert (trial["isMoved"], trial["runs"], trial["credentials"]) == (False, 1, ["Kept"])
    assert client.get(f"/api/workflows/{workflow.pk}").json()["teamId"] == str(workflow.team_id)

    assert client.post(path, {"teamId": str(target.pk)}, format="json").json()["isMoved"] is True
    assert client.get(f"/api/workflows/{workflow.pk}").json()["teamId"] == str(target.pk)
