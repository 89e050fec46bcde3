"""The parts of a worker process, started and stopped together."""

import gc
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from executions_app import frames
from executions_app.database import pool
from executions_app.models import Execution
from executions_app.runner import celery_signals, process
from executions_app.runner.process import Limits, Worker, limits
from executions_app.tasks import drain
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import expire
from executions_app.tests.runner.test_execute import calling
from pumpflix.lib.sandbox import SandboxUnavailable

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


class WithoutChildren:
    """A pool that cannot start its children on this machine."""

    def warm(self) -> None:
        raise SandboxUnavailable("not here")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, redis_client) -> Iterator[Worker]:
    monkeypatch.setattr(process, "code_pool", WithoutChildren)
    made = Worker(Limits(lease_s=10, slots=4, grace_s=0, max_rss_bytes=0))
    monkeypatch.setattr(process, "worker", lambda: made)
    yield made
    gc.unfreeze()


def test_the_settings_say_how_much_a_worker_does() -> None:
    assert limits() == Limits(lease_s=10.0, slots=32, grace_s=30, max_rss_bytes=1024 * 2**20, longest_s=3600)


def test_a_worker_runs_what_is_queued_and_stops(worker: Worker, until) -> None:
    execution = execution_of()
    worker.start()
    until(lambda: Execution.objects.get(pk=execution.pk).status == "success")
    worker.stop()


def test_calls_are_held_back_once_leases_may_be_somebody_elses(worker: Worker, until) -> None:
    execution_of(calling("A"))
    worker.writer.start()
    worker.heartbeat._last_ok -= 7
    assert len(worker.runner.take()) == 1
    until(lambda: not worker.runner.sessions)
    assert Execution.objects.get().status == "running"
    worker.heartbeat.beat()
    assert worker.runner.are_leases_good()
    worker.writer.stop()


def test_collections_of_garbage_leave_out_what_a_started_worker_has_loaded(worker: Worker) -> None:
    loaded = len(gc.get_objects())
    worker.start()
    assert gc.get_freeze_count() > loaded // 2
    assert len(gc.get_objects()) < loaded // 10
    worker.stop()


def test_a_doorbell_drains(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("executions_app.tasks.worker", lambda: worker)
    execution = execution_of()
    worker.writer.start()
    drain()
    assert Execution.objects.get(pk=execution.pk).status == "success"
    worker.writer.stop()


def test_a_crash_too_many_is_told_to_those_who_watch(worker: Worker, redis_client, until) -> None:
    execution = execution_of()
    worker.runner.claimer.queued(1)
    Execution.objects.update(crash_count=2)
    expire(execution)
    worker.start()
    until(lambda: frames.end("crashed") in b"".join(entry[execution.pk.hex.encode()] for entry in told(redis_client)))
    worker.stop()


def told(redis_client) -> list[dict[bytes, bytes]]:
    return [entry for _, entry in redis_client.xrange("pumpflix:live")]


def test_told_to_stop_it_leaves_once(worker: Worker, monkeypatch: pytest.MonkeyPatch, until) -> None:
    left: list[int] = []
    monkeypatch.setattr(process.os, "_exit", left.append)
    worker.start()
    worker.shut_down()
    worker.shut_down()
    until(lambda: left)
    assert left == [0]
    assert worker.runner.is_stopping


def test_celerys_words_start_and_stop_the_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    class Told:
        def shut_down(self) -> None:
            heard.append("stop")

    monkeypatch.setattr(celery_signals, "worker", lambda: heard.append("start"))
    monkeypatch.setattr(celery_signals, "running_worker", Told)
    celery_signals.start_parts()
    celery_signals.leave_in_order()
    assert heard == ["start", "stop"]


def test_a_worker_that_still_waits_for_its_database_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(celery_signals, "running_worker", lambda: None)
    monkeypatch.setattr(celery_signals, "leave_at_once", lambda: codes.append(0))
    celery_signals.leave_in_order()
    assert codes == [0]


def test_a_worker_starts_once_its_database_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def coming() -> object:
        tries.append("asked")
        if len(tries) < 3:
            raise psycopg.OperationalError("not yet")
        return pool()

    monkeypatch.setattr(process, "pool", coming)
    process.wait_for_database()
    assert len(tries) == 3


def test_two_who_ask_at_once_get_one_worker(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    class Slow:
        def __init__(self, _: object) -> None:
            made.append(self)

        def start(self) -> None:
            meanwhile = ThreadPoolExecutor(1)
            asked.append(meanwhile.submit(place.taken))

    asked: list[Future[Any]] = []
    place = process.Place()
    monkeypatch.setattr(process, "Worker", Slow)
    assert place.taken() is asked[0].result(10) is place.worker
    assert len(made) == 1
