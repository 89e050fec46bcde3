"""A node that runs right now is shown as running, also to somebody who comes in the middle."""

import orjson
import pytest
from django.utils import timezone

from executions_app.models import ExecutionEvent
from executions_app.selectors.turns import under_way
from executions_app.tests.factories import ExecutionFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


def told(execution, *kinds_and_nodes):
    for seq, (kind, node) in enumerate(kinds_and_nodes, start=1):
        body = orjson.dumps({"type": kind, "node": node})
        ExecutionEvent.objects.create(execution=execution, seq=seq, at=timezone.now(), node=node, body=body)
    return under_way(execution)


def test_what_began_and_did_not_end_is_under_way():
    execution = ExecutionFactory(status="waiting")
    assert told(
        execution,
        ("node_run_started", "A"),
        ("node_run_finished", "A"),
        ("node_run_started", "B"),
        ("log_written", "B"),
    ) == {"B"}


def test_a_turn_of_a_loop_that_began_again_is_under_way():
    execution = ExecutionFactory(status="waiting")
    assert told(execution, ("node_run_started", "A"), ("node_run_finished", "A"), ("node_run_started", "A")) == {"A"}


def test_nothing_is_under_way_in_a_run_that_is_over():
    execution = ExecutionFactory(status="canceled", finished_at=timezone.now())
    assert told(execution, ("node_run_started", "A")) == set()
