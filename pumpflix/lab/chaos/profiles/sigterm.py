"""P16: SIGTERM to a worker in the middle of a node. Within the grace period the node ends and is recorded; beyond it
the run is handed on at once; a second SIGTERM ends the process."""

import contextlib
import signal
import time
from typing import Any

import psutil

from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.report import Verdict
from pumpflix.lab.chaos.workload import Call, Flow, graph_of

HANDED_ON_S = 2.0


def run(options: Options) -> Verdict:
    """Both halves are one profile, so that one line tells of it."""
    verdict = Verdict("sigterm", options.seed)
    rounds = 1 if options.is_ci else 5
    began = time.monotonic()
    for grace_s, node_s, check in ((30, 6, ends_in_time), (2, 12, is_handed_on)):
        with campaign(options, "sigterm", lease_s=10.0, environ={"PUMPFLIX_GRACE_S": str(grace_s)}) as it:
            workflow_id = it.client.deploy(slow(it, node_s))
            for _ in range(rounds):
                check(it, verdict, workflow_id)
            it.wait_quiet(60)
            part = it.judge([])
            verdict.executions += rounds
            verdict.duplicates += part.duplicates
            verdict.allowed += it.faults.deaths
            verdict.wrong += part.wrong
    verdict.seconds = time.monotonic() - began
    return verdict


def slow(it: Campaign, node_s: int) -> dict[str, Any]:
    """The first call of `N1` takes that long, a repeat none."""
    graph = graph_of(Flow("slow", (Call("N1", 2, 0), Call("N2", 2, 0))), it.book.url, {})
    for node in graph["nodes"]:
        if node["name"] == "N1":
            node["parameters"]["url"] += f"&delay_ms={1000 * node_s}&delay_first=1"
    return graph


def begin(it: Campaign, workflow_id: str) -> tuple[str, psutil.Process]:
    """A run in the middle of its slow node, and the worker that has it."""
    case = f"slow-{time.monotonic_ns()}"
    execution = it.client.start(workflow_id, {"body": {"case": case, "value": 1}}, key=case).execution_id
    while True:
        started = it.truth.rows(
            "SELECT 1 FROM executions_app_noderun WHERE execution_id = %s::uuid AND node = 'N1'", (execution,)
        )
        if started:
            pid = it.truth.value("SELECT worker_pid FROM executions_app_execution WHERE id = %s::uuid", (execution,))
            return execution, next(one for one in it.stack.workers() if one.pid == pid)
        time.sleep(0.05)


def row(it: Campaign, execution: str) -> tuple[Any, ...]:
    query = "SELECT status, epoch, worker_pid, crash_count FROM executions_app_execution WHERE id = %s::uuid"
    return it.truth.rows(query, (execution,))[0]


def gone_after(victim: psutil.Process, seconds: float) -> float:
    began = time.monotonic()
    with contextlib.suppress(psutil.TimeoutExpired, psutil.NoSuchProcess):
        while time.monotonic() - began < seconds and victim.is_running() and victim.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.02)
    return time.monotonic() - began


def ends_in_time(it: Campaign, verdict: Verdict, workflow_id: str) -> None:
    execution, victim = begin(it, workflow_id)
    log = len(it.stack.log)
    it.faults.signal_worker(victim, signal.SIGTERM)
    gone_after(victim, 30)
    wait_for_end(it, execution)
    status, epoch, _, crashes = row(it, execution)
    verdict.check("(a) the node ends where it began", (status, epoch, crashes) == ("success", 1, 0), row(it, execution))
    it.stack.wait_for_workers(2)
    verdict.check("(a) exit code 0", "ended (exit code 0)" in it.stack.log[log:], it.stack.log[log:][-500:])
    calls = [call for call in it.book.calls("/effect") if call.execution == execution]
    verdict.check("(a) every call is made once", len(calls) == 4, len(calls))


def is_handed_on(it: Campaign, verdict: Verdict, workflow_id: str) -> None:
    execution, victim = begin(it, workflow_id)
    it.faults.signal_worker(victim, signal.SIGTERM)
    parked_at, claimed_at = 0.0, 0.0
    until = time.monotonic() + 20
    while time.monotonic() < until and not claimed_at:
        status, epoch, pid, _ = row(it, execution)
        parked_at = parked_at or (time.monotonic() if status == "queued" or epoch > 1 else 0.0)
        claimed_at = time.monotonic() if epoch > 1 and pid != victim.pid else 0.0
        time.sleep(0.02)
    verdict.check("(b) handed on", bool(claimed_at), row(it, execution))
    handed_s = claimed_at - parked_at
    verdict.check(f"(b) resumed within {HANDED_ON_S} s", handed_s < HANDED_ON_S, round(handed_s, 2))
    verdict.gaps.append(handed_s)
    wait_for_end(it, execution)
    status, _, _, crashes = row(it, execution)
    verdict.check("(b) it is no crash", (status, crashes) == ("success", 0), row(it, execution))
    it.stack.wait_for_workers(2)
    ends_at_once(it, verdict, workflow_id)


def ends_at_once(it: Campaign, verdict: Verdict, workflow_id: str) -> None:
    execution, victim = begin(it, workflow_id)
    it.faults.signal_worker(victim, signal.SIGTERM)
    time.sleep(0.2)
    it.faults.signal_worker(victim, signal.SIGTERM)
    took_s = gone_after(victim, 10)
    verdict.check("(c) a second SIGTERM ends it at once", took_s < 1.5, round(took_s, 2))
    wait_for_end(it, execution)
    verdict.executions += 1
    verdict.check("(c) and loses nothing", row(it, execution)[0] == "success", row(it, execution))
    it.stack.wait_for_workers(2)


def wait_for_end(it: Campaign, execution: str) -> None:
    until = time.monotonic() + 60
    while row(it, execution)[0] not in ("success", "error", "crashed") and time.monotonic() < until:
        time.sleep(0.05)
