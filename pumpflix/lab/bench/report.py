"""The table of workloads, and the line a script reads."""

import math
import platform
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pumpflix.lab.bench.rounds import Figure
from pumpflix.lab.bench.workloads import JUDGED

RECORDED = Path(__file__).with_name("recorded.toml")
THIRD = 1 / 3
COLUMNS = (
    "workload", "our CPU ms", "spread", "n8n CPU ms", "spread", "ratio", "ours/s", "n8n/s", "p50/p95", "PSS", "load",
    "n", "refused", "without success",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """`theirs` was measured in the same run, or is None where only the recorded cost is known."""

    workload: str
    ours: Figure
    theirs: Figure | None
    recorded_ms: float | None

    @property
    def their_ms(self) -> float | None:
        return self.theirs.cpu_ms if self.theirs is not None and self.theirs.executions else self.recorded_ms

    @property
    def ratio(self) -> float | None:
        return None if self.their_ms is None or not self.ours.executions else self.ours.cpu_ms / self.their_ms

    @property
    def is_missed(self) -> bool:
        """More than a third of theirs where that is the goal, a wrong answer, or a run without success."""
        too_much = self.workload in JUDGED and (self.ratio is None or self.ratio > THIRD)
        return too_much or self.ours.bad > 0 or self.ours.missing > 0 or not self.ours.executions


def recorded() -> dict[str, Any]:
    return tomllib.loads(RECORDED.read_text(encoding="utf-8"))


def rows(ours: Mapping[str, Figure], theirs: Mapping[str, Figure]) -> list[Row]:
    costs = recorded()["cpu_ms"]
    return [Row(name, figure, theirs.get(name), costs.get(name)) for name, figure in ours.items()]


def table(made: list[Row]) -> list[str]:
    """Markdown, so that it can be kept as it is. CPU is per execution, `p50/p95` in ms, PSS in MB."""
    lines = [
        f"| {' | '.join(COLUMNS)} |",
        f"|{'---|' * len(COLUMNS)}",
    ]
    for row in made:
        ours, theirs = row.ours, row.theirs
        their_rate = "" if theirs is None else f"{theirs.finished_per_s:.1f}"
        their_spread = "recorded" if theirs is None else f"{theirs.spread:.0%}"
        lines.append(
            f"| {row.workload} | {shown(ours.cpu_ms)} | {ours.spread:.0%} | {shown(row.their_ms)} | {their_spread} |"
            f" {'' if row.ratio is None else f'{row.ratio:.2f}'} | {ours.finished_per_s:.1f} | {their_rate} |"
            f" {ours.p50_ms:.0f} / {ours.p95_ms:.0f} | {ours.pss_mib:.0f} | {ours.load:.1f} | {ours.executions} |"
            f" {ours.bad} | {ours.missing} |"
        )
    return lines


def complaints(made: list[Row]) -> list[str]:
    """What did not end as it should, of either side: a cost without its work is no cost."""
    sides = [(row.workload, name, figure) for row in made for name, figure in (("ours", row.ours), ("n8n", row.theirs))]
    return [
        f"bench: {workload} {name}: {figure.missing} accepted without success, {figure.bad} refused or wrong"
        for workload, name, figure in sides
        if figure is not None and (figure.missing or figure.bad)
    ]


def shown(milliseconds: float | None) -> str:
    if milliseconds is None:
        return ""
    return f"{milliseconds:.0f}" if milliseconds >= 100 else f"{milliseconds:.1f}"


def heading(rounds: int, cores: int, theirs: str) -> str:
    today = datetime.now(UTC).date().isoformat()
    return f"{today}, {cores} cores, {platform.system()}, medians of {rounds}; n8n: {theirs}"


def last_line(made: list[Row]) -> str:
    """`bench: geometric mean ratio N, worst N (wX)`."""
    ratios = {row.workload: row.ratio for row in made if row.ratio}
    if not ratios:
        return "bench: nothing to compare with"
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    worst = max(ratios, key=lambda name: ratios[name])
    return f"bench: geometric mean ratio {mean:.2f}, worst {ratios[worst]:.2f} ({worst.partition('_')[0]})"
