"""Claims: each execution once, in fair order, fenced by its epoch."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Team
from executions_app.database import pool
from executions_app.models import Execution
from executions_app.runner.claim import Claimer
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from executions_app.tests.parts import expire
from workflows_app.models import Workflow

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def claimer() -> Claimer:
    return Claimer("me", 10, lambda: pool().connection())


def queue(count: int, **fields) -> list[Execution]:
    version = VersionFactory()
    return ExecutionFactory.create_batch(count, version=version, **fields)


def test_a_claim_takes_the_lease_and_raises_the_epoch(claimer: Claimer) -> None:
    (execution,) = queue(1)
    (claim,) = claimer.queued(5)
    execution.refresh_from_db()
    assert (claim.id, claim.epoch, claim.is_first) == (execution.pk, 1, True)
    assert (execution.status, execution.owner, execution.epoch) == ("running", "me", 1)
    assert execution.lease_until > timezone.now() + timedelta(seconds=8)
    assert execution.worker_pid
    assert execution.started_at


def test_nothing_is_claimed_twice(claimer: Claimer) -> None:
    queue(3)
    assert len(claimer.queued(10)) == 3
    assert claimer.queued(10) == []


def test_no_slot_no_claim(claimer: Claimer) -> None:
    queue(1)
    assert claimer.queued(0) == []


def test_many_claimers_share_the_rows(claimer: Claimer) -> None:
    queue(60)
    others = [Claimer(f"worker {number}", 10, claimer.connect) for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        taken = [claim.id for claims in threads.map(lambda one: one.queued(15), others) for claim in claims]
    rest = [claim.id for claim in claimer.queued(60)]
    assert len(taken) == len(set(taken))
    assert len(set(taken + rest)) == 60


def test_older_ones_go_first_but_priority_before_age(claimer: Claimer) -> None:
    first, second = queue(2)
    urgent = ExecutionFactory(version=first.version, priority=-1)
    assert [claimer.queued(1)[0].id for _ in range(3)] == [urgent.pk, first.pk, second.pk]


def test_teams_take_turns_whoever_queued_most(claimer: Claimer) -> None:
    queue(20)
    (late,) = queue(1)
    assert late.pk in {claim.id for claim in claimer.queued(2)}


def test_a_share_goes_before_what_is_beyond_it(claimer: Claimer) -> None:
    busy, other = queue(4), queue(3)
    Team.objects.filter(pk=busy[0].team_id).update(max_running=2)
    Team.objects.filter(pk=other[0].team_id).update(max_running=5)
    taken = claimer.queued(5)
    assert sum(claim.team_id == busy[0].team_id for claim in taken) == 2


def test_a_lone_team_gets_every_idle_slot(claimer: Claimer) -> None:
    executions = queue(9)
    Team.objects.filter(pk=executions[0].team_id).update(max_running=2)
    assert len(claimer.queued(8)) == 8


def test_what_a_team_runs_already_counts_for_its_share(claimer: Claimer) -> None:
    busy = queue(6)
    claimer.queued(4)
    (late,) = queue(1)
    assert claimer.queued(1)[0].id == late.pk
    assert claimer.queued(1)[0].id == busy[4].pk


def test_of_teams_below_their_share_nothing_beyond_it_where_that_is_asked_for(claimer: Claimer) -> None:
    busy, other = queue(4), queue(3)
    Team.objects.filter(pk=busy[0].team_id).update(max_running=0)
    Team.objects.filter(pk=other[0].team_id).update(max_running=2)
    assert [claim.id for claim in claimer.queued(5, beyond=False)] == [other[0].pk, other[1].pk]


def test_idle_workers_share_a_burst(claimer: Claimer) -> None:
    queue(10)
    assert len(claimer.queued(32, workers=2)) == 5
    assert len(claimer.queued(32, workers=2)) == 3
    assert len(claimer.queued(32)) == 2


def test_of_a_backlog_every_worker_takes_all_it_can(claimer: Claimer) -> None:
    queue(60)
    assert len(claimer.queued(8, workers=4)) == 8


def limited(count: int, at_a_time: int, **fields) -> list[Execution]:
    executions = queue(count, **fields)
    Workflow.objects.filter(pk=executions[0].workflow_id).update(max_running=at_a_time)
    return executions


def test_a_workflow_runs_no_more_at_a_time_than_it_says(claimer: Claimer) -> None:
    executions = limited(5, 2)
    assert [claim.id for claim in claimer.limited(10)] == [execution.pk for execution in executions[:2]]
    assert claimer.limited(10) == []
    Execution.objects.filter(pk=executions[0].pk).update(status="success", lease_until=None, finished_at=timezone.now())
    assert [claim.id for claim in claimer.limited(10)] == [executions[2].pk]


def test_what_waits_behind_it_does_not_wait_for_it(claimer: Claimer) -> None:
    waiting = limited(40, 1)
    claimer.limited(10)
    other = ExecutionFactory(version=VersionFactory(workflow__team=waiting[0].team))
    assert [claim.id for claim in claimer.queued(2)] == [other.pk]


def test_only_one_worker_counts_at_a_time(claimer: Claimer) -> None:
    limited(8, 3)
    others = [Claimer(f"worker {number}", 10, claimer.connect) for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        taken = [claim for claims in threads.map(lambda one: one.limited(8), others) for claim in claims]
    assert len(taken) == 3


def test_a_row_of_a_newer_engine_is_left_for_newer_workers(claimer: Claimer) -> None:
    queue(1, engine_version=99)
    assert claimer.queued(5) == []


def test_only_an_expired_lease_is_taken_over(claimer: Claimer) -> None:
    (execution,) = queue(1)
    claimer.queued(1)
    assert claimer.expired(5) == []
    expire(execution)
    (claim,) = Claimer("other", 10, claimer.connect).expired(5)
    assert (claim.epoch, claim.crash_count, claim.is_first) == (2, 1, False)


def test_every_crash_without_progress_is_counted(claimer: Claimer) -> None:
    (execution,) = queue(1)
    claimer.queued(1)
    counts = []
    for _ in range(3):
        expire(execution)
        counts.append(claimer.expired(1)[0].crash_count)
    assert counts == [1, 2, 3]


def test_a_run_that_may_have_ended_two_workers_is_taken_alone(claimer: Claimer) -> None:
    """Its neighbours must not be blamed for what it does the third time."""
    suspects = queue(3, crash_count=1)
    others = queue(2)
    claimer.queued(5)
    for execution in (*suspects, *others):
        expire(execution)
    taken = claimer.expired(10)
    assert sorted(claim.crash_count for claim in taken) == [1, 1, 2]
    assert [claim.crash_count for claim in claimer.expired(10, with_last_chance=False)] == []
    assert [claim.is_on_last_chance for claim in claimer.expired(10)] == [True]


def test_the_time_of_a_run_begins_with_its_claim(claimer: Claimer) -> None:
    queue(1)
    (claim,) = Claimer("me", 10, claimer.connect, longest_s=60).queued(1)
    assert timedelta(seconds=50) < claim.deadline_at - timezone.now() <= timedelta(seconds=60)
    assert not claim.is_overdue


def test_a_run_past_its_time_is_taken_whoever_holds_it(claimer: Claimer) -> None:
    (execution,) = queue(1, deadline_at=timezone.now() - timedelta(seconds=2))
    claimer.queued(1)
    assert claimer.overdue(5) == []
    Execution.objects.update(deadline_at=timezone.now() - timedelta(seconds=6))
    (claim,) = claimer.overdue(5)
    assert (claim.id, claim.epoch, claim.is_overdue) == (execution.pk, 2, True)
