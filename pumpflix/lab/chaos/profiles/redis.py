"""P3: Redis is flushed again and again, then away for a minute, while webhooks are called. Nothing is lost or refused,
and the workers listen again by themselves."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil

from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.faults import InBackground
from pumpflix.lab.chaos.judge import Case
from pumpflix.lab.chaos.report import Verdict, percentile
from pumpflix.lab.chaos.workload import Call, Flow

EXPORTS = 3
LISTENS_AGAIN_S = 15.0
ADDED_LATENCY_S = 3.0
LATENCY = """
    SELECT extract(epoch FROM started_at - created_at)::float8 FROM executions_app_execution
     WHERE started_at IS NOT NULL AND parent_id IS NULL AND workflow_id = %s::uuid
       AND created_at BETWEEN to_timestamp(%s) AND to_timestamp(%s)
"""


def run(options: Options) -> Verdict:
    flushes, down_s, rate = (3, 5.0, 10) if options.is_ci else (10, 60.0, 50)
    limits = {"PUMPFLIX_LIMIT_EXPORT": f"{EXPORTS}/1 hour"}
    with campaign(options, "redis", lease_s=10.0, environ=limits) as it:
        deployed = it.deploy(12, longest_wait_s=3)
        flow = Flow(f"redis-hook-{options.seed}", (Call("N1", 3, 1),))
        hooks = Hooks(it, flow, it.deploy_flow(flow), rate)
        workers = it.stack.workers()
        count = options.count(500, 60)
        cases = it.load(deployed, count, over_s=flushes * 2.0, during=lambda: flush(it, flushes))
        exported = it.client.call("GET", f"/api/workflows/{hooks.workflow_id}/export").status_code
        window = hold_down(it, hooks, down_s)
        listens_s = listens_again(it, len(workers))
        it.wait_quiet(120)
        verdict = it.judge([*cases, *hooks.cases])
        hooks.check(verdict)
        verdict.check("a first export is allowed", exported == 200, exported)
        verdict.check("workers listen again", listens_s < LISTENS_AGAIN_S, round(listens_s, 1))
        verdict.check("without a restart", it.stack.workers() == workers, [one.pid for one in it.stack.workers()])
        check_latency(it, verdict, hooks, window)
        verdict.figures |= {"flushes": flushes, "down_s": down_s, "listens_again_s": round(listens_s, 2)}
        return verdict


class Hooks:
    """Webhook calls at a steady rate, each made once: what is not answered with 2xx counts."""

    def __init__(self, it: Campaign, flow: Flow, workflow_id: str, rate: int) -> None:
        self.it, self.flow, self.workflow_id, self.rate = it, flow, workflow_id, rate
        self.cases: list[Case] = []
        self.exports: list[int] = []

    def call_for(self, seconds: float) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(16) as senders:
            while (passed := time.monotonic() - began) < seconds:
                if len(self.cases) < passed * self.rate:
                    case = Case(f"hook-{len(self.cases)}", self.flow, self.workflow_id, len(self.cases) % 1000)
                    self.cases.append(case)
                    senders.submit(self.send, case)
                else:
                    time.sleep(0.5 / self.rate)

    def send(self, case: Case) -> None:
        began = time.monotonic()
        try:
            status = self.it.client.hook_once(self.flow.path, case.body, delivery=case.id).status_code
        except httpx.HTTPError:
            status = 0
        case.statuses.append(status)
        case.seconds = time.monotonic() - began
        case.accepted_at = time.time() if 200 <= status < 300 else 0.0

    def export(self, times: int) -> None:
        for _ in range(times):
            path = f"/api/workflows/{self.workflow_id}/export"
            self.exports.append(self.it.client.call("GET", path).status_code)

    def check(self, verdict: Verdict) -> None:
        refused = [case.statuses for case in self.cases if not case.accepted_at]
        verdict.check("every webhook is answered with 2xx while Redis is away", not refused, refused[:5])
        allowed = self.exports.count(200)
        verdict.check("limits hold while Redis is away", allowed <= EXPORTS and 429 in self.exports, self.exports)
        verdict.figures |= {
            "hooks": len(self.cases),
            "hooks_refused": len(refused),
            "hook_answer_p95_s": round(percentile([case.seconds for case in self.cases], 0.95), 3),
        }


def flush(it: Campaign, times: int) -> None:
    for _ in range(times):
        time.sleep(2.0)
        it.faults.flush()


def hold_down(it: Campaign, hooks: Hooks, seconds: float) -> tuple[float, float]:
    """Calls go on while the server is away. From when to when it was, on the database's clock."""
    began = it.truth.now()
    away = InBackground(lambda: it.faults.hold_down("valkey", seconds))
    calling = InBackground(lambda: hooks.call_for(seconds - 1))
    time.sleep(1.0)
    hooks.export(2 * EXPORTS)
    calling.wait()
    ended = it.truth.now()
    away.wait()
    return began, ended


def listens_again(it: Campaign, workers: int) -> float:
    """Seconds from the server's return until every worker waits for messages on it."""
    while not is_back(it.stack.one("valkey"), it):
        time.sleep(0.05)
    began = time.monotonic()
    while time.monotonic() - began < 2 * LISTENS_AGAIN_S:
        waiting = [one for one in it.faults.redis().client_list() if one["cmd"] in ("brpop", "bzmpop", "blmpop")]
        if len(waiting) >= workers:
            break
        time.sleep(0.1)
    return time.monotonic() - began


def is_back(server: psutil.Process | None, it: Campaign) -> bool:
    try:
        return server is not None and bool(it.faults.redis().ping())
    except Exception:  # noqa: BLE001 - any error means that it is not
        return False


def check_latency(it: Campaign, verdict: Verdict, hooks: Hooks, window: tuple[float, float]) -> None:
    late = [row[0] for row in it.truth.rows(LATENCY, (hooks.workflow_id, *window))]
    p95 = percentile(late, 0.95)
    verdict.check(f"starts within {ADDED_LATENCY_S} s while Redis is away", p95 < ADDED_LATENCY_S, round(p95, 2))
    verdict.figures |= {"start_p95_s": round(p95, 3)}
