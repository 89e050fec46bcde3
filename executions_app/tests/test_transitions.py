"""The legal moves of an execution, and who may make them."""

import itertools
import re
from pathlib import Path

import pytest
from django.db import connection

from executions_app import transitions
from executions_app.models.execution import STATUSES
from executions_app.tests.factories import ExecutionFactory
from executions_app.transitions import LEGAL, sources_of, transition

pytestmark = pytest.mark.app

HAS_TIME = {"success", "error", "canceled", "crashed"}


def execution_in(status: str):
    values = {"status": status, "epoch": 3}
    if status == "running":
        values["lease_until"] = "2099-01-01T00:00:00Z"
    if status in HAS_TIME:
        values["finished_at"] = "2026-01-01T00:00:00Z"
    return ExecutionFactory(**values)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "source, target",
    [pair for pair in itertools.product(STATUSES, STATUSES) if pair[1] != "running"],
    ids=lambda status: status,
)
def test_only_legal_moves_change_the_row(source: str, target: str) -> None:
    execution = execution_in(source)
    with connection.cursor() as cursor:
        moved = transition(cursor, execution.pk, target, epoch=3)
    execution.refresh_from_db()
    assert moved == (target in LEGAL[source])
    assert execution.status == (target if moved else source)
    assert (execution.finished_at is not None) == (execution.status in HAS_TIME)
    assert execution.status == "running" or execution.lease_until is None


@pytest.mark.django_db
def test_an_older_epoch_moves_nothing() -> None:
    execution = execution_in("running")
    with connection.cursor() as cursor:
        assert not transition(cursor, execution.pk, "success", epoch=2)


@pytest.mark.django_db
def test_sources_narrow_where_it_may_come_from() -> None:
    execution = execution_in("running")
    with connection.cursor() as cursor:
        assert not transition(cursor, execution.pk, "canceled", sources=("queued", "waiting"))


@pytest.mark.django_db
def test_an_error_is_kept_with_the_move() -> None:
    execution = execution_in("waiting")
    with connection.cursor() as cursor:
        transition(cursor, execution.pk, "error", error=("late", "Too late."))
    execution.refresh_from_db()
    assert (execution.error_code, execution.error_text) == ("late", "Too late.")


def test_running_is_reached_by_a_claim_alone() -> None:
    with pytest.raises(ValueError, match="Only a claim"):
        transition(None, None, "running")  # type: ignore[arg-type]


def test_an_unknown_status_is_refused() -> None:
    with pytest.raises(ValueError, match="not a status"):
        sources_of("done")


def test_every_status_of_the_model_has_its_moves() -> None:
    assert set(LEGAL) == set(STATUSES)
    assert {status for status, targets in LEGAL.items() if not targets} == set(transitions.TERMINAL)


def test_no_other_file_writes_the_status_of_an_execution() -> None:
    app = Path(transitions.__file__).parent
    writes = re.compile(r"UPDATE\s+executions_app_execution\b(?:(?!WHERE).)*\bstatus\s*=|update\([^)]*\bstatus=", re.S)
    # Jobs have a status of their own.
    others = {app / "transitions.py", app / "services" / "jobs.py"}
    files = [path for path in app.rglob("*.py") if "tests" not in path.parts and path not in others]
    assert [str(path.relative_to(app)) for path in files if writes.search(path.read_text())] == []
