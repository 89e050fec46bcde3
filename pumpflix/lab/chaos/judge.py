"""The judgement: what the ledger and the rows say about everything that was accepted."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from executions_app import payload_codec
from pumpflix.lab.chaos import invariants
from pumpflix.lab.chaos.report import Verdict
from pumpflix.lab.chaos.truth import Truth
from pumpflix.lab.chaos.workload import LAST, End, Flow
from pumpflix.lab.ledger import Call, Ledger

RUNS = """
    SELECT e.id::text, e.status, e.trigger_items, e.error_code, e.error_text, n.output
      FROM executions_app_execution e
      LEFT JOIN executions_app_noderun n ON n.execution_id = e.id AND n.node = %s AND n.status = 'success'
     WHERE e.parent_id IS NULL AND e.workflow_id = ANY(%s::uuid[])
"""
CLAIMS = "SELECT id::text, epoch FROM executions_app_execution"
RECORDED = """
    SELECT execution_id::text, node, run_index, finished_at FROM executions_app_noderun WHERE status = 'success'
"""
# Events are only ever added, so a second end of one turn shows even where its row was written over.
ENDS_TOLD = """
    SELECT execution_id::text, node, body FROM executions_app_executionevent WHERE type = 'node_run_finished'
"""


@dataclass
class Case:
    """One execution to be. `accepted_at` is when its sender got a 2xx (seconds since 1970), 0 before."""

    id: str
    flow: Flow
    workflow_id: str
    value: int
    by_api: bool = False
    accepted_at: float = 0.0
    statuses: list[int] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def end(self) -> End:
        return self.flow.end(self.value)

    @property
    def body(self) -> dict[str, Any]:
        return {"case": self.id, "value": self.value}


@dataclass(frozen=True)
class Run:
    """A row, as far as it concerns its case."""

    id: str
    status: str
    error: str
    value: Any


def judge(verdict: Verdict, truth: Truth, book: Ledger, cases: Sequence[Case]) -> None:
    """Adds to the verdict what became of the cases."""
    calls = book.calls("/effect")
    runs = runs_of(truth, cases)
    by_case: dict[str, Counter[tuple[str, int, Any]]] = defaultdict(Counter)
    for call in calls:
        told: Any = orjson.loads(call.body)
        by_case[told["case"]][(call.node, call.run_index, told["value"])] += 1
    for case in cases:
        found = problem_of(case, runs.get(case.id, []), by_case[case.id])
        if found:
            verdict.lost += 1
            verdict.check("lost", False, f"{case.id} ({', '.join(sorted(case.flow.kinds))}) {found}")
    again = rerun(truth, calls)
    verdict.rerun += len(again)
    verdict.check("re-run", not again, again[:5])
    often = too_often(truth, calls)
    verdict.check("one repeated call per lost lease", not often, often[:5])
    verdict.executions += len(cases)
    verdict.duplicates += len(calls) - len({call.key for call in calls})
    verdict.check("within the duplicates allowed", verdict.duplicates <= verdict.allowed, verdict.duplicates)
    for name, ids in invariants.broken(truth).items():
        verdict.check(name, False, ids[:5])


def runs_of(truth: Truth, cases: Sequence[Case]) -> dict[str, list[Run]]:
    """By case, the executions that were made of it."""
    workflows = list({case.workflow_id for case in cases})
    found: dict[str, list[Run]] = defaultdict(list)
    for run_id, status, items, code, text, output in truth.rows(RUNS, (LAST, workflows)):
        case = _case_in(items)
        value = None if output is None else _first_item(output)
        found[case].append(Run(run_id, status, f"{code} {text}".strip(), value))
    return found


def problem_of(case: Case, runs: list[Run], effects: "Counter[tuple[str, int, Any]]") -> str:
    """Why this case did not come to its right end; empty when it did."""
    if not case.accepted_at:
        return f"was never accepted: {case.statuses[-10:]}"
    if len(runs) != 1:
        return f"has {len(runs)} executions"
    (run,) = runs
    end = case.end
    if run.status != "success":
        return f"{run.id} ended {run.status} {run.error[:200]}"
    if run.value != {"case": case.id, "value": end.value}:
        return f"{run.id} put out {run.value}, not {end.value}"
    missing = set(end.effects) - set(effects)
    odd = set(effects) - set(end.effects)
    return f"{run.id} effects missing {sorted(missing)[:3]}, odd {sorted(odd)[:3]}" if missing or odd else ""


def too_often(truth: Truth, calls: Sequence[Call]) -> list[str]:
    """Executions with more repeated calls than lost leases. Each loss may repeat the one call that was under way: these
    flows have one item at a time, and a barrier before each call."""
    claims: dict[str, int] = dict(truth.rows(CLAIMS))
    seen: set[str] = set()
    repeated: Counter[str] = Counter()
    for call in calls:
        if call.key in seen:
            repeated[call.execution] += 1
        seen.add(call.key)
    return [
        f"{execution} repeated {times} calls in {claims.get(execution, 0)} claims"
        for execution, times in repeated.items()
        if times >= max(1, claims.get(execution, 0))
    ]


def rerun(truth: Truth, calls: Sequence[Call]) -> list[str]:
    """Turns that were carried out again after their result was on record."""
    ended: dict[tuple[str, str, int], datetime] = {
        (execution, node, run): finished for execution, node, run, finished in truth.rows(RECORDED)
    }
    found = []
    for call in calls:
        finished = ended.get((call.execution, call.node, call.run_index))
        if finished is not None and call.at > finished.timestamp():
            found.append(f"{call.key} called {call.at - finished.timestamp():.3f} s after its record")
    told = Counter(
        (execution, node, orjson.loads(bytes(body))["runIndex"]) for execution, node, body in truth.rows(ENDS_TOLD)
    )
    return found + [f"{turn} ended {times} times" for turn, times in told.items() if times > 1]


def _case_in(items: Any) -> str:
    if items is None:
        return ""
    given = payload_codec.decode(items)[0]["json"]
    return str((given.get("body") or given).get("case", ""))


def _first_item(output: Any) -> Any:
    outputs = payload_codec.decode(output)
    return outputs[0][0]["json"] if outputs and outputs[0] else None
