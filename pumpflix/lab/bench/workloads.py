"""Which workloads there are, how each is called, and what a right answer holds."""

import json
from dataclasses import dataclass
from pathlib import Path

from pumpflix.lab.bench.load import BODY

# The first step of the goals: on these a third of n8n's best at most.
JUDGED = ("w1_ping", "w2_chain10", "w5_loop", "w6_async", "w8_code")
BIG_ITEMS = 100_000


@dataclass(frozen=True, slots=True)
class Workload:
    """`most` requests of a round; `warm` of them before it are not counted."""

    name: str
    connections: int
    most: int
    warm: int
    expect: str = ""
    is_big: bool = False

    @property
    def short(self) -> str:
        return self.name.partition("_")[0]

    @property
    def body(self) -> bytes:
        return big_body() if self.is_big else BODY


ALL = (
    Workload("w1_ping", 10, 1_500, 100, '"sum":'),
    Workload("w2_chain10", 10, 500, 50, "ADA KING LOVELACE / ada-king-lovelace#"),
    Workload("w3_items", 1, 3, 1, '"sum_score":294340'),
    Workload("w4_http", 10, 150, 20, '"i":"19"'),
    Workload("w5_loop", 10, 60, 10, "39601"),
    Workload("w6_async", 50, 1_500, 100),
    Workload("w7_big", 1, 1, 0, '"count":', is_big=True),
    Workload("w8_code", 10, 300, 30, '"h":"'),
    Workload("w9", 10, 100, 10),
    Workload("w10", 10, 100, 10),
)


def found_in(folder: Path, only: list[str]) -> list[Workload]:
    """Those that the folder holds, narrowed to the names or short names given."""
    there = [workload for workload in ALL if (folder / f"{workload.name}.json").is_file()]
    return [workload for workload in there if not only or {workload.name, workload.short} & set(only)]


def big_body() -> bytes:
    """About 20 MB: a hundred thousand orders."""
    filler = "x" * 110
    items = [
        {
            "id": number,
            "email": f"USER{number}@Mail.Example",
            "qty": number % 9 + 1,
            "price": number % 211,
            "note": filler,
        }
        for number in range(BIG_ITEMS)
    ]
    return json.dumps({"items": items}, separators=(",", ":")).encode()
