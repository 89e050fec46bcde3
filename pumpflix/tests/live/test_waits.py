"""Waits outlive the workers: what waits is a row, and whoever is there when it is over goes on with it."""

from typing import Any

import httpx
import pytest
from asgiref.sync import async_to_sync

from executions_app import doorbell, payload_codec
from executions_app.intake.resume import ResumeCalls
from executions_app.models import Execution
from executions_app.resume_links import resume_link
from executions_app.tests.factories import execution_of
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

HOLDS = {
    "webhook": node("Hold", "wait", 1.1, resume="webhook", httpMethod="POST"),
    "time": node("Hold", "wait", 1.1, resume="timeInterval", amount=3, unit="days"),
    "approval": node("Hold", "x", 1, title="May it go?") | {"type": "pumpflix.approval"},
    "form": node("Hold", "wait", 1.1, resume="form", formTitle="More"),
}


def holding(kind: str) -> Execution:
    return execution_of(
        chain(node("Start", "manualTrigger"), HOLDS[kind], node("After", "set", 3.4, **assign(ok=True)))
    )


def ended(execution: Execution) -> bool:
    execution.refresh_from_db()
    return execution.is_finished


def call(execution: Execution, **body: Any) -> int:
    async def ask() -> int:
        transport = httpx.ASGITransport(app=ResumeCalls())
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return (await client.post(resume_link(execution.pk, "Hold", 0), json=body)).status_code

    return int(async_to_sync(ask)())


def test_waits_of_every_kind_hold_no_worker_and_outlive_it(start_worker, until) -> None:
    """The first worker dies while all of them wait; the next one goes on with what was called, and repeats nothing."""
    first = start_worker()
    runs = {kind: holding(kind) for kind in HOLDS}
    doorbell.ring()
    until(lambda: Execution.objects.filter(status="waiting").count() == len(HOLDS), 20)
    assert not Execution.objects.exclude(owner="", lease_until=None).filter(lease_until__isnull=False).exists()
    first.kill()
    assert call(runs["webhook"], answer="yes") == 200
    assert call(runs["approval"], approved="true") == 200
    assert call(runs["webhook"], answer="again") == 404
    with_time = Execution.objects.get(pk=runs["time"].pk)
    assert (with_time.resume_at - with_time.created_at).days in (2, 3)
    Execution.objects.filter(pk=with_time.pk).update(resume_at=with_time.created_at)
    start_worker()
    for kind in ("webhook", "approval", "time"):
        until(lambda kind=kind: ended(runs[kind]), 30)
        assert (runs[kind].status, runs[kind].crash_count) == ("success", 0), runs[kind].error_text
        assert runs[kind].node_runs.filter(node="Start").count() == 1
    body = payload_codec.decode(runs["webhook"].node_runs.get(node="After").output)[0][0]["json"]["body"]
    assert body == {"answer": "yes"}
    assert not ended(runs["form"])
