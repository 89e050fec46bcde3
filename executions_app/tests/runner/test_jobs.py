"""Side jobs: each once, tried again, seen while they run, fenced by their epoch."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.tests.factories import TeamFactory, UserFactory
from executions_app import job_kinds
from executions_app.job_kinds import JobRun, job_kind
from executions_app.models import Job
from executions_app.runner.jobs import LOOK_S, Hold, JobRunner
from executions_app.selectors.jobs import job_figures, job_for, jobs_for
from executions_app.services import jobs
from workflows_app.engine.errors import UserError

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

Define = Callable[..., None]


@pytest.fixture(autouse=True)
def define(monkeypatch: pytest.MonkeyPatch) -> Define:
    """Kinds of this test alone; `try` is one that lies at hand."""
    monkeypatch.setattr(job_kinds, "_kinds", {})
    monkeypatch.setattr(job_kinds, "autodiscover_modules", lambda _: None)

    def add(work, name: str = "try", queue: str = "exports", **options) -> None:
        job_kinds._kinds.pop(name, None)
        job_kind(name, queue=queue, **options)(work)

    add(lambda run: {"said": run.arguments.get("word")})
    return add


@pytest.fixture
def runner() -> Iterator[JobRunner]:
    made = JobRunner("me")
    yield made
    made.stop()


def now(job: Job) -> Job:
    job.refresh_from_db()
    return job


def due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(run_at=timezone.now() - timedelta(seconds=1))


def at_once(call: Callable[[int], Any], count: int) -> list[Any]:
    """What that many calls in threads of their own returned."""

    def alone(number: int) -> Any:
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        return list(threads.map(alone, range(count)))


def silent(job: Job) -> None:
    """Its worker fell silent."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_runs_and_its_result_is_kept(runner: JobRunner) -> None:
    job = jobs.enqueue("try", {"word": "hello"})
    assert runner.drain("exports") == 1
    assert (now(job).status, job.result, job.progress, job.attempts) == ("success", {"said": "hello"}, 1, 1)
    assert job.finished_at is not None
    assert job.arguments == {}


def test_twenty_megabytes_of_arguments_arrive(runner: JobRunner, define: Define) -> None:
    define(lambda run: {"length": sum(map(len, run.arguments["files"]))})
    job = jobs.enqueue("try", {"files": ["é" * 40_000] * 500})
    runner.drain()
    assert now(job).result == {"length": 20_000_000}


def test_a_queue_runs_only_its_own(runner: JobRunner) -> None:
    jobs.enqueue("try", {})
    assert runner.drain("notifications") == 0
    assert runner.drain("exports") == 1


def test_a_job_for_later_waits(runner: JobRunner) -> None:
    jobs.enqueue("try", {}, run_at=timezone.now() + timedelta(hours=1))
    assert runner.drain() == 0


def test_an_unknown_kind_is_refused_when_it_is_stored() -> None:
    with pytest.raises(LookupError, match="nonsense"):
        jobs.enqueue("nonsense", {})


def test_a_rolled_back_job_never_was(runner: JobRunner) -> None:
    with transaction.atomic():
        jobs.enqueue("try", {})
        transaction.set_rollback(True)
    assert runner.drain() == 0


def test_of_one_key_one_is_open_at_a_time(runner: JobRunner) -> None:
    first, second = (jobs.enqueue("try", {}, key="report") for _ in range(2))
    assert first.pk == second.pk
    runner.drain()
    assert jobs.enqueue("try", {}, key="report").pk != first.pk


def test_many_who_start_the_same_at_once_get_one_job() -> None:
    found = {job.pk for job in at_once(lambda _: jobs.enqueue("try", {}, key="same"), 12)}
    assert len(found) == Job.objects.count() == 1


def test_many_workers_share_the_jobs_and_none_runs_twice(define: Define) -> None:
    ran: list[str] = []
    define(lambda run: ran.append(str(run.job_id)))
    made = [jobs.enqueue("try", {}) for _ in range(40)]
    done = sum(at_once(lambda number: JobRunner(f"worker {number}").drain(), 4))
    assert (done, sorted(ran)) == (40, sorted(str(job.pk) for job in made))


