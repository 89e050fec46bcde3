"""What hurts the product, by a plan made from the seed. Each fault is written down with the database's time."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psutil
import redis

from pumpflix.lab.chaos.stack import Stack
from pumpflix.lab.chaos.watch import Watch

# At least four of five kills have to hit a process that holds a lease, and only workers do: one in ten hits others.
WORKERS = {"worker": 21, "child": 1}
OTHERS = ("web", "valkey", "postgres")
OTHERS_SHARE = 0.1
PATIENCE_S = 45.0
# What stops these may stop every worker.
ALL = ("postgres", "supervisor")
STOP_SIGNALS = {"postgres": signal.SIGQUIT}


@dataclass(frozen=True)
class Stroke:
    """Strike `target` so many seconds after the one before."""

    after_s: float
    target: str


@dataclass
class Fault:
    """What was done. `held` counts the leases that the process held as it died; `at` is the database's time."""

    kind: str
    target: str
    pid: int
    at: float
    held: int = 0


def plan(
    rng: Random, kills: int, *, targets: dict[str, int] | None = None, pause_s: tuple[float, float]
) -> list[Stroke]:
    """`targets` weighs whom to strike; without it one stroke in ten is not a worker's."""
    chances = targets or WORKERS
    others = 0 if targets else int(kills * OTHERS_SHARE)
    names = rng.choices(list(chances), list(chances.values()), k=kills - others)
    names += rng.choices(OTHERS, k=others)
    rng.shuffle(names)
    return [Stroke(rng.uniform(*pause_s), name) for name in names]


@dataclass
class Faults:
    stack: Stack
    watch: Watch
    rng: Random
    log: list[Fault] = field(default_factory=list)
    say: Callable[[str], None] = lambda _: None
    last_held: list[Any] = field(default_factory=list)

    @property
    def kills(self) -> list[Fault]:
        return [fault for fault in self.log if fault.kind == "kill"]

    @property
    def deaths(self) -> int:
        """How often a worker ended, or could not go on, by our doing: each may repeat what it had under way."""
        counted = [fault for fault in self.log if fault.kind != "flush" and fault.target != "web"]
        return sum(len(self.stack.workers()) if fault.target in ALL else 1 for fault in counted)

    # plans --------------------------------------------------------------------------------------------------------
    def storm(self, strokes: list[Stroke]) -> None:
        """Carry out a plan, one stroke after the other, to its end. What is just coming up again is waited for."""
        for stroke in strokes:
            time.sleep(stroke.after_s)
            deadline = time.monotonic() + PATIENCE_S
            while self.kill(stroke.target) is None and time.monotonic() < deadline:
                time.sleep(0.2)

    # single faults ------------------------------------------------------------------------------------------------
    def kill(self, target: str) -> Fault | None:
        """SIGKILL one process of that role (PostgreSQL: immediate shutdown). None if there is none to hit."""
        if target == "supervisor":
            return self._kill_tree()
        victim, owner = self._victim(target)
        if victim is None:
            return None
        at = self._now()
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.send_signal(STOP_SIGNALS.get(target, signal.SIGKILL))
            if owner is not None and owner.pid != victim.pid:
                owner.resume()
        if target == "worker":
            psutil.wait_procs([victim], timeout=5)
            held = self.watch.died([victim.pid])
            return self._note(Fault("kill", target, victim.pid, at, len(held)))
        held_by_owner = len(self.watch.truth.held_by([owner.pid])) if owner is not None else 0
        return self._note(Fault("kill", target, victim.pid, at, held_by_owner))

    def freeze(self, victim: psutil.Process, seconds: float) -> Fault:
        """SIGSTOP, and SIGCONT after that time."""
        at = self._now()
        victim.suspend()
        held = self.watch.died([victim.pid])
        fault = self._note(Fault("freeze", "worker", victim.pid, at, len(held)))
        time.sleep(seconds)
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.resume()
        return fault

    def flush(self) -> Fault:
        """FLUSHALL."""
        self.redis().flushall()
        return self._note(Fault("flush", "valkey", 0, self._now()))

    def hold_down(self, target: str, seconds: float) -> Fault:
        """Kill the server again and again, as fast as it is brought back, for that time."""
        at, pid, until = self._now(), 0, time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.stack.one(target)
            if found is not None:
                pid = pid or found.pid
                with contextlib.suppress(psutil.NoSuchProcess):
                    found.send_signal(STOP_SIGNALS.get(target, signal.SIGKILL))
            time.sleep(0.05)
        return self._note(Fault("down", target, pid, at))

    def signal_worker(self, victim: psutil.Process, number: signal.Signals) -> Fault:
        at = self._now()
        os.kill(victim.pid, number)
        return self._note(Fault("stop", "worker", victim.pid, at))

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.stack.data.redis_socket), socket_timeout=5)

    # the inside ---------------------------------------------------------------------------------------------------
    def _victim(self, target: str) -> tuple[psutil.Process | None, psutil.Process | None]:
        """Whom to hit, and the worker that loses by it."""
        if target in ("worker", "child"):
            worker = self.worker_at_work()
            if worker is None or target == "worker":
                return worker, worker
            children = self.stack.children_of(worker)
            return (self.rng.choice(children) if children else worker), worker
        return self.stack.one(target), None

    def worker_at_work(self) -> psutil.Process | None:
        """One that holds a lease, stopped so that it still does; any, when none does within the patience. Whoever had
        to be waited for is left alone for a moment first: a worker that is always hit in the instant of its claim
        gets nothing done. Nobody who holds a run on its last chance: the third death in one node ends it by rule."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            busy = self._busy()
            if busy and self._stopped(victim := self.rng.choice(busy)):
                return victim
            time.sleep(self.rng.uniform(0.05, 0.5))
        workers = self.stack.workers()
        return self.rng.choice(workers) if workers else None

    def _stopped(self, victim: psutil.Process) -> bool:
        """Stop it, so that what it holds cannot end between the look and the stroke; let it go on if it has."""
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.suspend()
            truth = self.watch.truth
            if truth.held_by([victim.pid]) and not truth.on_last_chance(victim.pid):
                return True
            victim.resume()
        return False

    def _busy(self) -> list[psutil.Process]:
        return [one for one in self.stack.workers() if self.watch.truth.held_by([one.pid])]

    def _kill_tree(self) -> Fault:
        """All of it at once, with a worker stopped at its work first."""
        self.worker_at_work()
        at = self._now()
        pids = [worker.pid for worker in self.stack.workers()]
        held = self.watch.truth.held_by(pids)
        self.last_held = list(held)
        self.stack.kill_tree()
        self.watch.lost(held)
        return self._note(Fault("kill", "supervisor", 0, at, len(held)))

    def _now(self) -> float:
        return self.watch.truth.now()

    def _note(self, fault: Fault) -> Fault:
        self.log.append(fault)
        self.say(f"{fault.at:.3f} {fault.kind} {fault.target} {fault.pid} held {fault.held}")
        return fault


class InBackground:
    """A function in a thread, whose error is raised where it is waited for."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def wait(self) -> None:
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - raised again by wait()
            self._error = error
