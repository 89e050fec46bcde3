"""Two at once, what a worker is handed, and how long a refusal takes."""

import inspect
import statistics
import threading
import time
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from django.db import connections

from accounts.errors import TeamUnknown
from accounts.services.teams import personal_team
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory, UserFactory
from executions_app import job_kinds
from executions_app.job_kinds import JobRun
from executions_app.models import Report
from executions_app.services import exports, reports
from pumpflix.tests.access.world import OWN, RANDOM, People, api_client
from workflows_app.engine.errors import UserError
from workflows_app.models import Workflow
from workflows_app.tasks import drive_import
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import manual_set

pytestmark = [pytest.mark.app]


@pytest.mark.requirement(53)
@pytest.mark.django_db(transaction=True)
def test_of_two_editors_who_save_at_once_one_is_told() -> None:
    workflow = WorkflowFactory()
    second = MembershipFactory(team=workflow.team, role="editor").user
    ready, told = threading.Barrier(2), []

    def save(user: Any, note: str) -> None:
        client, body = as_user(user), {"name": note, "graph": manual_set(note=note), "lockVersion": 1}
        ready.wait(20)
        answer = client.put(f"/api/workflows/{workflow.pk}", body, format="json")
        told.append((answer.status_code, note, answer.json()))
        connections.close_all()

    editors = [threading.Thread(target=save, args=who) for who in ((workflow.created_by, "first"), (second, "second"))]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join(60)
    (won, kept, _), (lost, refused, body) = sorted(told, key=lambda one: one[0])
    workflow.refresh_from_db()
    assert (won, lost, workflow.name, workflow.lock_version) == (200, 409, kept, 2)
    assert (body["yours"]["name"], body["theirs"]["name"]) == (refused, kept)


@pytest.mark.requirement(53)
@pytest.mark.django_db
def test_a_save_without_the_number_one_read_replaces_nothing() -> None:
    workflow = WorkflowFactory()
    body = {"name": "New", "graph": manual_set(a=1)}
    assert as_user(workflow.created_by).put(f"/api/workflows/{workflow.pk}", body, format="json").status_code == 400
    assert Workflow.objects.get(pk=workflow.pk).lock_version == 1


# what a worker is handed ----------------------------------------------------------------------------------------------
@pytest.mark.requirement(49)
def test_a_message_names_no_object() -> None:
    """A doorbell says *look*; what there is to do stands in rows, each with its team. Nothing can be named in it but
    an import, which is driven in the name of whoever its row says brought it."""
    current_app.loader.import_default_modules()
    ours = [task for name, task in current_app.tasks.items() if not name.startswith("celery.")]
    assert ours
    named = {task.name: list(inspect.signature(task.run).parameters) for task in ours}
    assert {name: given for name, given in named.items() if given} == {"maintenance.drive_import": ["batch_id"]}


@pytest.mark.requirement(49)
@pytest.mark.django_db
def test_an_import_that_is_not_there_drives_nothing() -> None:
    drive_import(str(uuid4()))
    assert not Workflow.objects.exists()


def run_of(kind: str, team: Any, user: Any, arguments: Any) -> JobRun:
    return JobRun(uuid4(), kind, team.pk, user.pk, arguments, 1, None, lambda *_: None)


@pytest.mark.requirement(49)
@pytest.mark.django_db
def test_a_job_that_names_another_teams_workflow_exports_nothing_of_it() -> None:
    other, user = WorkflowFactory(), UserFactory()
    team = personal_team(user)
    wanted = exports.Wanted("workflows", workflow_id=other.pk)
    assert exports.workflows(user, team.pk, wanted).count() == 0
    assert exports.executions(user, team.pk, exports.Wanted("executions", workflow_id=other.pk)).count() == 0


@pytest.mark.requirement(49)
@pytest.mark.django_db
def test_a_job_that_names_another_teams_report_makes_none() -> None:
    other, user = WorkflowFactory(), UserFactory()
    report = Report.objects.create(team=other.team, period="day", next_at=other.created_at)
    with pytest.raises(UserError, match="removed"):
        reports.make(run_of(reports.KIND, personal_team(user), user, {"report": str(report.pk)}))


@pytest.mark.requirement(49, 50)
@pytest.mark.django_db
@pytest.mark.parametrize("what", ["executions", "workflows", "audit"])
def test_an_export_is_made_for_nobody_who_left_meanwhile(what: str) -> None:
    team, user = WorkflowFactory().team, UserFactory()
    kind = exports.KIND[what]
    assert kind in job_kinds.all_kinds()
    with pytest.raises(TeamUnknown):
        exports.make(run_of(kind, team, user, exports.Wanted(what).to_json()))


# how long a refusal takes ---------------------------------------------------------------------------------------------
TIMED = ("/api/workflows/{WORKFLOW}", "/api/executions/{EXECUTION}", "/api/jobs/{JOB}")
ROUNDS = 120


@pytest.mark.requirement(48)
@pytest.mark.django_db
@pytest.mark.parametrize("path", TIMED)
def test_a_foreign_id_takes_as_long_as_a_random_one(people: People, path: str) -> None:
    """Asked in turn, each as often first, so that whatever else goes on (the collector comes at the same place of
    every pair) counts for both; a real difference shows every time."""
    client = api_client(people, "stranger")
    assert any(likeness(client, path) > 0.01 for _ in range(3))


def likeness(client: Any, path: str) -> float:
    """How likely so different times are of one kind of call: the p of the rank-sum test."""
    times: dict[str, list[float]] = {"foreign": [], "random": []}
    pair = [("foreign", OWN), ("random", RANDOM)]
    for _ in range(ROUNDS):
        pair.reverse()
        for which, ids in pair:
            begun = time.perf_counter()
            assert client.get(path.format(**vars(ids))).status_code == 404
            times[which].append(time.perf_counter() - begun)
    ranked = sorted((took, which) for which, all_times in times.items() for took in all_times)
    rank_sum = sum(place for place, (_, which) in enumerate(ranked, 1) if which == "foreign")
    mean, variance = ROUNDS * (2 * ROUNDS + 1) / 2, ROUNDS * ROUNDS * (2 * ROUNDS + 1) / 12
    return 2 * (1 - statistics.NormalDist().cdf(abs(rank_sum - mean) / variance**0.5))


@pytest.mark.requirement(48)
def test_a_difference_that_is_there_is_seen() -> None:
    class Slow:
        def get(self, address: str) -> Any:
            until = time.perf_counter() + (0.0004 if OWN.WORKFLOW in address else 0.0002)
            while time.perf_counter() < until:
                pass
            return type("Answer", (), {"status_code": 404})

    assert not any(likeness(Slow(), TIMED[0]) > 0.01 for _ in range(3))
