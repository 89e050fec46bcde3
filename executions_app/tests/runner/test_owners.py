"""Leases of workers of this machine that died end at once; all others run out."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from executions_app.models import Execution
from executions_app.runner import owners
from executions_app.runner.owners import dead, expire_of_the_dead, owner_name, place
from executions_app.runner.ticker import Ticker
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts

pytestmark = [pytest.mark.app]


@pytest.fixture
def ended_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def of(pid: int, here: str = "") -> str:
    return f"machine:{pid}:token:{here or place()}"


def held_by(owner: str, **fields: Any) -> Execution:
    lease = timezone.now() + timedelta(seconds=10)
    execution = execution_of()
    Execution.objects.filter(pk=execution.pk).update(
        status="running", owner=owner, epoch=1, started_at=timezone.now(), lease_until=lease, **fields
    )
    return execution


def test_owners_differ_from_start_to_start() -> None:
    assert owner_name() != owner_name()


def test_the_name_of_an_owner_fits_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.node", lambda: "m" * 200)
    assert len(owner_name()) <= Execution._meta.get_field("owner").max_length


def test_one_that_ended_is_dead(ended_pid: int) -> None:
    assert dead([of(ended_pid)]) == [of(ended_pid)]


def test_one_that_nobody_has_asked_after_is_dead_too() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert dead([of(process.pid)]) == [of(process.pid)]
    process.wait()


def test_nothing_is_known_of_others(ended_pid: int) -> None:
    """One that lives, one of another machine or another start of this one, and names of earlier versions."""
    assert dead([of(os.getpid()), of(ended_pid, "0a1b2c3d-1"), f"machine:{ended_pid}:token", "other", ""]) == []


def test_where_the_system_does_not_tell_nobody_is_dead(monkeypatch: pytest.MonkeyPatch, ended_pid: int) -> None:
    monkeypatch.setattr(owners, "place", lambda: "")
    assert dead([f"machine:{ended_pid}:token:"]) == []
    assert expire_of_the_dead("me") == 0


@pytest.mark.django_db(transaction=True)
def test_the_run_of_a_dead_worker_goes_on_at_the_next_look(parts: Parts, ended_pid: int, until) -> None:
    execution = held_by(of(ended_pid))
    Ticker(parts.runner).tick()
    until(lambda: Execution.objects.get(pk=execution.pk).status == "success")
    assert Execution.objects.get(pk=execution.pk).epoch == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("owner", [of(os.getpid()), of(1, "0a1b2c3d-1")], ids=["alive", "elsewhere"])
def test_the_run_of_another_waits_for_its_lease(parts: Parts, owner: str) -> None:
    execution = held_by(owner)
    before = Execution.objects.get(pk=execution.pk)
    Ticker(parts.runner).tick()
    after = Execution.objects.get(pk=execution.pk)
    assert (after.owner, after.epoch, after.lease_until) == (owner, 1, before.lease_until)
