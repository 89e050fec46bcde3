"""What is asked about a run and those it called is answered from an index: the table of runs is the largest, and these
questions are asked within requests and each second."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from executions_app.database import pool
from executions_app.models import Execution
from executions_app.services import act, cancel, control
from executions_app.services.pruning import end_expired_samples
from executions_app.tests.factories import ExecutionFactory
from executions_app.transitions import CANCEL_WAITING

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

NOW = timezone.now()
WHOLE_TABLE = "Seq Scan on executions_app_execution"


@pytest.fixture(autouse=True)
def _no_doorbell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control.doorbell, "ring", lambda: True)


@pytest.fixture
def _as_if_large() -> Iterator[None]:
    """A small table is read whole, whatever indexes it has; not where that is forbidden."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        yield
        cursor.execute("RESET enable_seqscan")


def plans_of(work: Callable[[], object], about: str) -> list[str]:
    """Of each statement of `work` that holds `about`."""
    with CaptureQueriesContext(connection) as captured:
        work()
    plans = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if about in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plans.append("\n".join(row[0] for row in cursor.fetchall()))
    return plans


def a_run(status: str, **fields: Any) -> Execution:
    """And one that it called."""
    over = {"finished_at": NOW} if status == "success" else {}
    execution = ExecutionFactory(status=status, **over, **fields)
    ExecutionFactory(status=status, parent=execution, root_id=execution.pk, **over, **fields)
    return execution


def delete_and_restore() -> None:
    execution = a_run("success")
    for action in ("delete", "restore"):
        act(action, [execution.pk], by=execution.workflow.created_by)


def cancel_one() -> None:
    execution = a_run("waiting")
    cancel(execution, by=execution.workflow.created_by)


def end_a_sample() -> None:
    a_run("waiting", mode="sample", expires_at=NOW - timedelta(minutes=1))
    assert end_expired_samples(NOW) == 1


@pytest.mark.usefixtures("_as_if_large")
@pytest.mark.parametrize("work", [cancel_one, delete_and_restore, end_a_sample])
def test_runs_that_another_called_are_found_by_index(work: Callable[[], None]) -> None:
    plans = plans_of(work, '"root_id" ')
    assert plans
    assert [plan for plan in plans if WHOLE_TABLE in plan] == []


@pytest.mark.usefixtures("_as_if_large")
def test_a_cancel_of_a_waiting_run_reads_no_table() -> None:
    statement = CANCEL_WAITING % {"limit": 100}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        assert WHOLE_TABLE not in "\n".join(row[0] for row in cursor.fetchall())


def test_looking_for_cancels_visits_no_run_that_just_waits() -> None:
    like = ExecutionFactory(status="waiting", reason="time", resume_at=NOW)
    fields = {"version": like.version, "workflow": like.workflow, "team": like.team, "mode": "manual"}
    Execution.objects.bulk_create(
        [Execution(**fields, status="waiting", reason="time", resume_at=NOW) for _ in range(500)]
    )
    with pool().connection() as session:
        session.execute("ANALYZE executions_app_execution")
        rows = session.execute(f"EXPLAIN (ANALYZE) {CANCEL_WAITING}", {"limit": 100}).fetchall()
    assert "Rows Removed by Filter" not in "\n".join(row[0] for row in rows)


def test_runs_that_nobody_called_cost_no_entry() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'execution_root'")
        assert [row[0].partition(" WHERE ")[2] for row in cursor.fetchall()] == ["(root_id IS NOT NULL)"]
