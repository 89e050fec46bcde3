"""One campaign: the stack, its ledger, a person with work for it, and what hurts it. See the package's docstring."""

import itertools
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from pumpflix.env import ROOT
from pumpflix.lab.chaos import faults as hurting
from pumpflix.lab.chaos.client import Client, GaveUp
from pumpflix.lab.chaos.faults import Faults, InBackground
from pumpflix.lab.chaos.judge import Case, judge
from pumpflix.lab.chaos.report import Verdict
from pumpflix.lab.chaos.stack import Stack
from pumpflix.lab.chaos.truth import Truth
from pumpflix.lab.chaos.watch import Watch
from pumpflix.lab.chaos.workload import Flow, flows, graph_of, sub_graph
from pumpflix.lab.ledger import Ledger, ledger

SENDERS = 12
QUIET_LOOK_S = 0.25
USUAL_START_S = 4.0
HELD_SHARE = 0.8
RUN_SLOTS = 32
BUSY = "SELECT count(*) FROM executions_app_execution WHERE status = ANY(ARRAY['queued', 'running', 'waiting'])"
# So that the product's own limits are not what is measured; profiles of limits set theirs.
ENVIRON = {
    "PUMPFLIX_LIMIT_API": "1000000/1 minute",
    "PUMPFLIX_LIMIT_WEBHOOK": "0",
    "PUMPFLIX_LIMIT_AUTH": "1000000/1 minute",
    "PUMPFLIX_LIMIT_AUTH_ADDRESS": "1000000/1 minute",
    "PUMPFLIX_LOG_LEVEL": "INFO",
    "PUMPFLIX_RUN_SLOTS": str(RUN_SLOTS),
}


@dataclass(frozen=True)
class Options:
    """`executions` overrides the profile's number; `is_ci` asks for the small form; `planted` names a fault that the
    workers run with."""

    seed: int
    executions: int = 0
    is_ci: bool = False
    planted: str = ""
    is_loud: bool = False

    def count(self, full: int, ci: int) -> int:
        return self.executions or (ci if self.is_ci else full)


@dataclass
class Campaign:
    name: str
    options: Options
    stack: Stack
    book: Ledger
    client: Client
    rng: Random
    truth: Truth
    watch: Watch
    faults: Faults
    lease_s: float
    worker_start_s: float = 0.0
    workers: int = 2
    started_at: float = field(default_factory=time.monotonic)

    # work ---------------------------------------------------------------------------------------------------------
    def deploy(self, count: int, *, longest_wait_s: int = 5) -> list[tuple[Flow, str]]:
        """So many flows of all shapes, switched on, with the ids of their workflows."""
        made = flows(self.rng, count, prefix=f"{self.name}-{self.options.seed}", longest_wait_s=longest_wait_s)
        return [(flow, self.deploy_flow(flow)) for flow in made]

    def deploy_flow(self, flow: Flow) -> str:
        sub_ids = {sub.name: self.client.deploy(sub_graph(flow, sub, self.book.url)) for sub in flow.subs}
        return self.client.deploy(graph_of(flow, self.book.url, sub_ids))

    def cases(self, deployed: Sequence[tuple[Flow, str]], count: int, *, api_share: float = 0.3) -> list[Case]:
        return list(itertools.islice(self._endless(deployed, api_share), count))

    def load(
        self, deployed: Sequence[tuple[Flow, str]], count: int, *, over_s: float, during: Callable[[], object]
    ) -> list[Case]:
        """Send so many cases, evenly over that time, each until it is accepted, while `during` goes on; then one a
        second until that is done, so that there is always something to hit. Returns what was sent, once all is."""
        sent: list[Case] = []
        began, faults = time.monotonic(), InBackground(during)
        with ThreadPoolExecutor(SENDERS) as senders:
            for number, case in enumerate(self._endless(deployed, 0.3)):
                if number >= count and not faults.is_alive:
                    break
                due = over_s * number / count if number < count else over_s + number - count
                time.sleep(max(0.0, began + due - time.monotonic()))
                sent.append(case)
                senders.submit(self.send_one, case)
        faults.wait()
        return sent

    def _endless(self, deployed: Sequence[tuple[Flow, str]], api_share: float) -> Iterator[Case]:
        for number, (flow, workflow_id) in enumerate(itertools.cycle(deployed)):
            value, by_api = self.rng.randrange(1000), self.rng.random() < api_share
            yield Case(f"{self.name}-{number}", flow, workflow_id, value, by_api)

    def send_one(self, case: Case) -> None:
        try:
            if case.by_api:
                answers = self.client.start(case.workflow_id, {"body": case.body}, key=f"case-{case.id}")
            else:
                answers = self.client.hook(case.flow.path, case.body, delivery=case.id)
        except GaveUp as error:
            self.faults.say(f"{case.id} {error}")
            return
        case.statuses, case.accepted_at, case.seconds = answers.statuses, answers.accepted_at, answers.seconds

    def wait_quiet(self, seconds: float = 120.0) -> float:
        """Until every execution has ended. Seconds it took; the judgement tells of what has not ended by then."""
        began = time.monotonic()
        while self.truth.value(BUSY) and time.monotonic() - began < seconds:
            time.sleep(QUIET_LOOK_S)
        return time.monotonic() - began

    def new_client(self, name: str) -> Client:
        """Another person, in a team of their own."""
        client = Client(self.stack.url, f"{name}@mail.example")
        client.register()
        return client

    # faults -------------------------------------------------------------------------------------------------------
    def storm(
        self, kills: int, *, pause_s: tuple[float, float] = (0.5, 3.0), targets: dict[str, int] | None = None
    ) -> None:
        self.faults.storm(hurting.plan(self.faults.rng, kills, targets=targets, pause_s=pause_s))

    # judgement ----------------------------------------------------------------------------------------------------
    def judge(self, cases: Sequence[Case]) -> Verdict:
        """What became of the cases, and of the promises that hold for every profile."""
        self.watch.look_at_ends()
        verdict = Verdict(self.name, self.options.seed, kills=len(self.faults.kills), gaps=list(self.watch.gaps))
        verdict.allowed = self.faults.deaths * RUN_SLOTS
        judge(verdict, self.truth, self.book, cases)
        verdict.check("I1 an end is final", not self.watch.changed, self.watch.changed[:5])
        verdict.seconds = time.monotonic() - self.started_at
        return verdict

    def check_kills(self, verdict: Verdict, wanted: int) -> None:
        """As many as wanted, and most of them at processes that held a lease."""
        held = sum(fault.held > 0 for fault in self.faults.kills)
        verdict.check("kills", verdict.kills == wanted, verdict.kills)
        verdict.check("kills that hit a lease", held >= HELD_SHARE * wanted, held)
        verdict.figures["kills_that_hit_a_lease"] = held

    def check_recovery(self, verdict: Verdict) -> None:
        p95, longest = limits_of(self.lease_s, max(0.0, self.worker_start_s - USUAL_START_S) * self.workers)
        found = verdict.to_json()["recovery_s"]
        verdict.check(f"recovery p95 < {p95} s", found["p95"] < p95, found["p95"])
        verdict.check(f"recovery max < {longest} s", found["max"] < longest, found["max"])


