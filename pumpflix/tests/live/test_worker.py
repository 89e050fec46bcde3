"""What the product promises about runs, on real servers and real worker processes that really die."""

import os
import signal
from typing import Any

import pytest

from executions_app import doorbell
from executions_app.models import Execution
from executions_app.services import cancel, start_manual_run
from executions_app.tests.factories import ExecutionFactory, execution_of, version_of
from pumpflix.lab.ledger import Ledger, ledger
from pumpflix.tests.live.conftest import LEASE_S
from workflows_app.tests.graphs import assign, chain, manual_set, node

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def book():
    with ledger() as found:
        yield found


# Written down at once; its first call is answered so late that the test has long done what it wants to do meanwhile.
HANGS = "?delay_ms=60000&delay_first=1"


def calling(book: Ledger, *paths: str) -> dict[str, Any]:
    """Start -> one POST per path of the ledger -> Last."""
    calls = [
        node(f"Call {number}", "httpRequest", 4.2, method="POST", url=f"{book.url}/{path}", options={})
        for number, path in enumerate(paths, 1)
    ]
    return chain(node("Start", "manualTrigger"), *calls, node("Last", "set", 3.4, **assign(ok=True)))


def ended(execution: Execution) -> bool:
    execution.refresh_from_db()
    return execution.is_finished


def nodes_called(book: Ledger) -> list[str]:
    return [call.path for call in book.calls()]


def test_a_run_names_the_worker_that_ran_it(start_worker, until) -> None:
    worker = start_worker()
    execution = execution_of(manual_set(greeting="Hello"))
    doorbell.ring()
    until(lambda: ended(execution))
    assert (execution.status, execution.worker_pid) == ("success", worker.pid)


def test_a_killed_worker_costs_seconds_and_no_recorded_step_is_repeated(start_worker, book: Ledger, until) -> None:
    first = start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    execution = execution_of(calling(book, "one", "two", f"three{HANGS}", "four"))
    doorbell.ring()
    book.wait_for(3)
    first.kill()
    execution.refresh_from_db()
    recorded = set(execution.node_runs.filter(status="success").values_list("node", flat=True))
    assert recorded == {"Start", "Call 1", "Call 2"}
    start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    until(lambda: ended(execution), 30)
    assert execution.status == "success", execution.error_text
    assert nodes_called(book) == ["/one", "/two", "/three", "/three", "/four"]
    assert len({call.key for call in book.calls()}) == 4


def test_answers_that_came_are_not_asked_for_again(start_worker, book: Ledger, until) -> None:
    """One node, many items: the next worker goes on behind the last answer that was recorded."""
    first = start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    url = "={{ $json.url }}"
    graph = chain(node("Start", "manualTrigger"), node("Call", "httpRequest", 4.2, method="POST", url=url, options={}))
    paths = ["a", "b", "c", f"d{HANGS}", "e"]
    execution = execution_of(graph, items=[{"json": {"url": f"{book.url}/{path}"}} for path in paths])
    doorbell.ring()
    book.wait_for(1, path="/d")
    until(lambda: execution.effects.count() >= 3)
    first.kill()
    start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    until(lambda: ended(execution), 30)
    assert execution.status == "success", execution.error_text
    assert [nodes_called(book).count(f"/{path}") for path in "abcde"] == [1, 1, 1, 2, 1]


def test_a_flushed_redis_loses_nothing(start_worker, redis_client, until) -> None:
    start_worker()
    version = version_of(manual_set(greeting="Hello"))
    executions = ExecutionFactory.create_batch(60, version=version)
    doorbell.ring()
    redis_client.flushall()
    executions += ExecutionFactory.create_batch(60, version=version)
    until(lambda: not Execution.objects.exclude(status="success").exists(), 20)
    assert Execution.objects.count() == len(executions)


def test_two_workers_share_the_work(start_worker, until) -> None:
    workers = [start_worker(), start_worker()]
    ExecutionFactory.create_batch(300, version=version_of(manual_set(greeting="Hello")))
    for _ in range(8):
        doorbell.ring()
    until(lambda: not Execution.objects.exclude(status="success").exists(), 30)
    assert set(Execution.objects.values_list("epoch", flat=True)) == {1}
    assert set(Execution.objects.values_list("worker_pid", flat=True)) <= {worker.pid for worker in workers}