def test_what_fails_is_tried_again_later_and_stays_visible_in_the_end(runner: JobRunner, define: Define) -> None:
    def fails(run: JobRun) -> None:
        raise OSError(f"The disk is full, try {run.attempt}\x00")

    define(fails)
    job = jobs.enqueue("try", {"word": "kept"})
    waits = []
    for _ in range(3):
        due(job)
        before = timezone.now()
        runner.drain()
        waits.append((now(job).run_at - before).total_seconds())
    assert 2 < waits[0] < 9 < waits[1] < 40
    assert (job.status, job.attempts, job.arguments) == ("error", 3, {"word": "kept"})
    assert job.error_text == "OSError: The disk is full, try 3\ufffd"
    assert runner.drain() == 0
    assert jobs.again(job).status == "queued"


def test_what_failed_is_left_to_the_one_that_does_the_same_now() -> None:
    failed = jobs.enqueue("try", {}, key="same")
    Job.objects.filter(pk=failed.pk).update(status="error")
    newer = jobs.enqueue("try", {}, key="same")
    assert jobs.again(failed).status == "error"
    Job.objects.filter(pk=newer.pk).update(status="success")
    assert jobs.again(failed).status == "queued"


def test_what_no_repeat_mends_is_not_repeated(runner: JobRunner, define: Define) -> None:
    def refuses(_: JobRun) -> None:
        raise UserError("The file holds no workflow.")

    define(refuses)
    job = jobs.enqueue("try", {})
    runner.drain()
    assert (now(job).status, job.attempts, job.error_text) == ("error", 1, "The file holds no workflow.")


def test_progress_is_seen_while_it_runs_and_found_by_the_next_try(runner: JobRunner, define: Define) -> None:
    team, seen = TeamFactory(), []
    member = team.memberships.create(user=UserFactory(), role="viewer").user

    def half(run: JobRun) -> None:
        if run.so_far is None:
            run.progress(0.5, {"imported": 5})
            seen.append(job_for(member, run.job_id))
            raise OSError("half way")
        seen.append(run.so_far)

    define(half)
    job = jobs.enqueue("try", {}, team_id=team.pk)
    runner.drain()
    due(job)
    runner.drain()
    assert (seen[0].status, seen[0].progress, seen[0].result) == ("running", 0.5, {"imported": 5})
    assert seen[1] == {"imported": 5}
    assert now(job).status == "success"


def test_a_silent_worker_loses_its_job_to_another(define: Define) -> None:
    slow, other = JobRunner("slow"), JobRunner("other")
    job = jobs.enqueue("try", {"word": "once"})
    claimed = slow.claim()
    silent(job)
    assert other.drain() == 1
    slow._end(claimed, "error", error="too late")
    assert (now(job).status, job.error_text, job.attempts) == ("success", "", 2)


def test_the_third_worker_that_falls_silent_is_the_last(runner: JobRunner) -> None:
    job = jobs.enqueue("try", {})
    for _ in range(3):
        runner.claim()
        silent(job)
    assert runner.claim() is None
    assert (now(job).status, "went away" in job.error_text) == ("error", True)


def test_a_lease_is_renewed_while_the_work_goes_on(define: Define, until) -> None:
    runner = JobRunner("me", lease_s=0.4)
    job = jobs.enqueue("try", {})
    claimed = runner.claim()
    first = now(job).lease_until
    with Hold(claimed, lease_s=0.4, is_stopping=lambda: False):
        until(lambda: now(job).lease_until > first)


def test_a_canceled_job_stops_where_it_next_tells(runner: JobRunner, define: Define) -> None:
    reached = []

    def work(run: JobRun) -> None:
        jobs.cancel(Job.objects.filter(pk=run.job_id))
        run.progress(0.1)
        reached.append("too far")

    define(work)
    job = jobs.enqueue("try", {})
    runner.drain()
    assert (now(job).status, reached) == ("canceled", [])
    assert jobs.cancel(Job.objects.all()) == 0


def test_a_worker_that_stops_gives_its_jobs_back_untried(define: Define) -> None:
    runner, started, stopped = JobRunner("me"), threading.Event(), threading.Event()

    def work(run: JobRun) -> None:
        started.set()
        assert stopped.wait(10)
        run.progress(0.5)
        raise AssertionError("It went on.")

    define(work)
    job = jobs.enqueue("try", {})
    thread = threading.Thread(target=runner.drain)
    thread.start()
    assert started.wait(10)
    runner.stop()
    stopped.set()
    thread.join()
    assert (now(job).status, job.attempts, job.lease_until) == ("queued", 0, None)


