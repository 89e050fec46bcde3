"""One round of one workload on one side, and what several of them say."""

import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pumpflix.lab.bench import meter
from pumpflix.lab.bench.load import Load, send
from pumpflix.lab.bench.workloads import Workload

SECONDS = 5.0
FINISHED_S = 120.0
LOOK_EVERY_S = 0.1


class Side(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def roots(self) -> list[int]: ...
    def hook(self, workload: str) -> str: ...
    def over(self) -> int: ...
    def succeeded(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Round:
    """`cpu_ms` per execution that ended in success, of all processes; `load` is the machine's before it began.
    `missing` were accepted and did not end in success: they failed, or had not ended when patience was over."""

    executions: int
    bad: int
    cpu_ms: float
    finished_per_s: float
    p50_ms: float
    p95_ms: float
    pss_mib: float
    load: float
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """Medians of the rounds; `spread` is (most - least) / median of the CPU time."""

    rounds: int
    executions: int
    cpu_ms: float
    spread: float
    finished_per_s: float
    p50_ms: float
    p95_ms: float
    pss_mib: float
    load: float
    bad: int
    missing: int


def play(side: Side, workload: Workload) -> Round:
    """Warm up, then measure from the first request until every execution that was accepted is over."""
    body = workload.body
    load = Load(side.hook(workload.name), workload.most, SECONDS, workload.connections, body, workload.expect)
    if workload.warm:
        before = side.over()
        settle(side, before, send(replace(load, most=workload.warm)).good)
    before, succeeded_before, load_before = side.over(), side.succeeded(), os.getloadavg()[0]
    cpu_before, began = meter.cpu_s(side.roots), time.perf_counter()
    with meter.peak(side.roots) as peak:
        answers = send(load)
        settle(side, before, answers.good)
        seconds = time.perf_counter() - began
        cpu_s = meter.cpu_s(side.roots) - cpu_before
    succeeded = side.succeeded() - succeeded_before
    return Round(
        succeeded,
        sum(answers.bad.values()),
        cpu_s / max(succeeded, 1) * 1000,
        succeeded / seconds,
        answers.percentile(0.5),
        answers.percentile(0.95),
        peak.mib,
        load_before,
        answers.good - succeeded,
    )


def settle(side: Side, before: int, accepted: int, patience_s: float = FINISHED_S) -> int:
    """Wait until as many more are over as were accepted; how many are not when patience is, said aloud."""
    until = time.monotonic() + patience_s
    while (left := before + accepted - side.over()) > 0 and time.monotonic() < until:
        time.sleep(LOOK_EVERY_S)
    if left > 0:
        sys.stderr.write(f"bench: {left} of {accepted} executions of {side.name} not over after {patience_s:.0f} s\n")
    return max(left, 0)


def figure(rounds: Sequence[Round]) -> Figure:
    def median(name: str) -> float:
        return statistics.median(getattr(one, name) for one in rounds)

    costs = [one.cpu_ms for one in rounds]
    middle = median("cpu_ms")
    return Figure(
        rounds=len(rounds),
        executions=sum(one.executions for one in rounds),
        cpu_ms=middle,
        spread=(max(costs) - min(costs)) / middle if middle else 0.0,
        finished_per_s=median("finished_per_s"),
        p50_ms=median("p50_ms"),
        p95_ms=median("p95_ms"),
        pss_mib=max(one.pss_mib for one in rounds),
        load=median("load"),
        bad=sum(one.bad for one in rounds),
        missing=sum(one.missing for one in rounds),
    )
