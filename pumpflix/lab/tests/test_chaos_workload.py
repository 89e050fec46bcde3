"""The campaign's own arithmetic: what it sends, what it expects, and what it counts."""

import re
from random import Random

import pytest

from pumpflix.lab.chaos import faults, report
from pumpflix.lab.chaos.workload import Branch, Call, Flow, Loop, Sub, Wait, flows, graph_of

pytestmark = pytest.mark.engine

DOUBLE, ADD = Call("Double", 2, 0), Call("Add", 1, 10)


def test_the_end_of_a_chain_and_its_effects() -> None:
    end = Flow("p", (DOUBLE, Wait("Pause", 1), ADD)).end(5)
    assert end.value == 21
    assert end.effects == [("Begin", 0, 5), ("Double", 0, 10), ("Add", 0, 20), ("Last", 0, 21)]


@pytest.mark.parametrize("value, ends", [(4, 9), (5, 16)], ids=["even", "odd"])
def test_a_branch_takes_one_arm(value: int, ends: int) -> None:
    assert Flow("p", (Branch("If", (DOUBLE,), (ADD,)),)).end(value).value == ends


def test_a_loop_calls_once_a_round_and_sums_up() -> None:
    end = Flow("p", (Loop("Loop", 3, DOUBLE),)).end(10)
    assert end.effects == [("Begin", 0, 10), ("Double", 0, 20), ("Double", 1, 22), ("Double", 2, 24), ("Last", 0, 67)]


def test_a_called_workflow_has_its_effects_too() -> None:
    assert ("Add", 0, 11) in Flow("p", (Sub("Sub", (ADD,)),)).end(1).effects


def test_the_same_seed_makes_the_same_flows() -> None:
    one, other = (flows(Random(7), 100, prefix="p") for _ in range(2))
    assert one == other
    shares = {kind: sum(kind in flow.kinds for flow in one) for kind in ("Branch", "Loop", "Wait", "Sub")}
    assert shares == {"Branch": 30, "Loop": 10, "Wait": 10, "Sub": 10}


def test_flows_have_five_to_twenty_nodes_and_their_names_are_unique() -> None:
    for flow in flows(Random(7), 200, prefix="p"):
        graph = graph_of(flow, "http://127.0.0.1:1", {sub.name: "id" for sub in flow.subs})
        names = [node["name"] for node in graph["nodes"]]
        assert 5 <= len(names) <= 20
        assert len(set(names)) == len(names)


def test_the_same_seed_makes_the_same_plan() -> None:
    one, other = (faults.plan(Random(7), 50, pause_s=(0.5, 3)) for _ in range(2))
    assert one == other
    assert {stroke.target for stroke in one} <= {*faults.WORKERS, *faults.OTHERS}
    assert sum(stroke.target in faults.WORKERS for stroke in one) == 45


def test_the_last_line_is_for_scripts() -> None:
    verdicts = [
        report.Verdict("a", 1, executions=10, kills=2, duplicates=1, allowed=64, gaps=[1.0, 2.0]),
        report.Verdict("b", 1, executions=5, kills=1, gaps=[3.0]),
    ]
    line = report.last_line(verdicts)
    assert line == "chaos: 15 executions, 3 kills, 0 lost, 0 re-run, 1 duplicates of 64 allowed, recovery p95 2.9 s"
    pattern = (
        r"chaos: \d+ executions, \d+ kills, \d+ lost, \d+ re-run, \d+ duplicates of \d+ allowed, recovery p95 [\d.]+ s"
    )
    assert re.fullmatch(pattern, line)


def test_whatever_is_not_as_promised_fails_the_profile() -> None:
    verdict = report.Verdict("a", 1)
    verdict.check("lost", True)
    assert verdict.is_kept
    verdict.check("lost", False, "case 3")
    assert (verdict.is_kept, verdict.wrong) == (False, ["lost: case 3"])
