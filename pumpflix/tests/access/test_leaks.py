"""What belongs to one team, or to one person of it, shows nowhere else."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Membership, User
from accounts.services import api_keys
from accounts.services.notifications import notify
from accounts.services.teams import own_team, personal_team
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory, UserFactory
from executions_app.job_kinds import JobRun
from executions_app.models import DailyAnalytics, Execution, Job, OutboxMessage, Report
from executions_app.selectors.jobs import file_for, jobs_for
from executions_app.selectors.lists import EVERY, runs_of
from executions_app.selectors.outbox import messages_for
from executions_app.selectors.reports import report_for, reports_for
from executions_app.selectors.retention import workflow_sizes
from executions_app.services import alerts, jobs, reports
from executions_app.services.error_workflows import candidates
from executions_app.services.pruning import Pruning, Retention
from executions_app.socket_access import may_follow_execution
from executions_app.tests.factories import ExecutionFactory, version_of
from templates_app.selectors import team_templates
from templates_app.tests.factories import TemplateFactory
from workflows_app.engine.errors import UserError
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def with_key(user: User, team: Any, *scopes: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    made = api_keys.create(team=team, by=user, name="k", scopes=list(scopes or api_keys.SCOPES))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {made.key}")
    return client


# an API key works in its team alone -----------------------------------------------------------------------------------
@pytest.mark.requirement(43, 49)
def test_a_key_measures_the_room_of_its_team_alone():
    here, there = ExecutionFactory(), ExecutionFactory()
    user = Membership.objects.get(team=here.team).user
    MembershipFactory(user=user, team=there.team)
    assert {row.name for row in workflow_sizes(user)} == {here.workflow.name, there.workflow.name}
    shown = with_key(user, here.team, "read").get("/api/executions/retention").json()["workflows"]
    assert [row["name"] for row in shown] == [here.workflow.name]


@pytest.mark.requirement(43, 49)
def test_a_key_uses_titles_in_its_team():
    title = TemplateFactory()
    member = MembershipFactory(role="editor")
    answer = with_key(member.user, member.team).post(f"/api/workflow-templates/{title.slug}/use", {}, format="json")
    assert (answer.status_code, answer.json()["teamId"]) == (201, str(member.team_id))


@pytest.mark.requirement(43, 50)
@pytest.mark.parametrize(
    "path,body",
    [
        ("workflows", {"name": "New"}),
        ("imports", manual_set(a=1)),
        ("workflow-templates/{slug}/use", {}),
        ("reports", {}),
        ("credentials", {"name": "c", "type": "httpHeaderAuth", "fields": {"name": "X", "value": "y"}}),
    ],
)
def test_a_key_of_a_viewer_makes_nothing_in_its_team(path, body):
    member = MembershipFactory(role="viewer")
    client = with_key(member.user, member.team)
    answer = client.post(f"/api/{path.format(slug=TemplateFactory().slug)}", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert not Workflow.objects.filter(team=member.team).exists()


@pytest.mark.requirement(43, 49)
def test_notifications_come_from_all_teams_and_are_kept_from_keys():
    member = MembershipFactory()
    row = notify(member.user, kind="run.failed", title="Of another team")
    client = with_key(member.user, member.team)
    assert client.get("/api/notifications").status_code == 403
    assert client.post("/api/notifications/read").status_code == 403
    assert client.post(f"/api/notifications/{row.pk}/read").status_code == 403


@pytest.mark.requirement(43)
def test_a_key_lists_the_titles_of_its_team():
    title, member = TemplateFactory(status="draft"), MembershipFactory()
    MembershipFactory(user=member.user, team=title.team)
    assert team_templates(member.user) == [title]
    member.user.only_team_id = member.team_id
    assert team_templates(member.user) == []


# private workflows ----------------------------------------------------------------------------------------------------
@pytest.fixture
def private() -> Workflow:
    return version_of(manual_set(a=1), visibility="private", name="Salary letters").workflow


@pytest.fixture
def mate(private: Workflow) -> User:
    """Owns the team as well, and did not make it."""
    return MembershipFactory(team=private.team, role="owner").user


PAGES = (
    "run", "publish", "listen", "duplicate", "delete", "undelete", "tags", "setup", "run-to", "schedule", "promote",
    "alerts/add", "error-workflow", "versions/2/restore",
)  # fmt: skip


@pytest.mark.requirement(48, 50)
@pytest.mark.parametrize("deed", PAGES)
def test_nobody_but_its_author_does_anything_to_a_private_workflow(client, private, mate, deed):
    client.force_login(mate)
    assert client.post(f"/workflows/{private.pk}/{deed}").status_code == 404
    assert Workflow.objects.filter(team=private.team).count() == 1


@pytest.mark.requirement(48, 49)
def test_runs_of_a_private_workflow_are_its_authors(private, mate):
    run = ExecutionFactory(version=private.versions.get(), status="success", finished_at=private.created_at)
    author = as_user(private.created_by)
    assert author.get(f"/api/executions/{run.pk}").status_code == 200
    assert runs_of(private.created_by, EVERY).count() == 1
    other = as_user(mate)
    assert other.get(f"/api/executions/{run.pk}").status_code == 404
    assert other.get("/api/executions").json()["items"] == []
    done = other.post("/api/executions/bulk", {"action": "delete", "ids": [str(run.pk)]}, format="json").json()
    assert [entry["code"] for entry in done["refused"]] == ["not_found"]
    assert runs_of(mate, EVERY).count() == 0
    assert not may_follow_execution(mate, run.pk)


@pytest.mark.requirement(48)
def test_what_a_private_workflow_mailed_and_how_large_it_is_are_its_authors(private, mate):
    run = ExecutionFactory(version=private.versions.get())
    OutboxMessage.objects.create(team=private.team, execution=run, node="Mail", message_id="<1@x>")
    assert (messages_for(private.created_by).count(), messages_for(mate).count()) == (1, 0)
    assert ([row.name for row in workflow_sizes(private.created_by)], workflow_sizes(mate)) == (["Salary letters"], [])


@pytest.mark.requirement(48)
def test_reports_tell_the_team_nothing_of_private_workflows(private, mate):
    now = private.created_at
    DailyAnalytics.objects.create(workflow=private, day=now.date(), executions=1, success=1)
    of_it = Report.objects.create(team=private.team, workflow=private, period="day", next_at=now)
    of_all = Report.objects.create(team=private.team, period="day", next_at=now)
    assert reports_for(mate) == [of_all]
    assert report_for(mate, of_it.pk) is None
    assert [line[0] for line in reports.figures(of_all, now.date(), now.date().replace(year=9999))] == ["all"]


def report_of(workflow: Workflow, by: User) -> Report:
    return Report.objects.create(
        team=workflow.team,
        workflow=workflow,
        period="day",
        next_at=workflow.created_at,
        created_by=by,
        addresses=[f"{by.pk}@mail.example"],
    )


def made(report: Report, by: User | None = None) -> Job:
    """Asked for by that person, or by its author, and done."""
    job = reports.start(report, by=by or report.created_by)
    run = JobRun(job.pk, job.kind, job.team_id, job.started_by_id, job.arguments, 1, None, lambda *_: None)
    # As a worker ends it: what was asked for is forgotten.
    Job.objects.filter(pk=job.pk).update(status="success", result=reports.make(run), arguments={})
    return job


@pytest.mark.requirement(48, 49)
def test_what_a_report_of_a_private_workflow_made_is_its_authors(client, private, mate):
    job = made(report_of(private, private.created_by))
    assert file_for(private.created_by, job.pk) is not None
    assert [one["id"] for one in as_user(private.created_by).get("/api/jobs").json()["items"]] == [str(job.pk)]
    assert file_for(mate, job.pk) is None
    other = as_user(mate)
    assert other.get("/api/jobs").json()["items"] == []
    for path in ("", "/file"):
        assert other.get(f"/api/jobs/{job.pk}{path}").status_code == 404
    waiting = reports.start(Report.objects.get(), by=private.created_by)
    assert other.get(f"/api/jobs/{waiting.pk}").status_code == 404
    for deed in ("again", "cancel"):
        assert other.post(f"/api/jobs/{job.pk}/{deed}").status_code == 404
    client.force_login(mate)
    assert str(job.pk) not in client.get("/jobs").content.decode()


@pytest.mark.requirement(48)
def test_reports_that_were_made_before_a_workflow_became_private_are_shown_no_more(private, mate):
    Workflow.objects.filter(pk=private.pk).update(visibility="team")
    private.refresh_from_db()
    own = report_of(private, private.created_by)
    jobs_made = [made(own), made(own, by=mate), made(report_of(private, mate))]
    of_all = made(Report.objects.create(team=private.team, period="day", next_at=private.created_at, created_by=mate))
    assert all(file_for(mate, job.pk) for job in [*jobs_made, of_all])
    Workflow.objects.filter(pk=private.pk).update(visibility="private")
    own.delete()
    Job.objects.create(queue="exports", kind=reports.KIND, team=private.team, started_by=private.created_by)
    assert [one.id for one in jobs_for(mate)] == [of_all.pk]
    assert len(jobs_for(private.created_by)) == 5
    assert [bool(file_for(mate, job.pk)) for job in [*jobs_made, of_all]] == [False, False, False, True]
    assert all(file_for(private.created_by, job.pk) for job in jobs_made)


@pytest.mark.requirement(48)
def test_who_lost_sight_of_a_workflow_gets_its_figures_by_mail_no_more(private, mate, mailoutbox):
    of_mate = report_of(private, mate)
    with pytest.raises(UserError) as caught:
        made(of_mate)
    assert (caught.value.instance_code, mailoutbox) == ("report_gone", [])
    assert report_for(private.created_by, of_mate.pk) == of_mate
    made(report_of(private, private.created_by))
    assert [mail.to for mail in mailoutbox] == [[f"{private.created_by.pk}@mail.example"]]


@pytest.mark.requirement(48)
def test_what_no_mail_server_took_about_a_private_workflow_is_its_authors(private, mate, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    author = private.created_by
    made(report_of(private, author))
    alert = alerts.create(private, channel="email", target="ops@mail.example", rules=alerts.Rules(), by=author)
    alerts.send_test(alert, by=author)
    assert (messages_for(author).count(), messages_for(mate).count()) == (2, 0)
    Workflow.objects.filter(pk=private.pk).update(visibility="team")
    assert messages_for(mate).count() == 2


@pytest.mark.requirement(48)
def test_what_a_private_workflow_mailed_stays_its_authors_when_the_run_is_gone(private, mate):
    author, over = private.created_by, private.created_at - timedelta(days=40)
    run = ExecutionFactory(version=private.versions.get(), status="success", created_at=over, finished_at=over)
    OutboxMessage.objects.create(team=private.team, execution=run, node="Mail", message_id="<1@x>")
    Pruning(Retention(days=30, runs=0)).run()
    assert not Execution.objects.exists()
    assert (messages_for(author).count(), messages_for(mate).count()) == (1, 0)


@pytest.mark.requirement(48, 49)
def test_a_private_error_workflow_is_offered_to_its_author_alone(private, mate):
    private.node_types = ["n8n-nodes-base.errorTrigger"]
    private.save()
    failing = WorkflowFactory(team=private.team, membership=None, created_by=mate)
    assert candidates(failing, by=private.created_by) == [private]
    assert candidates(failing, by=mate) == []


# people who left, and addresses of people -----------------------------------------------------------------------------
@pytest.mark.requirement(48, 50)
@pytest.mark.parametrize("deed", ["again", "cancel"])
def test_who_left_a_team_steers_none_of_its_jobs(client, deed):
    member = MembershipFactory()
    job = jobs.enqueue(
        "exports.workflows", {"what": "workflows", "format": "csv"}, team_id=member.team_id, by=member.user
    )
    Membership.objects.filter(pk=member.pk).delete()
    client.force_login(member.user)
    assert client.post(f"/jobs/{job.pk}/{deed}").status_code == 404
    assert Job.objects.get(pk=job.pk).status == "queued"


@pytest.mark.requirement(52)
def test_a_public_title_names_no_address(client):
    author = UserFactory(name="", email="ines.baum@mail.example")
    title = TemplateFactory(membership=Membership.objects.get(team=personal_team(author)))
    shown = client.get(f"/templates/{title.slug}").content.decode()
    assert "By a member" in shown
    assert "ines.baum" not in shown


def test_own_team_of_a_key_is_the_keys():
    member = MembershipFactory()
    member.user.only_team_id = member.team_id
    assert own_team(member.user) == member.team
