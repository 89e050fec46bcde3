"""What one worker process holds: writer, runner, heartbeat, watchdog, ticker; started and stopped together."""

import gc
import os
import threading
import time
from dataclasses import dataclass

import psycopg
import structlog
from django.conf import settings

from executions_app import database, doorbell
from executions_app.adapters.http import outbound_client
from executions_app.adapters.live import code_pool, live_ports
from executions_app.adapters.polls import poll_ports
from executions_app.database import pool
from executions_app.runner.claim import Claimer
from executions_app.runner.consumption import STUCK_EXIT_CODE, Consumption
from executions_app.runner.drain import Runner
from executions_app.runner.heartbeat import Heartbeat, Watchdog, end_process
from executions_app.runner.jobs import JobRunner
from executions_app.runner.owners import owner_name
from executions_app.runner.polls import PollRunner
from executions_app.runner.ticker import Ticker
from executions_app.runner.writer import Writer
from executions_app.stream import StreamPublisher
from pumpflix.lib.sandbox import SandboxUnavailable
from workflows_app import nodes

log = structlog.get_logger(__name__)

# What is left of the grace period for parking once it is over.
PARK_S = 3.0


@dataclass(frozen=True, slots=True)
class Limits:
    lease_s: float
    slots: int
    grace_s: float
    max_rss_bytes: int
    longest_s: float = 0.0


def limits() -> Limits:
    env = settings.PUMPFLIX
    return Limits(env.lease_s, env.run_slots, env.grace_s, env.worker_memory_mb * 2**20, env.run_time_limit_s)


class Worker:
    """The parts of this process, wired."""

    def __init__(self, chosen: Limits) -> None:
        self.limits = chosen
        self.stream = StreamPublisher(settings.REDIS_URL)
        self.writer = Writer(self.stream.publish)
        claimer = Claimer(owner_name(), chosen.lease_s, lambda: pool().connection(), chosen.longest_s)
        self.bell = doorbell.Bell(doorbell.ring)
        self.runner = Runner(
            claimer=claimer,
            writer=self.writer,
            make_ports=live_ports,
            slots=chosen.slots,
            ring=self.bell.ring,
        )
        self.jobs = JobRunner(claimer.owner)
        self.polls = PollRunner(claimer.owner, poll_ports, lease_s=chosen.lease_s)
        self.heartbeat = Heartbeat(self.runner, lease_s=chosen.lease_s)
        self.runner.are_leases_good = lambda: self.heartbeat.is_fresh
        self.watchdog = Watchdog(
            {"heartbeat": lambda: self.heartbeat.stale_s, "writer": lambda: self.writer.stale_s},
            lease_s=chosen.lease_s,
        )
        self.consumption = Consumption(self.runner, leave=lambda: end_process(STUCK_EXIT_CODE))
        self.ticker = Ticker(
            self.runner,
            max_rss_bytes=chosen.max_rss_bytes,
            on_too_large=self.shut_down,
            looks=(self.jobs.look, self.polls.look),
        )
        self._stopping = threading.Lock()

    def start(self) -> None:
        warm_up()
        leave_alone()
        for part in (self.bell, self.writer, self.heartbeat, self.watchdog, self.consumption, self.ticker):
            part.start()
        log.info("worker_started", owner=self.runner.claimer.owner, slots=self.limits.slots)

    def shut_down(self) -> None:
        """Stop claiming, let runs end within the grace period, park the rest, leave with code 0. Returns at once."""
        if self._stopping.acquire(blocking=False):
            self.runner.stop_claiming()
            self.jobs.is_stopping = self.polls.is_stopping = True
            threading.Thread(target=self._leave, name="shutdown").start()

    def hurry(self) -> None:
        """Park at once what is left of a shutdown. Returns at once, so that a signal's handler may call it."""
        threading.Thread(target=self.runner.hurry, name="hurry").start()

    def _leave(self) -> None:
        log.info("worker_stopping", executions=len(self.runner.sessions), grace_s=self.limits.grace_s)
        is_idle = self.runner.wait_idle(time.monotonic() + self.limits.grace_s, or_hurried=True)
        if not is_idle:
            parked = len(self.runner.sessions)
            self.runner.park_all()
            self.runner.wait_idle(time.monotonic() + PARK_S)
            log.info("worker_parked", executions=parked)
        self.stop()
        log.info("worker_stopped")
        # Threads of parked runs may still sit in a node; nothing they do can be recorded any more.
        os._exit(0)

    def stop(self) -> None:
        self.consumption.stop()
        self.ticker.stop()
        self.jobs.stop()
        self.polls.stop()
        self.writer.stop()
        self.watchdog.stop()
        self.heartbeat.stop()
        self.runner.close()
        self.bell.stop()
        self.stream.close()
        database.close_pool()


def warm_up() -> None:
    """What a first run would otherwise wait for, with its lease already running."""
    nodes.load()
    outbound_client()
    wait_for_database()
    try:
        code_pool().warm()
    except SandboxUnavailable as error:
        # Runs that need no child still work; those that do say why they cannot.
        log.warning("sandbox_unavailable", error=str(error))


def leave_alone() -> None:
    """Take what is loaded by now out of the garbage collector's sight: it stays to the end, and a full collection that
    walks it takes as long as several executions do."""
    gc.collect()
    gc.freeze()


def wait_for_database() -> None:
    """However long it takes: a worker without one is of no use, and one that gave up would be missed later."""
    while True:
        try:
            with pool().connection():
                return
        except psycopg.OperationalError as error:
            log.warning("worker_waits_for_database", error=str(error))


class Place:
    """Where the one worker of this process stands. Its first doorbell may come while it is still being started."""

    def __init__(self) -> None:
        self.worker: Worker | None = None
        self._lock = threading.Lock()

    def taken(self) -> Worker:
        with self._lock:
            if self.worker is None:
                made = Worker(limits())
                made.start()
                self.worker = made
            return self.worker


_place = Place()


def worker() -> Worker:
    """The one of this process, started by the first who asks."""
    return _place.taken()


def running_worker() -> Worker | None:
    """The one of this process if it was started."""
    return _place.worker
