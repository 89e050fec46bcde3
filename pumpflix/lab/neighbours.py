"""What somebody else's bombs do to a neighbour: `python -m pumpflix.lab.neighbours [--runs 100] [--bombers 1]`.

In one process, as in a worker: a team runs the same hostile code over and over, as often as it is let, while another
team runs a small workflow of five nodes. Told for each bomb: how it ended, how long after its limit, and how much
slower the neighbour's runs became. The last line is one JSON object; the exit status says whether all bars were kept.
"""

import argparse
import json
import os
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pumpflix.settings")
django.setup()

from executions_app.adapters.code import CodeAdapter  # noqa: E402 - Django must be set up first
from executions_app.adapters.local import MemoryPayloads, SystemClock  # noqa: E402
from pumpflix.lib.sandbox import CodePool, SandboxError  # noqa: E402
from workflows_app import nodes  # noqa: E402
from workflows_app.engine.events import ExecutionFinished  # noqa: E402
from workflows_app.engine.items import items_from_json  # noqa: E402
from workflows_app.engine.plan import compile_workflow, make_plan  # noqa: E402
from workflows_app.engine.ports import Ports  # noqa: E402
from workflows_app.engine.run import run  # noqa: E402
from workflows_app.engine.workflow import Workflow  # noqa: E402

LIMIT_S = 2.0
AFTER_LIMIT_S = 2.0
SLOWER = 1.5
MEMORY_MB = 64
LEAST_TIMES = 3
EXPRESSION_LIMIT_S = 1.0

JAVASCRIPT = {
    "loop": "while (true) {}",
    "regular expression": "return [{ json: { a: /^(a+)+$/.test('a'.repeat(40) + '!') } }];",
    "memory": "const all = []; while (true) all.push({ a: 1, b: [all.length] });",
    "memory beside the heap": "const all = []; while (true) all.push(new Uint8Array(1e7).fill(1));",
    "100 MB of console": "for (let i = 0; i < 1e5; i++) console.log('x'.repeat(1000)); return [];",
    "promises without end": "const f = async () => { f(); f(); await 0; }; while (true) await f();",
}
PYTHON = {
    "loop": "while True: pass",
    "regular expression": "import re\nre.match('^(a+)+$', 'a' * 40 + '!')",
    "memory": "all = []\nwhile True: all.append('x' * 1000000 + str(len(all)))",
    "100 MB of console": "for i in range(100000): print('x' * 1000)\nreturn []",
    "fork bomb": "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
    "threads without end": (
        "import threading, time\nwhile True:\n    try:\n"
        "        threading.Thread(target=time.sleep, args=(60,)).start()\n    except RuntimeError:\n        pass"
    ),
}
EXPRESSIONS = {
    "loop": "{{ (() => { while (true) {} })() }}",
    "regular expression": "{{ /^(a+)+$/.test('a'.repeat(40) + '!') }}",
    "memory": "{{ (() => { const a = []; while (true) a.push([a.length, {}]); })() }}",
}

NEIGHBOUR = {
    "nodes": [
        {"id": "1", "name": "Start", "type": "n8n-nodes-base.webhook", "typeVersion": 2, "parameters": {"path": "x"}},
        {"id": "2", "name": "Words", "type": "n8n-nodes-base.code", "typeVersion": 2,
         "parameters": {"jsCode": "return $json.body.text.split(' ').map((word) => ({ json: { word } }));"}},
        {"id": "3", "name": "Long", "type": "n8n-nodes-base.filter", "typeVersion": 2,
         "parameters": {"conditions": {"options": {}, "combinator": "and", "conditions": [
             {"leftValue": "={{ $json.word.match(/./g).length }}", "rightValue": 3,
              "operator": {"type": "number", "operation": "gt"}}]}}},
        {"id": "4", "name": "Upper", "type": "n8n-nodes-base.set", "typeVersion": 3.4,
         "parameters": {"assignments": {"assignments": [
             {"id": "1", "name": "upper", "type": "string", "value": "={{ $json.word.toTitleCase() }}"}]}}},
        {"id": "5", "name": "All", "type": "n8n-nodes-base.aggregate", "typeVersion": 1,
         "parameters": {"aggregate": "aggregateAllItemData"}},
    ],
    "connections": {
        one: {"main": [[{"node": other, "type": "main", "index": 0}]]}
        for one, other in [("Start", "Words"), ("Words", "Long"), ("Long", "Upper"), ("Upper", "All")]
    },
    "settings": {"executionOrder": "v1"},
}  # fmt: skip


@dataclass
class Bomb:
    """One kind of hostile code and what became of its calls."""

    name: str
    language: str
    code: str
    limit_s: float
    ends: list[tuple[str, float]] = field(default_factory=list)

    @property
    def longest_s(self) -> float:
        return max((seconds for _, seconds in self.ends), default=0.0)

    def go_off(self, pool: CodePool) -> None:
        """One call. Whatever ends it is noted with its time; a call that simply returns is noted as `returned`."""
        started = time.monotonic()
        try:
            if self.language == "expression":
                header = {"kind": "expressions", "templates": [self.code], "wanted": [[0, 0]]}
                pool.evaluate(header, SCOPE, team="bomber", timeout_s=self.limit_s)
            else:
                pool.run_code(self.header(), SCOPE, team="bomber", timeout_s=self.limit_s, memory_mb=MEMORY_MB)
            ended = "returned"
        except SandboxError as error:
            ended = error.code
        self.ends.append((ended, time.monotonic() - started))

    def header(self) -> dict[str, Any]:
        return {"kind": "code", "language": self.language, "mode": "runOnceForAllItems", "code": self.code}


