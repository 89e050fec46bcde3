"""P18: runs are canceled at any moment: in a call, a wait, a loop of code, between tries. Each ends as canceled within
five seconds, and nothing leaves two seconds after."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.report import Verdict, spread
from pumpflix.lab.chaos.workload import Call, Flow, Graph, graph_of

ENDS_S = 5.0
LATE_EFFECT_S = 2.0
AT_ONCE = 10
ENDS = """
    SELECT id::text, status, extract(epoch FROM finished_at)::float8 FROM executions_app_execution
     WHERE id = ANY(%s::uuid[])
"""


def run(options: Options) -> Verdict:
    count = options.count(500, 60)
    with campaign(options, "cancel", lease_s=10.0) as it:
        workflows = [it.client.deploy(graph) for graph in shapes(it)]
        chosen = [(it.rng.choice(workflows), it.rng.uniform(0.0, 3.0)) for _ in range(count)]
        with ThreadPoolExecutor(AT_ONCE) as people:
            canceled = dict(people.map(lambda one: start_and_cancel(it, *one), chosen))
        time.sleep(ENDS_S + LATE_EFFECT_S)
        verdict = it.judge([])
        verdict.executions = count
        check(it, verdict, canceled)
        return verdict


def shapes(it: Campaign) -> list[Graph]:
    """Runs that take longer than anybody waits for."""
    url = f"{it.book.url}/effect?echo=1"
    return [
        middle("hangs", it, {"url": f"{url}&delay_ms=60000"}),
        middle("slow calls", it, {"url": f"{url}&delay_ms=400"}, "N2"),
        instead("short wait", it, "wait", 1.1, {"amount": 40, "unit": "seconds"}),
        instead("long wait", it, "wait", 1.1, {"amount": 2, "unit": "hours"}),
        instead("endless code", it, "code", 2, {"jsCode": "while (true) {}"}),
        instead("endless python", it, "code", 2, {"language": "python", "pythonCode": "while True:\n    pass"}),
        between_tries(it),
    ]


def basis(name: str, it: Campaign) -> Graph:
    return graph_of(Flow(f"cancel {name}", (Call("N1", 2, 0), Call("N2", 2, 0), Call("N3", 2, 0))), it.book.url, {})


def middle(name: str, it: Campaign, parameters: dict[str, Any], *names: str) -> Graph:
    graph = basis(name, it)
    for node in graph["nodes"]:
        if node["name"] in (names or ("N2",)):
            node["parameters"] |= parameters
    return graph


def instead(name: str, it: Campaign, kind: str, version: float, parameters: dict[str, Any]) -> Graph:
    graph = basis(name, it)
    for node in graph["nodes"]:
        if node["name"] == "N2":
            node |= {"type": f"n8n-nodes-base.{kind}", "typeVersion": version, "parameters": parameters}
    return graph


def between_tries(it: Campaign) -> Graph:
    graph = middle("between tries", it, {"url": f"{it.book.url}/tried?status=503"})
    for node in graph["nodes"]:
        if node["name"] == "N2":
            node |= {"retryOnFail": True, "maxTries": 5, "waitBetweenTries": 5000}
    return graph


def start_and_cancel(it: Campaign, workflow_id: str, after_s: float) -> tuple[str, float]:
    """The execution, and when its cancel was answered, in seconds since 1970."""
    body = {"body": {"case": "cancel", "value": 1}}
    execution = it.client.start(workflow_id, body, key=f"cancel-{time.monotonic_ns()}-{after_s}").execution_id
    time.sleep(after_s)
    answer = it.client.call("POST", f"/api/executions/{execution}/cancel")
    return execution, time.time() if answer.is_success else 0.0


def check(it: Campaign, verdict: Verdict, canceled: dict[str, float]) -> None:
    ends = {row[0]: row[1:] for row in it.truth.rows(ENDS, (list(canceled),))}
    refused = [execution for execution, at in canceled.items() if not at]
    verdict.check("every cancel is answered with 2xx", not refused, refused[:5])
    odd = {execution: status for execution, (status, _) in ends.items() if status not in ("canceled", "success")}
    verdict.check("all are canceled", not odd and len(ends) == len(canceled), list(odd.items())[:5])
    took = [max(0.0, at - canceled[one]) for one, (status, at) in ends.items() if status == "canceled" and at]
    verdict.check(f"within {ENDS_S} s", max(took, default=0.0) < ENDS_S, spread(took))
    late = [
        call.key for call in it.book.calls("/effect") if call.at > canceled.get(call.execution, call.at) + LATE_EFFECT_S
    ]
    verdict.check(f"nothing leaves {LATE_EFFECT_S} s later", not late, late[:5])
    left = code_still_running(it)
    verdict.check("no child goes on", not left, left)
    verdict.figures |= {"canceled": len(took), "cancel_s": spread(took)}


def code_still_running(it: Campaign) -> list[int]:
    """Children that still burn a processor when everything has ended."""
    children = [child for worker in it.stack.workers() for child in it.stack.children_of(worker)]
    before = {child.pid: sum(child.cpu_times()[:2]) for child in children if child.is_running()}
    time.sleep(1.0)
    return [
        child.pid for child in children if child.is_running() and sum(child.cpu_times()[:2]) - before[child.pid] > 0.5
    ]
