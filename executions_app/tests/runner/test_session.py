"""Sessions: what is recorded, when it is committed, and what waits for it."""

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from executions_app.models import Execution, ExecutionEvent, NodeRun, Payload, PayloadUse
from executions_app.runner.session import Session
from executions_app.storage_quota import Quota, StorageFull
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts, elsewhere
from workflows_app.engine import events
from workflows_app.engine.errors import Canceled, LeaseLost
from workflows_app.engine.items import Item
from workflows_app.engine.ports import CallSite

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SITE = CallSite("A", 0, 0, 0)


def started(node: str = "A", order: int = 0) -> events.NodeRunStarted:
    return events.NodeRunStarted(node, 0, order, NOW, (1,))


def finished(node: str = "A", order: int = 0, json: object = 1, **extra) -> events.NodeRunFinished:
    return events.NodeRunFinished(node, 0, order, NOW, 1.0, [[Item(json={"v": json})]], (None,), **extra)


@pytest.fixture
def session(parts: Parts) -> Session:
    return parts.open(execution_of())


def kinds(session: Session) -> list[str]:
    return list(
        ExecutionEvent.objects.filter(execution=session.claim.id).order_by("seq").values_list("type", flat=True)
    )


def turns(session: Session) -> list[tuple[str, str]]:
    return list(NodeRun.objects.filter(execution=session.claim.id).order_by("order").values_list("node", "status"))


def test_results_are_buffered_and_written_together(session: Session, parts: Parts) -> None:
    for order, node in enumerate("ABC"):
        session.record(started(node, order))
        session.record(finished(node, order))
    session.flush()
    assert turns(session) == [("A", "success"), ("B", "success"), ("C", "success")]
    assert len(parts.published) == 1


def test_a_beginning_is_told_only_if_its_end_is_not_there_yet(session: Session) -> None:
    session.record(started("A"))
    session.flush()
    session.record(finished("A"))
    session.record(started("B", 1))
    session.record(finished("B", 1))
    session.flush()
    assert kinds(session) == ["node_run_started", "node_run_finished", "node_run_finished"]


def test_numbers_have_no_gap(session: Session) -> None:
    for order in range(20):
        session.record(started(f"N{order}", order))
        session.record(finished(f"N{order}", order))
        if order % 7 == 0:
            session.flush()
    session.flush()
    numbers = ExecutionEvent.objects.filter(execution=session.claim.id).order_by("seq").values_list("seq", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))


def test_rows_are_written_soon_without_anybody_waiting(session: Session, until) -> None:
    session.record(started())
    until(lambda: kinds(session) == ["node_run_started"], 2)


def test_the_barrier_leaves_an_intent_before_anything_goes_out(session: Session) -> None:
    session.record(started())
    session.barrier(SITE)
    assert turns(session) == [("A", "started")]
    session.record(finished())
    session.flush()
    assert turns(session) == [("A", "success")]


def test_only_the_first_call_of_a_turn_costs_a_commit(session: Session, parts: Parts) -> None:
    session.record(started())
    for call in range(5):
        session.barrier(CallSite("A", 0, 0, call))
    assert len(parts.published) == 1


