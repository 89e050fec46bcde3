"""The campaign judged: with the fence taken out of the workers, or the barrier, it has to find something."""

import time
from collections.abc import Callable
from dataclasses import replace

from pumpflix.lab.chaos.campaign import Campaign, Options, campaign
from pumpflix.lab.chaos.judge import Case
from pumpflix.lab.chaos.report import Verdict
from pumpflix.lab.chaos.workload import Call, Flow, graph_of

LEASE_S = 3.0
STEPS = tuple(Call(f"N{number}", 2, number) for number in range(1, 13))


def run(options: Options) -> Verdict:
    verdict = Verdict("planted", options.seed)
    began = time.monotonic()
    for fault, hurt in (("no-fence", freeze), ("no-barrier", kill)):
        found = found_with(fault, hurt, options)
        verdict.executions += found.executions
        verdict.kills += found.kills
        verdict.check(f"{fault} is found", not found.is_kept)
        verdict.figures[fault] = found.wrong[:3]
    verdict.seconds = time.monotonic() - began
    return verdict


def found_with(fault: str, hurt: Callable[[Campaign], list[Case]], options: Options) -> Verdict:
    """What the judge says about workers with that fault."""
    with campaign(replace(options, planted=fault), f"planted-{fault}", lease_s=LEASE_S) as it:
        cases = hurt(it)
        it.wait_quiet(30)
        return it.judge(cases)


def deploy(it: Campaign, delay_ms: int) -> tuple[Flow, str]:
    """A chain of calls; each is answered after that time."""
    flow = Flow(it.name, STEPS)
    graph = graph_of(flow, it.book.url, {})
    for node in graph["nodes"]:
        if "url" in node["parameters"]:
            node["parameters"]["url"] += f"&delay_ms={delay_ms}"
    return flow, it.client.deploy(graph)


def freeze(it: Campaign) -> list[Case]:
    """A worker stops in the middle of its runs; others take them over, and it wakes up again."""
    deployed = deploy(it, 500)
    cases = it.cases([deployed], 4, api_share=1.0)
    for case in cases:
        it.send_one(case)
    victim = it.faults.worker_at_work()
    assert victim is not None
    it.faults.freeze(victim, 2 * LEASE_S)
    time.sleep(len(STEPS) * 0.5)
    return cases


def kill(it: Campaign) -> list[Case]:
    """Workers die while calls follow each other faster than anything is written by itself."""
    return it.load(
        [deploy(it, 0)], 150, over_s=12.0, during=lambda: it.storm(4, targets={"worker": 1}, pause_s=(1.0, 3.0))
    )
