"""Kept results on real rows: within their time and team, with their files, cleared on demand."""

import random
from typing import Any

import pytest

from executions_app.adapters.results import ResultsAdapter
from executions_app.database import pool
from executions_app.models import Execution, KeptResult, Payload, PayloadUse
from executions_app.services import clear_kept_results
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts
from workflows_app.engine.items import Binary, Item, Outputs

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

KEY = "k" * 64
OUTPUTS: Outputs = [[Item(json={"n": 1})], []]


def later(execution: Execution) -> Execution:
    return Execution.objects.create(
        team=execution.team, workflow=execution.workflow, version=execution.version, mode="manual", start_node="Start"
    )


def json_of(found: Any) -> Any:
    return None if found is None else [[item.json for item in items] for items in found.outputs]


def test_a_later_run_of_the_team_finds_it_and_another_team_does_not(parts: Parts) -> None:
    first = execution_of()
    results = ResultsAdapter(parts.open(first))
    assert results.get(KEY) is None
    results.put(KEY, "A", OUTPUTS, 60)
    assert json_of(ResultsAdapter(parts.open(later(first))).get(KEY)) == [[{"n": 1}], []]
    assert ResultsAdapter(parts.open(execution_of())).get(KEY) is None


def test_it_ends_with_its_time_and_is_swept(parts: Parts) -> None:
    results = ResultsAdapter(parts.open(execution_of()))
    results.put(KEY, "A", OUTPUTS, 60)
    with pool().connection() as connection:
        connection.execute("UPDATE executions_app_keptresult SET expires_at = now() - interval '1 s'")
    assert results.get(KEY) is None
    results.put("other", "A", OUTPUTS, 60)
    assert KeptResult.objects.get().key == "other"


def test_a_new_result_takes_the_place_of_the_old_one(parts: Parts) -> None:
    results = ResultsAdapter(parts.open(execution_of()))
    results.put(KEY, "A", OUTPUTS, 60)
    results.put(KEY, "A", [[Item(json={"n": 2})]], 60)
    assert json_of(results.get(KEY)) == [[{"n": 2}]]


def test_large_results_and_files_stay_as_long_as_somebody_needs_them(parts: Parts) -> None:
    first = execution_of()
    session = parts.open(first)
    ref = session.put_payload(b"hello")
    text = random.Random(1).randbytes(100_000).hex()
    ResultsAdapter(session).put(KEY, "A", [[Item(json={"t": text}, binary={"data": Binary(ref, "text/plain", 5)})]], 60)
    session.flush()
    second = later(first)
    found = ResultsAdapter(parts.open(second)).get(KEY)
    assert found is not None
    assert found.outputs[0][0].json == {"t": text}
    assert PayloadUse.objects.filter(execution=second).count() == 2
    PayloadUse.objects.all().delete()
    Payload.objects.all().delete()
    assert ResultsAdapter(parts.open(later(first))).get(KEY) is None


def test_what_cannot_be_stored_is_not_kept(parts: Parts) -> None:
    results = ResultsAdapter(parts.open(execution_of()))
    results.put(KEY, "A", [[Item(json={"x": object()})]], 60)
    assert results.get(KEY) is None


def test_they_are_cleared_for_a_workflow_or_a_node(parts: Parts) -> None:
    execution = execution_of()
    results = ResultsAdapter(parts.open(execution))
    for key, node in (("a", "A"), ("b", "B"), ("c", "B")):
        results.put(key, node, OUTPUTS, 60)
    assert clear_kept_results(execution.workflow, node="B") == 2
    assert clear_kept_results(execution_of().workflow) == 0
    assert clear_kept_results(execution.workflow) == 1
