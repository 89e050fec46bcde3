"""Many large runs at once: what waits for its commit is bounded, and so is what they start from."""

import threading

import pytest

from executions_app import payloads
from executions_app.intake.batcher import encode_items
from executions_app.models import Execution, NodeRun, Payload
from executions_app.runner import execute as execute_module
from executions_app.runner.crowding import Backlog, Gate
from executions_app.runner.session import Session
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts
from executions_app.tests.runner.test_session import finished, started
from workflows_app.engine.errors import LeaseLost

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

LARGE = [number * 7919 % 100_003 for number in range(60_000)]


class Asleep:
    """A writer that commits only when told to."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def wake(self, session: Session, *, at_once: bool) -> None:
        if at_once:
            self.asked.set()


def in_thread(work) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def recorded(session: Session, node: str, order: int = 0, json: object = LARGE) -> None:
    session.record(started(node, order))
    session.record(finished(node, order, json))


def test_a_run_waits_for_its_commit_while_the_process_holds_too_much(parts: Parts) -> None:
    backlog, writer = Backlog(limit_bytes=1), Asleep()
    session = Session(parts.open(execution_of()).claim, writer, unwritten=backlog)
    thread = in_thread(lambda: recorded(session, "A"))
    assert writer.asked.wait(20)
    assert thread.is_alive()
    parts.writer.flush([session])
    thread.join(20)
    assert not thread.is_alive()
    assert not backlog.is_full
    assert NodeRun.objects.exclude(output_ref="").count() == 1


def test_small_results_wait_for_nobody(parts: Parts) -> None:
    backlog, writer = Backlog(limit_bytes=1), Asleep()
    backlog.change(100)
    session = Session(parts.open(execution_of()).claim, writer, unwritten=backlog)
    recorded(session, "A", json=1)
    assert not writer.asked.is_set()


@pytest.mark.parametrize("how", ["lost", "ended"])
def test_what_is_over_weighs_nothing(parts: Parts, how: str) -> None:
    backlog = Backlog(limit_bytes=10**9)
    session = Session(parts.open(execution_of()).claim, Asleep(), unwritten=backlog)
    recorded(session, "A")
    session.put_payload(b"file" * 50_000)
    assert backlog._size > 0
    if how == "lost":
        session.lose()
    else:
        session.fail({"message": "no", "code": "no"})
        parts.writer.flush([session])
    assert backlog._size == 0


def test_a_run_that_waits_for_its_commit_ends_when_it_is_lost(parts: Parts) -> None:
    writer, seen = Asleep(), []
    session = Session(parts.open(execution_of()).claim, writer, unwritten=Backlog(limit_bytes=1))

    def work() -> None:
        try:
            recorded(session, "A")
        except LeaseLost as error:
            seen.append(error)

    thread = in_thread(work)
    assert writer.asked.wait(20)
    session.lose()
    thread.join(20)
    assert seen


def test_the_gate_lets_in_what_fits_in_the_order_of_coming(until) -> None:
    gate, inside, leave, order = Gate(limit_bytes=10), threading.Semaphore(0), threading.Event(), []

    def run(name: str, size: int) -> None:
        with gate.entered(size, lambda: False):
            order.append(name)
            inside.release()
            leave.wait(20)

    threads = [in_thread(lambda: run("first", 8))]
    assert inside.acquire(timeout=20)
    threads.append(in_thread(lambda: run("large", 9)))
    until(lambda: len(gate._queue) == 1)
    # Would fit, but somebody waits already.
    threads.append(in_thread(lambda: run("small", 1)))
    until(lambda: len(gate._queue) == 2)
    assert order == ["first"]
    leave.set()
    for thread in threads:
        thread.join(20)
    assert order == ["first", "large", "small"]


def test_one_that_takes_long_keeps_the_others_out_for_a_while_only(until) -> None:
    gate, came, leave = Gate(limit_bytes=10, held_s=0.3), [], threading.Event()

    def run(size: int) -> None:
        with gate.entered(size, lambda: False):
            came.append(size)
            leave.wait(20)

    threads = [in_thread(lambda: run(20))]
    until(lambda: came == [20])
    threads.append(in_thread(lambda: run(1)))
    until(lambda: came == [20, 1], 2)
    leave.set()
    for thread in threads:
        thread.join(20)
    assert not gate._inside


def test_one_that_is_larger_than_the_room_comes_in_alone() -> None:
    with Gate(limit_bytes=10).entered(1000, lambda: False):
        pass


def test_a_waiting_run_that_is_over_waits_no_longer() -> None:
    gate = Gate(limit_bytes=10)
    with gate.entered(10, lambda: False), gate.entered(10, lambda: True):
        pass


def test_a_run_that_is_canceled_at_the_gate_ends_canceled(parts: Parts, until, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(limit_bytes=1)
    monkeypatch.setattr(execute_module, "gate", gate)
    execution, files = execution_of(), []
    items = encode_items([{"json": {"large": LARGE}}], files, execution.team_id)
    Payload.objects.create(**payloads.as_row(files[0]))
    Execution.objects.update(trigger_items=items)
    with gate.entered(1, lambda: False):
        parts.runner.take()
        until(lambda: len(gate._queue) == 1)
        # Who waits for room takes none.
        assert payloads.cache.get(execution.team_id, files[0].ref) is None
        parts.runner.session(execution.pk).cancel()
        until(lambda: Execution.objects.get(pk=execution.pk).status == "canceled")