def test_calls_from_many_threads_wait_for_one_intent(session: Session, parts: Parts) -> None:
    session.record(started())
    threads = [threading.Thread(target=session.barrier, args=(CallSite("A", 0, item, 0),)) for item in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(parts.published) == 1
    assert turns(session) == [("A", "started")]


def test_nothing_goes_out_once_another_worker_has_the_execution(session: Session) -> None:
    elsewhere_execution(session)
    session.record(started())
    with pytest.raises(LeaseLost):
        session.barrier(SITE)
    assert session.is_lost
    assert turns(session) == []


def test_nothing_goes_out_of_a_process_that_stood_still_while_it_waited(session: Session) -> None:
    session.record(started())
    session.is_held = lambda: False
    with pytest.raises(LeaseLost):
        session.barrier(SITE)
    assert session.is_lost


def test_nor_out_of_a_run_that_it_calls(session: Session, parts: Parts) -> None:
    called = parts.open(execution_of())
    session.begin_call(called)
    session.is_held = lambda: False
    called.record(started())
    with pytest.raises(LeaseLost):
        called.barrier(SITE)
    assert session.is_lost
    assert called.is_lost


def elsewhere_execution(session: Session) -> None:
    elsewhere(Execution.objects.get(pk=session.claim.id))


def test_a_lost_session_records_nothing_more(session: Session) -> None:
    session.lose()
    with pytest.raises(LeaseLost):
        session.record(started())
    with pytest.raises(LeaseLost):
        session.barrier(SITE)


def test_a_canceled_run_makes_no_further_call(session: Session) -> None:
    session.cancel()
    with pytest.raises(Canceled):
        session.barrier(SITE)


def test_the_end_is_written_and_told(session: Session) -> None:
    ended = threading.Event()
    session.on_end = lambda _: ended.set()
    session.record(finished())
    session.record(events.ExecutionFinished("success", NOW, "A"))
    assert ended.wait(10)
    execution = Execution.objects.get(pk=session.claim.id)
    assert (execution.status, execution.last_node, execution.lease_until) == ("success", "A", None)
    assert execution.next_seq == 3
    with pytest.raises(LeaseLost):
        session.record(started("B", 1))


def test_a_failed_turn_and_its_error_are_kept(session: Session) -> None:
    error = {"message": "Broken \x00 \ud800", "code": "broken"}
    session.record(started())
    session.record(events.NodeRunFailed("A", 0, 0, NOW, 1.0, (), error))
    session.record(events.ExecutionFinished("error", NOW, "A", error))
    session.flush()
    execution = Execution.objects.get(pk=session.claim.id)
    assert (execution.error_code, execution.error_text) == ("broken", "Broken \ufffd ?")
    assert turns(session) == [("A", "error")]


def test_a_large_output_lives_by_reference(session: Session) -> None:
    noise = random.Random(1).randbytes(100_000).hex()
    session.record(finished(json=noise))
    session.flush()
    row = NodeRun.objects.get(execution=session.claim.id)
    assert row.output is None
    assert row.output_ref.startswith("sha256:")
    assert PayloadUse.objects.filter(execution=session.claim.id).count() == 1
    assert session.get_payload(row.output_ref)


def ends(work: Callable[[], object]) -> bool:
    """Whether another thread comes to its end with it."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(10)
    return not thread.is_alive()


def large(node: str = "A") -> events.NodeRunFinished:
    return finished(node, json=random.Random(node).randbytes(100_000).hex())


def test_rows_are_taken_while_a_large_output_waits_for_room(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bool] = []
    monkeypatch.setattr(Quota, "admit", lambda *_: taken.append(ends(session.take)))
    session.record(large())
    assert taken == [True]


def test_an_output_without_room_is_not_told_as_finished(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StorageFull("Full.")

    session.record(started())
    session.barrier(SITE)
    monkeypatch.setattr(Quota, "admit", full)
    with pytest.raises(StorageFull):
        session.record(large())
    session.fail({"message": "Full.", "code": "storage_full"})
    session.wait_over()
    assert turns(session) == [("A", "unknown")]
    assert kinds(session) == ["node_run_started", "execution_finished"]


class NoWriter:
    def wake(self, session: Session, *, at_once: bool) -> None:
        """Nobody takes the rows by itself."""


def test_the_answer_of_a_run_may_be_one_of_its_files(session: Session) -> None:
    alone = Session(session.claim, NoWriter())
    ref = alone.put_payload(b"picture")
    alone.answer = lambda _: alone.get_payload(ref)
    assert ends(lambda: alone.record(events.ExecutionFinished("success", NOW, "A")))
    commit = alone.take()
    assert commit is not None
    assert commit.head.response == b"picture"


def test_a_file_can_be_read_before_and_after_its_commit(session: Session) -> None:
    ref = session.put_payload(b"x" * 5000)
    assert session.get_payload(ref) == b"x" * 5000
    session.flush()
    assert session.get_payload(ref) == b"x" * 5000
    assert Payload.objects.get().encoding == "zstd"


def test_the_same_file_is_stored_once_per_team(session: Session) -> None:
    assert session.put_payload(b"same") == session.put_payload(b"same")
    session.flush()
    session.put_payload(b"same")
    session.flush()
    assert Payload.objects.count() == 1


def test_the_caller_is_answered_once(session: Session) -> None:
    assert session.respond(b"j{}")
    assert not session.respond(b'j{"again":1}')


def test_parking_queues_the_execution_again(session: Session, until) -> None:
    session.park()
    until(lambda: Execution.objects.get(pk=session.claim.id).status == "queued")
    with pytest.raises(LeaseLost):
        session.record(started())


def test_a_wait_keeps_the_turn_to_go_on_with(session: Session) -> None:
    session.record(started())
    session.record(events.ExecutionWaiting("A", 0, 0, NOW, "time", NOW))
    session.flush()
    execution = Execution.objects.get(pk=session.claim.id)
    assert (execution.status, execution.reason, execution.resume_at) == ("waiting", "time", NOW)
    assert (execution.resume_node, execution.resume_run) == ("A", 0)
    assert turns(session) == [("A", "started")]


def test_turns_that_a_cancel_cut_off_are_told(session: Session) -> None:
    session.record(started())
    session.barrier(SITE)
    session.record(events.ExecutionFinished("canceled", NOW, "A"))
    session.flush()
    assert turns(session) == [("A", "canceled")]


def test_attempts_are_counted(session: Session) -> None:
    session.record(started())
    session.record(events.NodeRunRetried("A", 0, 1, NOW, {"message": "No"}, 0.0))
    session.record(events.NodeRunRetried("A", 0, 2, NOW, {"message": "No"}, 0.0))
    session.record(finished())
    session.flush()
    assert NodeRun.objects.get(execution=session.claim.id).attempt == 3
    assert kinds(session) == ["node_run_retried", "node_run_retried", "node_run_finished"]