SCOPE = json.dumps({"items": [{"json": {}}], "node": {"name": "Code", "parameters": {}}, "nodes": {}}).encode()


def bombs() -> list[Bomb]:
    return [
        *(Bomb(name, "javaScript", code, LIMIT_S) for name, code in JAVASCRIPT.items()),
        *(Bomb(name, "python", code, LIMIT_S) for name, code in PYTHON.items()),
        *(Bomb(name, "expression", code, EXPRESSION_LIMIT_S) for name, code in EXPRESSIONS.items()),
    ]


class Neighbour:
    """Runs of a workflow of five nodes, one after the other."""

    def __init__(self, pool: CodePool) -> None:
        self.pool = pool
        self._compiled = compile_workflow(Workflow.from_n8n(NEIGHBOUR), nodes.load())

    def milliseconds(self, runs: int) -> list[float]:
        return [self._one() for _ in range(runs)]

    def _one(self) -> float:
        started = time.perf_counter()
        ports = Ports(clock=SystemClock(), code=CodeAdapter(self.pool, "neighbour"), payloads=MemoryPayloads())
        items = items_from_json([{"json": {"body": {"text": "the quick brown fox jumps over the lazy dog"}}}])
        last = list(run(make_plan(self._compiled, items=items, mode="webhook"), ports))[-1]
        if not isinstance(last, ExecutionFinished) or last.status != "success":
            raise RuntimeError(f"the neighbour's run ended in {last}")
        return (time.perf_counter() - started) * 1e3


def p95(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=20)[-1]


def beside(bomb: Bomb, pool: CodePool, neighbour: Neighbour, runs: int, bombers: int) -> list[float]:
    """The neighbour's times while the bomb goes off again and again, as many at a time as there are bombers."""
    over = threading.Event()

    def repeat() -> None:
        while not over.is_set():
            bomb.go_off(pool)

    threads = [threading.Thread(target=repeat) for _ in range(bombers)]
    for thread in threads:
        thread.start()
    try:
        times = neighbour.milliseconds(runs)
        while len(bomb.ends) < LEAST_TIMES:
            times += neighbour.milliseconds(1)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    return times


def verdict(bomb: Bomb, neighbour: Neighbour, runs: int, bombers: int) -> dict[str, Any]:
    """One row of the table. The neighbour alone is measured right before, so that other load counts on both sides."""
    alone = p95(neighbour.milliseconds(2 * runs))
    times = beside(bomb, neighbour.pool, neighbour, runs, bombers)
    slower = p95(times) / alone
    in_time = bomb.longest_s <= bomb.limit_s + AFTER_LIMIT_S
    return {
        "bomb": f"{bomb.language}: {bomb.name}",
        "ended": "/".join(sorted({end for end, _ in bomb.ends})),
        "times": len(bomb.ends),
        "longest_s": round(bomb.longest_s, 2),
        "alone_p95_ms": round(alone, 1),
        "beside_p50_ms": round(statistics.median(times), 1),
        "beside_p95_ms": round(p95(times), 1),
        "slower": round(slower, 2),
        "kept": in_time and slower < SLOWER,
    }


def line_of(row: dict[str, Any]) -> str:
    return (
        f"{row['bomb']:40} {row['ended'].replace('sandbox_', ''):18} {row['times']:5} {row['longest_s']:6.2f} s "
        f"{row['alone_p95_ms']:6.1f} ms {row['beside_p50_ms']:6.1f} ms {row['beside_p95_ms']:6.1f} ms "
        f"{row['slower']:5.2f}x {'' if row['kept'] else 'NOT KEPT'}\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="runs of the neighbour beside each bomb")
    parser.add_argument("--bombers", type=int, default=1, help="calls of the bomb at a time")
    parser.add_argument("--only", default="", help="bombs whose line holds these words")
    given = parser.parse_args()
    pool = CodePool(accept_reduced=True)
    rows = []
    try:
        neighbour = Neighbour(pool)
        pool.warm(python=True)
        neighbour.milliseconds(given.runs)
        sys.stdout.write(
            f"level: {pool.level}\n{'bomb':40} {'ended':18} times  longest alone p95 beside p50 p95  slower\n"
        )
        for bomb in bombs():
            if given.only in f"{bomb.language}: {bomb.name}":
                rows.append(verdict(bomb, neighbour, given.runs, given.bombers))
                sys.stdout.write(line_of(rows[-1]))
                sys.stdout.flush()
    finally:
        pool.close()
    kept = all(row["kept"] for row in rows)
    sys.stdout.write(json.dumps({"kept": kept, "rows": rows}) + "\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
