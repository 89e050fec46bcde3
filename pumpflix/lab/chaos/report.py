"""What a profile found, and the line a script reads."""

import statistics
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Verdict:
    """`wrong` says what is not as promised; a profile passes when it is empty. `figures` are for the reader."""

    profile: str
    seed: int
    executions: int = 0
    kills: int = 0
    lost: int = 0
    rerun: int = 0
    duplicates: int = 0
    allowed: int = 0
    gaps: list[float] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def check(self, name: str, holds: bool, detail: object = "") -> None:
        if not holds:
            self.wrong.append(f"{name}: {detail}" if detail != "" else name)

    @property
    def is_kept(self) -> bool:
        return not self.wrong

    def to_json(self) -> dict[str, Any]:
        return {
            "profile": self.profile,
            "seed": self.seed,
            "kept": self.is_kept,
            "executions": self.executions,
            "kills": self.kills,
            "lost": self.lost,
            "rerun": self.rerun,
            "duplicates": self.duplicates,
            "allowed": self.allowed,
            "recovery_s": spread(self.gaps),
            "seconds": round(self.seconds, 1),
            **self.figures,
            "wrong": self.wrong[:20],
        }


def percentile(values: list[float], share: float) -> float:
    """0 for no values."""
    if not values:
        return 0.0
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def spread(values: list[float]) -> dict[str, float]:
    points = {"p50": percentile(values, 0.5), "p95": percentile(values, 0.95), "max": max(values, default=0.0)}
    return {name: round(value, 3) for name, value in points.items()} | {"n": len(values)}


def last_line(verdicts: list[Verdict]) -> str:
    gaps = [gap for verdict in verdicts for gap in verdict.gaps]
    return (
        f"chaos: {sum(one.executions for one in verdicts)} executions, {sum(one.kills for one in verdicts)} kills, "
        f"{sum(one.lost for one in verdicts)} lost, {sum(one.rerun for one in verdicts)} re-run, "
        f"{sum(one.duplicates for one in verdicts)} duplicates of {sum(one.allowed for one in verdicts)} allowed, "
        f"recovery p95 {percentile(gaps, 0.95):.1f} s"
    )