def test_a_stopped_worker_that_wakes_up_has_lost_its_run(start_worker, book: Ledger, until) -> None:
    zombie = start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    execution = execution_of(calling(book, f"one{HANGS}", "two"))
    doorbell.ring()
    book.wait_for(1)
    os.kill(zombie.pid, signal.SIGSTOP)
    second = start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    book.wait_for(2)
    os.kill(zombie.pid, signal.SIGCONT)
    until(lambda: zombie.process.poll() is not None, 15)
    until(lambda: ended(execution), 30)
    assert (execution.status, execution.epoch, execution.worker_pid) == ("success", 2, second.pid)
    assert nodes_called(book).count("/two") == 1


def test_the_third_killed_worker_is_the_last_that_a_node_ends(start_worker, book: Ledger, until) -> None:
    execution = execution_of(calling(book, "one", "two?delay_ms=60000&delay_first=3"))
    for number in range(1, 4):
        worker = start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow, PUMPFLIX_LEASE_S="2")
        doorbell.ring()
        book.wait_for(number, path="/two")
        worker.kill()
    start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow, PUMPFLIX_LEASE_S="2")
    until(lambda: ended(execution), 30)
    assert (execution.status, execution.reason, execution.last_node) == ("crashed", "poison", "Call 2")
    assert "3 times in the node 'Call 2'" in execution.error_text
    assert nodes_called(book) == ["/one", "/two", "/two", "/two"]


def test_a_frozen_worker_keeps_no_run_beyond_its_time(start_worker, book: Ledger, until) -> None:
    frozen = start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow, PUMPFLIX_RUN_TIME_LIMIT_S="2")
    execution = execution_of(calling(book, f"one{HANGS}"))
    doorbell.ring()
    book.wait_for(1)
    os.kill(frozen.pid, signal.SIGSTOP)
    start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    until(lambda: ended(execution), 20)
    assert (execution.status, execution.reason) == ("error", "timeout")
    assert (execution.finished_at - execution.deadline_at).total_seconds() <= float(LEASE_S) + 2


def test_a_cancel_reaches_a_call_that_hangs(start_worker, book: Ledger, until) -> None:
    start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    execution = execution_of(calling(book, f"one{HANGS}", "two"))
    doorbell.ring()
    book.wait_for(1)
    cancel(execution, by=execution.workflow.created_by)
    until(lambda: ended(execution), 10)
    assert execution.status == "canceled"
    assert nodes_called(book) == ["/one"]


def test_a_worker_told_to_stop_hands_on_what_it_could_not_end(start_worker, book: Ledger, until) -> None:
    first = start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow, PUMPFLIX_GRACE_S="1")
    execution = execution_of(calling(book, "one", f"two{HANGS}"))
    doorbell.ring()
    book.wait_for(2)
    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(15) == 0
    execution.refresh_from_db()
    assert (execution.status, execution.crash_count) == ("queued", 0)
    start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow)
    until(lambda: ended(execution), 30)
    assert execution.status == "success"
    assert nodes_called(book).count("/one") == 1


def test_a_second_word_to_stop_ends_the_grace_period(start_worker, book: Ledger, until) -> None:
    worker = start_worker(PUMPFLIX_OUTBOUND_ALLOW=book.allow, PUMPFLIX_GRACE_S="120")
    execution = execution_of(calling(book, "one", f"two{HANGS}"))
    doorbell.ring()
    book.wait_for(2)
    worker.process.send_signal(signal.SIGTERM)
    until(lambda: "worker_stopping" in worker.log.read_text())
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(15) == 0
    execution.refresh_from_db()
    assert (execution.status, execution.crash_count) == ("queued", 0)


def test_an_idle_worker_stops_at_once(start_worker) -> None:
    worker = start_worker()
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(10) == 0


def test_a_worker_grown_too_large_leaves_by_itself(start_worker) -> None:
    worker = start_worker(PUMPFLIX_WORKER_MEMORY_MB="1", PUMPFLIX_GRACE_S="1")
    assert worker.process.wait(15) == 0


def test_a_person_starts_a_run_and_it_runs(start_worker, until) -> None:
    start_worker()
    version = version_of(manual_set(greeting="Hello"))
    execution = start_manual_run(version.workflow, by=version.workflow.created_by)
    until(lambda: ended(execution))
    assert execution.status == "success"
