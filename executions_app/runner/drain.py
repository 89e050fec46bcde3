"""The runner of one worker process: claims executions, runs them side by side in threads, knows which are its own."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import psycopg
import structlog

from executions_app.runner.claim import Claim, Claimer
from executions_app.runner.execute import MakePorts, execute, open_session
from executions_app.runner.session import Session
from executions_app.runner.surroundings import Surroundings
from executions_app.runner.verdicts import unreadable, verdict_on
from executions_app.runner.writer import Writer
from workflows_app.engine.state import RunState

# A process larger than this takes on no more than a few executions at once.
ROOMY_BYTES = 360 * 2**20
FEW_SLOTS = 4
# One more for so many slots: nobody has them but teams that run less than their share, so these wait for no end of
# anybody's run. While every slot is taken, such a team is looked for no more often than this.
SLOTS_A_KEPT_ONE = 8
LOOK_EVERY_S = 0.25
# So many runs whose time is over are ended at a time; that takes no thread, so it waits for no slot.
OVERDUE_AT_ONCE = 16
_STATM = Path("/proc/self/statm")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

log = structlog.get_logger(__name__)


class Runner:
    """`slots` is how many executions run at once, and an eighth more of teams below their share. Threads hold no
    database connection while nodes run. `ring` wakes another worker. `last_claim` is the moment of the last claim, or
    when no slot was free. `are_leases_good` is asked before every call that leaves."""

    def __init__(
        self,
        *,
        claimer: Claimer,
        writer: Writer,
        make_ports: MakePorts,
        slots: int,
        ring: Callable[[], object] = lambda: None,
    ) -> None:
        self.claimer = claimer
        self.writer = writer
        self.slots = slots
        self._make_ports = make_ports
        self._threads = ThreadPoolExecutor(slots + slots // SLOTS_A_KEPT_ONE, thread_name_prefix="run")
        self._running: dict[UUID, Session] = {}
        self._ended_count = 0
        self._may_be_more = False
        self._is_hurried = False
        self._looked_for_shares = 0.0
        self._change = threading.Condition()
        self._claiming = threading.Lock()
        self.around = Surroundings(claimer.connect, ring)
        self.last_claim = time.monotonic()
        self.is_stopping = False
        self.are_leases_good: Callable[[], bool] = lambda: True

    @property
    def sessions(self) -> list[Session]:
        with self._change:
            return list(self._running.values())

    def session(self, execution_id: UUID) -> Session | None:
        return self._running.get(execution_id)

    def drain(self) -> None:
        """Claim and run until nothing is queued and all that this call started has ended or let go. While every slot is
        taken it waits for one. What is queued later has a doorbell of its own, so a claim that took nothing is the
        last."""
        seen, mine = self._ended_count, set(self.take())
        while True:
            with self._change:
                mine &= self._running.keys()
                is_full = len(self._running) >= self.slots and not self.is_stopping
                is_look_due = self._may_be_more and self._ended_count != seen
                if not mine and not is_full and not is_look_due:
                    return
                seen = self._after_an_end(seen)
            if self._may_be_more:
                mine.update(self.take())

    def _after_an_end(self, seen: int) -> int:
        """Wait until more have ended than were `seen` to; how many by now."""
        self._change.wait_for(lambda: self._ended_count != seen)
        return self._ended_count

    def take(self, *, with_expired: bool = False) -> list[UUID]:
        """Claim as many as there are free slots and start them; the ids of those started. `with_expired` also takes
        over what others left behind and, be a slot free or not, ends what is overdue."""
        with self._claiming:
            with self._change:
                room = 0 if self.is_stopping else self._room()
                free = room - len(self._running)
            # What fills the slots may be just what has to be ended.
            claims = self.claimer.overdue(OVERDUE_AT_ONCE) if with_expired and room else []
            if free > 0:
                claims += self._left_behind(free - len(claims)) if with_expired else []
                claims += self._queued(free - len(claims))
            else:
                claims += self._below_their_share(free - len(claims) + room // SLOTS_A_KEPT_ONE)
            is_full_or_found = free <= 0 or bool(claims)
            self.last_claim = time.monotonic() if is_full_or_found else self.last_claim
            self._may_be_more = is_full_or_found
            return [claim.id for claim in claims if self._start(claim)]

    def _queued(self, free: int, *, beyond: bool = True) -> list[Claim]:
        workers = self.around.workers
        claims = self.claimer.limited(free, workers=workers, beyond=beyond) if self.around.has_limited else []
        claims += self.claimer.queued(free - len(claims), workers=workers, beyond=beyond)
        self.around.took(len(claims))
        return claims

    def _below_their_share(self, kept: int) -> list[Claim]:
        """What teams wait for that run less than their share, now and then."""
        now = time.monotonic()
        if kept <= 0 or now - self._looked_for_shares < LOOK_EVERY_S:
            return []
        self._looked_for_shares = now
        return self._queued(kept, beyond=False)

    def _left_behind(self, free: int) -> list[Claim]:
        """What other workers died over."""
        is_one_at_stake = any(session.is_on_last_chance for session in self.sessions)
        return self.claimer.expired(free, with_last_chance=not is_one_at_stake)

    def _room(self) -> int:
        """How many may run at once: a few only, while those that run have taken much memory."""
        return min(self.slots, FEW_SLOTS) if rss_bytes() > ROOMY_BYTES else self.slots

    def wait_idle(self, deadline: float, *, or_hurried: bool = False) -> bool:
        """Wait until nothing runs, at most until that moment of the monotonic clock, or until `hurry` where that
        counts. Whether nothing runs."""
        with self._change:
            self._change.wait_for(
                lambda: not self._running or (or_hurried and self._is_hurried), max(0.0, deadline - time.monotonic())
            )
            return not self._running

    def hurry(self) -> None:
        """What still runs gets no more time of the grace period."""
        with self._change:
            self._is_hurried = True
            self._change.notify_all()

    def stop_claiming(self) -> None:
        self.is_stopping = True

    def park_all(self) -> None:
        """Give every execution back: queued again, to go on from what is recorded."""
        for session in self.sessions:
            session.park()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _start(self, claim: Claim) -> bool:
        verdict = verdict_on(claim)
        try:
            session, state = open_session(claim, self.writer)
        except psycopg.Error as error:
            # The lease runs out and the execution is claimed again.
            log.warning("claim_not_opened", execution=str(claim.id), error=str(error))
            return False
        except Exception:
            # The next worker would fare no better, and the claims beside this one are to start.
            log.exception("claim_not_readable", execution=str(claim.id))
            session, state, verdict = Session(claim, self.writer), RunState(), verdict or unreadable()
        session.on_end, session.on_cleared = self._ended, self._take_the_next_suspect
        session.is_held = self.are_leases_good
        with self._change:
            former = self._running.get(claim.id)
            self._running[claim.id] = session
        if former is not None:
            # The heartbeat asks for this one no longer: what still sleeps, or would call out, ends here.
            former.lose()
        if verdict is None:
            self._threads.submit(execute, session, state, self._make_ports)
        else:
            log.warning("run_given_up", execution=str(claim.id), reason=verdict.reason, node=verdict.node)
            session.give_up(verdict)
        return True

    def _take_the_next_suspect(self) -> None:
        """Others may have waited for this one to get further. Those that a worker died over are many at once."""
        with suppress(RuntimeError):  # no more work is taken in at the end
            self._threads.submit(self.take, with_expired=True)

    def _ended(self, session: Session) -> None:
        with self._change:
            if self._running.get(session.claim.id) is session:
                del self._running[session.claim.id]
                self._ended_count += 1
            self._change.notify_all()


def rss_bytes() -> int:
    """Resident memory of this process; 0 where the system does not tell."""
    try:
        return int(_STATM.read_bytes().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0