def test_no_more_than_two_run_in_one_process(define: Define) -> None:
    runner, gate, inside = JobRunner("me"), threading.Event(), threading.Semaphore(0)

    def work(_: JobRun) -> None:
        inside.release()
        assert gate.wait(10)

    define(work)
    for _ in range(3):
        jobs.enqueue("try", {})
    threads = [threading.Thread(target=runner.drain) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert inside.acquire(timeout=10)
    assert runner.drain() == 0
    gate.set()
    for thread in threads:
        thread.join()
    assert job_figures() == {("exports", "success"): 3}


def test_what_no_doorbell_told_of_is_found_by_the_ticker(runner: JobRunner, until) -> None:
    job = jobs.enqueue("try", {})
    runner.look()
    until(lambda: now(job).status == "success")


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What keeps the jobs of a test going."""
    made = threading.Event()
    yield made
    made.set()


@pytest.mark.parametrize("is_rung_for", [True, False], ids=["told of", "doorbell lost"])
def test_exports_in_every_lane_hold_up_no_alert(define: Define, gate: threading.Event, until, is_rung_for) -> None:
    runner, inside = JobRunner("me"), threading.Semaphore(0)

    def exports(_: JobRun) -> None:
        inside.release()
        assert gate.wait(20)

    define(exports)
    define(lambda _: {"told": True}, name="alert", queue="notifications")
    for _ in range(4):
        jobs.enqueue("try", {})
    # One in the thread that looks, the other in one that a doorbell woke.
    runner.look()
    assert inside.acquire(timeout=10)
    thread = threading.Thread(target=runner.drain, args=("exports",))
    thread.start()
    assert inside.acquire(timeout=10)
    alert = jobs.enqueue("alert", {})
    if is_rung_for:
        until(lambda: runner.drain("notifications"), 1)
    until(lambda: runner.look() or now(alert).status == "success", LOOK_S + 1)
    assert job_figures()["exports", "running"] == 2
    gate.set()
    thread.join()
    runner.stop()


def test_alerts_use_the_lanes_of_others_too(define: Define, gate: threading.Event) -> None:
    runner, inside = JobRunner("me"), threading.Semaphore(0)

    def alerts(_: JobRun) -> None:
        inside.release()
        assert gate.wait(10)

    define(alerts, queue="notifications")
    for _ in range(4):
        jobs.enqueue("try", {})
    threads = [threading.Thread(target=runner.drain, args=("notifications",)) for _ in range(3)]
    for thread in threads:
        thread.start()
        assert inside.acquire(timeout=10)
    assert runner.drain("notifications") == 0
    gate.set()
    for thread in threads:
        thread.join()
    assert job_figures() == {("notifications", "success"): 4}


def test_what_comes_again_has_one_row_whoever_looks(define: Define, runner: JobRunner) -> None:
    calls = []
    define(lambda _: calls.append(1), name="often", queue="maintenance", every_s=60)
    assert sum(at_once(lambda _: jobs.ensure_recurring(), 8)) == 1
    runner.drain()
    row = Job.objects.get()
    assert (row.status, row.attempts, len(calls)) == ("queued", 0, 1)
    assert timedelta(seconds=50) < row.run_at - timezone.now() < timedelta(seconds=61)
    assert row.finished_at is not None
    assert jobs.cancel(Job.objects.all()) == 0


def test_what_comes_again_comes_again_after_it_failed(define: Define, runner: JobRunner) -> None:
    def fails(_: JobRun) -> None:
        raise OSError("away")

    define(fails, name="often", queue="maintenance", every_s=60)
    jobs.ensure_recurring()
    row = Job.objects.get()
    for _ in range(3):
        due(row)
        runner.drain()
    assert (now(row).status, row.attempts, row.error_text) == ("queued", 0, "OSError: away")
    assert row.run_at > timezone.now() + timedelta(seconds=50)


def test_a_stranger_sees_no_job_of_a_team_nor_of_a_person() -> None:
    owner, stranger, team = UserFactory(), UserFactory(), TeamFactory()
    team.memberships.create(user=owner, role="owner")
    made = [jobs.enqueue("try", {}, team_id=team.pk, by=owner), jobs.enqueue("try", {}, by=owner)]
    assert {view.id for view in jobs_for(owner, kind="try")} == {job.pk for job in made}
    assert jobs_for(stranger) == []
    assert job_for(stranger, made[1].pk) is None
    assert job_for(None, made[0].pk) is None
