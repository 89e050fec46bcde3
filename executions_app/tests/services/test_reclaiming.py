"""Giving room back now."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from executions_app.models import Execution, NodeRun
from executions_app.selectors.retention import pruning_state
from executions_app.selectors.sizes import sizes
from executions_app.services import reclaiming
from executions_app.tests.factories import ExecutionFactory, execution_of

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


def size_of(table: str) -> int:
    return next(size.size_bytes for size in sizes() if size.table == table)


def test_the_files_of_the_tables_become_smaller():
    first = execution_of()
    long_ago = timezone.now() - timedelta(days=400)
    runs = ExecutionFactory.create_batch(
        40, version=first.version, status="success", started_at=long_ago, finished_at=long_ago, created_at=long_ago
    )
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO executions_app_noderun (execution_id, node, run_index, "order", epoch, attempt, status, '
            "started_at, items_in, items_out, sources, output, output_ref, output_bytes) "
            "SELECT unnest(%s::uuid[]), 'A', 0, 0, 1, 1, 'success', now(), '{}', '{}', '[]', "
            "decode(repeat(md5(random()::text), 1000), 'hex'), '', 16000",
            [[run.pk for run in runs]],
        )
    before = size_of("executions_app_noderun")
    shares: list[float] = []
    result = reclaiming.work(shares.append)
    assert result["executions"] == 40
    assert size_of("executions_app_noderun") < before / 2
    assert result["after_bytes"] < result["before_bytes"]
    assert (Execution.objects.count(), NodeRun.objects.count()) == (1, 0)
    assert shares == sorted(shares)


def test_before_a_worker_was_up_nothing_is_known():
    state = pruning_state()
    assert (state.next_at, state.last_at, state.reclaim) == (None, None, None)
    assert state.rules.days == 30
