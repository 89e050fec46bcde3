"""The supervised tree: servers, then preparation, then web and workers; stopped in the opposite order."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pumpflix.supervisor.child import Child
from pumpflix.supervisor.servers import EmbeddedServerError
from pumpflix.supervisor.signals import Signals

START_S = 60.0
GIVE_UP_AFTER = 3
POLL_S = 0.05
WATCH_S = 1.0
KEYS_MISSING = 78
"""How preparation ends where everything is there but a key that stored secrets need."""


class StartFailed(Exception):
    """The tree cannot come up; the message says why."""


class Stopped(Exception):
    """A stop was asked for while the tree was coming up."""


@dataclass
class Tree:
    """`prepare` runs once, after the servers and before the rest: migrations and seed. The first of `processes`
    has the machine to itself until it is ready, for somebody waits for it. `held` are those that run where a key is
    missing: they tell of it, and no workflow runs."""

    servers: list[Child]
    prepare: Child
    processes: list[Child]
    helpers: list[Child]
    signals: Signals
    grace_s: float
    held: list[Child] = field(default_factory=list)
    is_held: bool = field(default=False, init=False)
    when_servers_answer: Callable[[], None] = lambda: None
    say: Callable[[str], None] = field(default=lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201

    def run(self, when_ready: Callable[[], None]) -> int:
        """Until a stop is asked for. Returns the exit code."""
        try:
            self._start(when_ready)
            self._watch()
        except Stopped:
            pass
        except (StartFailed, EmbeddedServerError) as error:
            self.say(f"pumpflix: {error}")
            return 1
        finally:
            self._stop()
        return KEYS_MISSING if self.is_held else 0

    def _start(self, when_ready: Callable[[], None]) -> None:
        for server in self.servers:
            server.start()
        for server in self.servers:
            self._wait_until_ready(server)
        self.when_servers_answer()
        self.is_held = self._run_once(self.prepare) == KEYS_MISSING
        if self.is_held:
            self._hold()
            return
        first, *others = self.processes
        first.start()
        self._wait_until_ready(first)
        for child in (*others, *self.helpers):
            child.start()
        when_ready()

    def _hold(self) -> None:
        """Everything is there but a key: nothing runs, and who asks is told which."""
        self.processes = self.held
        for child in self.held:
            child.start()
            self._wait_until_ready(child)
        self.say("pumpflix: no workflow runs until the key is back; /health names it. Put it back and start again.")

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + START_S
        while not child.is_ready():
            self._keep_alive()
            if child.failures >= GIVE_UP_AFTER or time.monotonic() > deadline:
                raise StartFailed(f"{child.name} does not come up{_where_to_look(child)}")
            self._sleep(POLL_S)

    def _run_once(self, child: Child) -> int:
        """Its exit code, where the tree can do something with it."""
        child.start()
        while child.is_running:
            self._keep_alive()
            self._sleep(POLL_S)
        assert child.process is not None
        code = child.process.returncode
        if code != 0 and not (code == KEYS_MISSING and self.held):
            raise StartFailed(f"{child.name} failed; what it said stands above")
        return code

    def _watch(self) -> None:
        while True:
            self._keep_alive()
            self._sleep(WATCH_S)
            if self.signals.is_restart_wanted:
                self.signals.is_restart_wanted = False
                self._stop_children(self.processes)

    def _sleep(self, seconds: float) -> None:
        self.signals.sleep(seconds)
        if self.signals.stop_requests:
            raise Stopped

    def _keep_alive(self) -> None:
        """Restarts whatever was started and has ended."""
        now = time.monotonic()
        for child in (*self.servers, *self.processes, *self.helpers):
            if child.started_at and (news := child.keep_alive(now)):
                self.say(f"pumpflix: {news}")

    def _stop(self) -> None:
        """Web and workers first, while their database still answers; then the servers."""
        self._stop_children([self.prepare, *self.helpers, *self.processes])
        self._stop_children(list(reversed(self.servers)))

    def _stop_children(self, children: Sequence[Child]) -> None:
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + self.grace_s
        while any(child.is_running for child in children):
            if self.signals.stop_requests > 1 or time.monotonic() > deadline:
                break
            self.signals.sleep(POLL_S)
        for child in children:
            if child.is_running:
                self.say(f"pumpflix: {child.name} is ended at once")
            child.kill()


def _where_to_look(child: Child) -> str:
    if child.log is None or not child.log.is_file():
        return ""
    return f"; the end of {child.log}:\n{child.log.read_text(errors='replace')[-1500:]}"
