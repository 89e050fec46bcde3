"""The address of a list of runs says what it is narrowed to; what cannot be read is left out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from executions_app.models import Execution
from executions_app.selectors.lists import count_of, newer_count, run_page
from executions_app.selectors.run_filter import RunFilter
from executions_app.tests.factories import ExecutionFactory, execution_of

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def failed() -> Execution:
    """It failed an hour ago, after ten seconds."""
    execution = execution_of()
    at = timezone.now() - timedelta(hours=1)
    Execution.objects.filter(pk=execution.pk).update(
        status="error", mode="webhook", error_text="Timed out", created_at=at, started_at=at,
        finished_at=at + timedelta(seconds=10),
    )  # fmt: skip
    execution.refresh_from_db()
    return execution


@pytest.mark.parametrize(
    "query,is_found",
    [
        ({}, True),
        ({"status": "error"}, True),
        ({"status": "success"}, False),
        ({"mode": "webhook"}, True),
        ({"mode": "schedule"}, False),
        ({"period": "24h"}, True),
        ({"since": "2000-01-01"}, True),
        ({"until": "2000-01-01"}, False),
        ({"until": f"{timezone.now():%Y-%m-%d}"}, True),
        ({"longer": "10", "shorter": "10"}, True),
        ({"longer": "10.5"}, False),
        ({"text": "timed"}, True),
        ({"text": "teapot\x00"}, False),
        ({"status": "odd", "workflow": "odd", "since": "odd", "longer": "nan", "period": "odd"}, True),
        ({"since": "2026-99-99", "until": "2026-02-30", "shorter": "-1"}, True),
    ],
)
def test_a_run_is_found_by(failed: Execution, query: dict[str, str], is_found: bool) -> None:
    found = run_page(failed.workflow.created_by, RunFilter.from_query(query)).rows
    assert bool(found) is is_found


def test_the_address_says_what_the_filter_is() -> None:
    query = {"status": "error", "mode": "webhook", "longer": "2.5", "label": "order=A 17"}
    wanted = RunFilter.from_query(query)
    assert wanted.query == query
    assert wanted.address == "status=error&mode=webhook&longer=2.5&label=order%3DA+17"


def test_runs_that_came_since_are_counted_and_a_strangers_are_not(failed: Execution) -> None:
    user = failed.workflow.created_by
    newest = run_page(user).newest
    assert newer_count(user, RunFilter(), after=newest) == 0
    ExecutionFactory.create_batch(3, version=failed.version)
    execution_of()
    assert newer_count(user, RunFilter(), after=newest) == 3
    assert count_of(user, RunFilter()) == 4
