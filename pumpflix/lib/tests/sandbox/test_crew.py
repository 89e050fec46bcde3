"""Who gets a child: growth beside long calls, a share for everybody, pauses for teams that kill theirs."""

import threading
import time
from contextlib import contextmanager

import pytest

from pumpflix.lib.sandbox import CodePool, SandboxCanceled, SandboxTimeout, SandboxUnavailable
from pumpflix.lib.sandbox.backoff import Backoff
from pumpflix.lib.sandbox.crew import Spawner
from pumpflix.lib.tests.sandbox.conftest import WORLD

LOOP = {"code": "await host.call('started', []); while (true) {}"}
# Of the eight children of a small machine two are left to other teams.
SHARE = 6


@pytest.fixture(scope="module")
def strict():
    """As in production, with two children at first."""
    pool = CodePool(settings=WORLD, accept_reduced=True, code_children=2)
    pool.warm()
    yield pool
    pool.close()


@contextmanager
def looping(pool, team, count):
    """So many endless loops of a team at once, those of its share already turning, until the block is left."""
    over, started = threading.Event(), threading.Semaphore(0)

    def on_call(name, args):
        started.release()

    def loop():
        with pytest.raises(SandboxCanceled):
            pool.run_code(LOOP, b"null", team=team, timeout_s=60, is_canceled=over.is_set, on_call=on_call)

    threads = [threading.Thread(target=loop) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        assert all(started.acquire(timeout=30) for _ in range(SHARE))
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_nobody_waits_behind_the_loops_of_another_team(strict):
    with looping(strict, "bomber", 9):
        assert strict.run_code({"code": "return 1"}, b"null", team="neighbour", timeout_s=30).json() is not None


def test_what_was_started_for_a_neighbour_serves_the_next_one_too(strict, monkeypatch):
    started, start = [], strict._code._started
    monkeypatch.setattr(strict._code, "_started", lambda: started.append(start()) or started[-1])
    with looping(strict, "bomber", SHARE):
        del started[:]
        for _ in range(4):
            strict.run_code({"code": "return 1"}, b"null", team="neighbour", timeout_s=30)
        assert len(started) <= 1


def test_a_team_whose_children_die_pauses_and_may_be_canceled_meanwhile():
    pool = CodePool(settings=WORLD, accept_reduced=True, code_children=2)
    try:
        for _ in range(6):
            with pytest.raises(SandboxTimeout):
                pool.evaluate({"templates": ["(() => { while (true) {} })()"]}, b"null", team="b", timeout_s=0.02)
            if pool._backoff.pause_s("b") > 0.7:
                break
        began = time.monotonic()
        with pytest.raises(SandboxCanceled):
            pool.run_code({"code": "return 1"}, b"null", team="b", is_canceled=lambda: time.monotonic() > began + 0.1)
        assert time.monotonic() - began < 0.7
        began = time.monotonic()
        pool.run_code({"code": "return 1"}, b"null", team="other")
        assert time.monotonic() - began < 2
    finally:
        pool.close()


def test_whoever_waits_for_a_child_hears_of_it_when_none_can_be_started():
    def start_child():
        time.sleep(0.02)
        raise SandboxUnavailable("No more processes.")

    def take():
        with pytest.raises(SandboxUnavailable, match="No more processes"):
            spawner.take()
        told.release()

    spawner, told = Spawner(start_child), threading.Semaphore(0)
    for _ in range(4):
        threading.Thread(target=take, daemon=True).start()
    try:
        assert all(told.acquire(timeout=5) for _ in range(4))
    finally:
        spawner.close()


class TestBackoff:
    def test_the_first_deaths_are_free_then_each_doubles_the_pause(self):
        now = [0.0]
        backoff = Backoff(clock=lambda: now[0])
        pauses = []
        for _ in range(8):
            backoff.died("t")
            pauses.append(backoff.pause_s("t"))
        assert pauses == [0, 0, 0.25, 0.5, 1, 1, 1, 1]
        now[0] = 0.75
        assert backoff.pause_s("t") == 0.25
        assert backoff.pause_s("other") == 0

    def test_a_minute_without_deaths_is_forgotten(self):
        now = [0.0]
        backoff = Backoff(clock=lambda: now[0])
        for _ in range(3):
            backoff.died("t")
        now[0] = 61
        backoff.died("t")
        assert backoff.pause_s("t") == 0


def test_a_child_that_worked_long_gives_way_and_is_replaced_where_it_cannot_hurry_again(strict, monkeypatch):
    calls = []

    def renice(child, niceness):
        calls.append(niceness)
        return niceness > 0

    monkeypatch.setattr("pumpflix.lib.sandbox.parent.Child._renice", renice)
    slow = "const end = Date.now() + 1300; while (Date.now() < end); return 1"
    strict.run_code({"code": slow}, b"null", team="slow", timeout_s=5)
    assert calls == [10, 0]
    assert not any(child.is_nice for child in strict._code._idle)