def limits_of(lease_s: float, slack_s: float) -> tuple[float, float]:
    """The longest recoveries that are promised, p95 and any. `slack_s` is what this machine takes longer than usual to
    start workers: where all of them were hit, somebody has to start first, and may be hit again."""
    return round(lease_s + 2 + slack_s, 1), round(2 * lease_s + 5 + 2 * slack_s, 1)


@contextmanager
def campaign(
    options: Options, name: str, *, lease_s: float, environ: dict[str, str] | None = None, workers: int = 2
) -> Iterator[Campaign]:
    """The running stack, with a person signed in; stopped and removed afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="pf-chaos-", dir="/tmp", ignore_cleanup_errors=True) as folder,
        ledger() as book,
    ):
        Path(folder).chmod(0o711)
        given = ENVIRON | {
            "PUMPFLIX_OUTBOUND_ALLOW": book.allow,
            "PUMPFLIX_LEASE_S": f"{lease_s:g}",
            "PUMPFLIX_WORKERS": str(workers),
        }
        stack = Stack(Path(folder), port=free_port(), environ=given | (environ or {}), planted=options.planted)
        try:
            stack.start()
            yield from _begin(options, name, stack, book, lease_s, workers)
        finally:
            if stack.is_up:
                stack.stop()
            keep_log(stack, name)


def _begin(options: Options, name: str, stack: Stack, book: Ledger, lease_s: float, workers: int) -> Iterator[Campaign]:
    give_administrator(stack)
    client = Client(stack.url, "owner@mail.example")
    client.register()
    stack.wait_for_workers(workers)
    worker_start_s = time.monotonic() - stack.ready_at
    truth = stack.truth
    watch = Watch(truth.again())
    # Work and faults draw from sources of their own: neither changes what the other does.
    rng, plan = (Random(f"{options.seed}-{name}-{part}") for part in ("work", "faults"))  # noqa: S311
    faults = Faults(stack, watch, plan, say=_say if options.is_loud else lambda _: None)
    try:
        yield Campaign(name, options, stack, book, client, rng, truth, watch, faults, lease_s, worker_start_s, workers)
    finally:
        watch.close()
        truth.close()
        client.close()


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def give_administrator(stack: Stack) -> None:
    """Sign-up is closed until there is somebody who runs the instance."""
    command = [sys.executable, "manage.py", "createsuperuser", "--noinput", "--email", "root@mail.example"]
    addresses = {"DATABASE_URL": stack.data.database_url, "REDIS_URL": stack.data.redis_url}
    subprocess.run(command, cwd=ROOT, env=stack.environ | addresses, check=True, capture_output=True)


def keep_log(stack: Stack, name: str) -> None:
    """What the product wrote in the last campaign of that name, to read when something was not kept."""
    folder = Path(tempfile.gettempdir()) / "chaos"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.product.log").write_text(stack.log)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
