"""The figures that the founding documents ask for, each with its limit."""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from websockets.sync.client import connect
from websockets.typing import Origin

from pumpflix.lab.bench import meter
from pumpflix.lab.bench.api import Caller
from pumpflix.lab.bench.crowd import EXECUTIONS, Crowd, chain, node
from pumpflix.lab.bench.load import Answers, Load, send
from pumpflix.lab.bench.rounds import settle
from pumpflix.lab.bench.stack import Stack

LIVE = "bench_live"
LIVE_NODES = 20
LIVE_PAUSE_S = 0.05
LIVE_RUNS = 5
API_S = 6.0
QUEUE = 2_000
ASYNC = "w6_async"
WARM_READS = 50
WARM_RUNS = 100


@dataclass(frozen=True, slots=True)
class Target:
    """`is_met` where the figure keeps its limit; `shown` is figure and circumstances."""

    name: str
    limit: str
    shown: str
    is_met: bool


def live_graph() -> dict[str, Any]:
    """A chain of short pauses, so that events come one by one."""
    trigger = node("Start", "manualTrigger", 1, {}, 0)
    pauses = [
        {**node(f"Pause {place}", "noOp", 1, {"seconds": LIVE_PAUSE_S}, place), "type": "pumpflix.delay"}
        for place in range(1, LIVE_NODES)
    ]
    return chain(LIVE, [trigger, *pauses])


def warm_up(stack: Stack, key: str) -> str:
    """As a product that is used is warm: every page of the API read, every worker with runs behind it. What was done,
    in words. Only the figures of the cold node and of idle memory come before."""
    caller, answers, before = Caller(stack.url, key), Answers(), stack.over()
    for _ in range(WARM_READS):
        caller.read_one(answers)
    sent = send(Load(stack.hook(ASYNC), WARM_RUNS, 30.0, 10))
    left = settle(stack, before, sent.good)
    return f"Targets after a warm-up of {answers.good} reads and {sent.good - left} runs of {ASYNC}."


def cold_node(stack: Stack) -> Target:
    found = stack.inside("cold")
    shown = f"{found['worstMs']:.0f} ms, the slowest of {found.get('nodeRuns', 0)} first node runs"
    return Target("a node, cold", "< 500 ms", shown, found["worstMs"] < 500)


def idle_memory(stack: Stack) -> Target:
    mib = meter.pss_bytes(stack.roots) / meter.MIB
    return Target("memory of the idle tree (PSS)", "< 600 MB", f"{mib:.0f} MB", mib < 600)


def api_answers(stack: Stack, key: str) -> Target:
    caller, answers = Caller(stack.url, key), Answers()
    until = time.monotonic() + API_S
    while time.monotonic() < until:
        caller.read_one(answers)
    p95 = answers.percentile(0.95)
    shown = f"{p95:.1f} ms, {answers.good} reads, {sum(answers.bad.values())} failed"
    return Target("API p95", "< 200 ms", shown, p95 < 200 and not answers.bad)


def wake_ups(stack: Stack) -> list[Target]:
    """How many are published, and what comes of as many executions: not the same thing."""
    rings = stack.inside("rings")
    before, succeeded_before, began = stack.over(), stack.succeeded(), time.perf_counter()
    answers = send(Load(stack.hook(ASYNC), QUEUE, 30.0, 50))
    settle(stack, before, answers.good)
    succeeded, seconds = stack.succeeded() - succeeded_before, time.perf_counter() - began
    shown = f"{succeeded / seconds:.0f}/s, {succeeded} of {answers.good} succeeded, {sum(answers.bad.values())} refused"
    rung = f"{rings['perS']:.0f}/s, {rings['cpuMs']:.2f} ms of CPU each"
    is_whole = succeeded == answers.good and not answers.bad
    return [
        Target("queue wake-ups published", "> 1,000/s", rung, rings["perS"] > 1000),
        Target("executions of four nodes taken in and finished", "all succeed", shown, is_whole),
    ]


def socket_latency(stack: Stack, key: str, workflow: str) -> Target:
    """From the moment an event is made in a worker to its arrival at a client, commit and stream between them."""
    latencies: list[float] = []
    for _ in range(LIVE_RUNS):
        latencies += followed(stack, key, workflow)
    latencies.sort()
    p95 = latencies[int(len(latencies) * 0.95) - 1] if latencies else 0.0
    shown = f"{p95:.0f} ms, {len(latencies)} events"
    return Target("live socket p95, event made to event seen", "< 100 ms", shown, bool(latencies) and p95 < 100)


def followed(stack: Stack, key: str, workflow: str) -> list[float]:
    status, answer = Caller(stack.url, key).ask("POST", f"/api/workflows/{workflow}/execute", b"{}")
    if status != 202:
        return []
    execution = json.loads(answer)["executionId"]
    latencies = []
    with connect(f"{stack.url.replace('http', 'ws', 1)}/ws", origin=Origin(stack.url)) as socket:
        socket.send(json.dumps({"type": "auth", "token": key}))
        socket.send(json.dumps({"type": "subscribe:execution", "executionId": execution}))
        subscribed_at = float("inf")
        while (message := json.loads(socket.recv(timeout=30)))["type"] != "execution:complete":
            now = time.time()
            if message["type"] == "subscribed":
                subscribed_at = now
            elif message["type"] == "execution:logs":
                made = datetime.fromisoformat(message["event"]["at"]).timestamp()
                if made > subscribed_at:
                    latencies.append((now - made) * 1000)
    return latencies


def indexed_query(stack: Stack) -> Target:
    found = stack.inside("queries")
    shown = (
        f"p95 {found['p95']:.1f} ms, worst {found['worst']:.1f} ms of {found['statements']} statements, "
        f"{found['executions']} executions stored"
    )
    return Target("indexed query", "< 10 ms", shown, found["p95"] < 10)


def crowd_targets(crowd: Crowd) -> list[Target]:
    everyone = crowd.accepted == crowd.succeeded == EXECUTIONS
    p95 = crowd.api.percentile(0.95)
    return [
        Target(
            "100 executions of 50 nodes with 1 MB at once",
            "all succeed, nothing restarted",
            f"{crowd.succeeded} of {crowd.accepted} in {crowd.seconds:.0f} s, {crowd.restarts} restarts,"
            f" p95 of a node {crowd.node_ms:.0f} ms",
            everyone and not crowd.restarts,
        ),
        Target("memory of the tree meanwhile (PSS)", "< 1,500 MB", f"{crowd.pss_mib:.0f} MB", crowd.pss_mib < 1500),
        Target(
            "API p95 meanwhile",
            "< 200 ms",
            f"{p95:.0f} ms, {crowd.api.good} reads, {sum(crowd.api.bad.values())} failed",
            p95 < 200 and not crowd.api.bad,
        ),
    ]


def table(found: list[Target]) -> list[str]:
    lines = ["| target | limit | measured | met |", "|---|---|---|---|"]
    return lines + [f"| {one.name} | {one.limit} | {one.shown} | {'yes' if one.is_met else 'no'} |" for one in found]
