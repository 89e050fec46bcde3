"""The same for many runs at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.tests.factories import MembershipFactory, UserFactory
from executions_app.models import Execution
from executions_app.selectors.lists import recent_runs, run_page
from executions_app.services import act, bulk
from executions_app.services.pruning import Pruning, Retention
from executions_app.tests.factories import ExecutionFactory, execution_of
from executions_app.tests.selectors.runs import ended, items, turn
from workflows_app.engine.errors import UserError

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _quiet_doorbell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("executions_app.doorbell.ring", lambda: None)


def owner(execution: Execution) -> Any:
    return execution.workflow.created_by


def fellow(execution: Execution, **fields: Any) -> Execution:
    """Another run of the same workflow."""
    over = {"finished_at": timezone.now()} if fields.get("status") in ("success", "error") else {}
    return ExecutionFactory(version=execution.version, **{**over, **fields})


def codes(outcome: bulk.Outcome) -> dict[Any, str]:
    return {refused.id: refused.code for refused in outcome.refused}


def test_what_is_over_runs_again_and_the_rest_is_told():
    done, failed = ended(), None
    failed, open_one = fellow(done, status="error"), fellow(done)
    outcome = act("retry", [done.pk, failed.pk, open_one.pk], by=owner(done))
    assert outcome.done == [done.pk, failed.pk]
    assert {row.retry_of_id for row in Execution.objects.filter(pk__in=outcome.started)} == {done.pk, failed.pk}
    assert codes(outcome) == {open_one.pk: "not_over"}


def test_a_retry_is_taken_back_by_cancelling_what_it_started():
    done = ended()
    outcome = act("retry", [done.pk], by=owner(done))
    assert (outcome.undo, outcome.undo_ids) == ("cancel", outcome.started)
    act("cancel", outcome.undo_ids, by=owner(done))
    assert Execution.objects.get(pk=outcome.started[0]).status == "canceled"


def test_a_retry_from_what_failed_says_where_nothing_did():
    failed = ended(status="error")
    turn(failed, "Start", 0, items({}))
    turn(failed, "Variables", 1, status="error")
    fine = fellow(failed, status="success")
    turn(fine, "Start", 0, items({}))
    outcome = act("retryFailed", [failed.pk, fine.pk], by=owner(failed))
    assert (outcome.done, codes(outcome)) == ([failed.pk], {fine.pk: "nothing_failed"})
    assert Execution.objects.get(pk=outcome.started[0]).fork["node"] == "Variables"


def test_what_is_not_over_is_cancelled():
    queued, done = execution_of(), None
    done = fellow(queued, status="success")
    outcome = act("cancel", [queued.pk, done.pk], by=owner(queued))
    assert (outcome.done, codes(outcome), outcome.undo) == ([queued.pk], {done.pk: "over"}, "")


def test_a_deleted_run_is_seen_nowhere_and_can_be_brought_back():
    done = ended()
    outcome = act("delete", [done.pk], by=owner(done))
    assert run_page(owner(done)).rows == []
    assert recent_runs(done.workflow) == []
    assert not Execution.objects.visible_to(owner(done)).exists()
    assert (outcome.undo, outcome.undo_ids) == ("restore", [done.pk])
    act("restore", outcome.undo_ids, by=owner(done))
    assert [row.id for row in run_page(owner(done)).rows] == [done.pk]
    done.refresh_from_db()
    assert (done.deleted_at, done.expires_at) == (None, None)


def test_a_deleted_run_goes_for_good_with_those_it_called():
    done = ended()
    child = fellow(done, status="success", parent=done, root_id=done.pk, mode="sub")
    act("delete", [done.pk], by=owner(done))
    later = timezone.now() + bulk.KEPT + timedelta(seconds=1)
    Pruning(Retention(days=30, runs=0), now=later, rest=lambda _s: None).run()
    assert not Execution.objects.filter(pk__in=[done.pk, child.pk]).exists()


def test_a_deleted_run_stays_until_then():
    done = ended(finished_at=timezone.now())
    act("delete", [done.pk], by=owner(done))
    Pruning(Retention(days=30, runs=0), rest=lambda _s: None).run()
    assert Execution.objects.filter(pk=done.pk).exists()


def test_what_runs_or_belongs_to_another_run_is_not_deleted():
    queued = execution_of()
    child = fellow(queued, status="success", parent=queued, root_id=queued.pk, mode="sub")
    outcome = act("delete", [queued.pk, child.pk], by=owner(queued))
    assert codes(outcome) == {queued.pk: "not_over", child.pk: "called_run"}
    assert not Execution.objects.exclude(deleted_at=None).exists()


@pytest.mark.parametrize("action", bulk.ACTIONS)
def test_a_stranger_is_told_that_there_is_no_such_run(action: Any):
    done = ended()
    if action == "restore":
        act("delete", [done.pk], by=owner(done))
    outcome = act(action, [done.pk], by=UserFactory())
    assert (outcome.done, codes(outcome)) == ([], {done.pk: "not_found"})


def test_who_may_only_look_may_do_none_of_it():
    done = ended()
    viewer = MembershipFactory(team=done.team, role="viewer").user
    assert codes(act("delete", [done.pk], by=viewer)) == {done.pk: "not_found"}


def test_the_audit_trail_names_the_runs():
    done = ended()
    act("delete", [done.pk], by=owner(done))
    entry = AuditEntry.objects.get(action="execution.delete")
    assert (entry.actor, entry.team, entry.details) == (owner(done), done.team, {"executions": [str(done.pk)]})


def test_too_many_at_once_are_refused():
    done = ended()
    with pytest.raises(UserError, match="At most 200"):
        act("retry", [done.pk] * 201, by=owner(done))
