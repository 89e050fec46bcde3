"""Doors where several workflows or several people are in it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pumpflix.tests.live.hostile.door_runs import run
from pumpflix.tests.live.hostile.doors import each
from pumpflix.tests.live.hostile.entries import Case, Outcome
from pumpflix.tests.live.hostile.stage import Stage
from pumpflix.tests.live.hostile.wire import code_in
from workflows_app.tests.graphs import chain, node


def caller(called: Any) -> dict[str, Any]:
    """A workflow that calls another one, when started and when called."""
    call = node("Call", "executeWorkflow", 1.1, workflowId=called, options={})
    graph = chain(node("Start", "manualTrigger"), call)
    graph["nodes"].append(node("Called", "executeWorkflowTrigger", 1))
    graph["connections"]["Called"] = graph["connections"]["Start"]
    return graph


def change(stage: Stage, workflow_id: str, graph: dict[str, Any]) -> None:
    stage.own.call("PATCH", f"/api/workflows/{workflow_id}", {"graph": graph})


def itself(stage: Stage) -> str:
    made = stage.own.made(caller(""))
    change(stage, made, caller(made))
    return made


def each_other(stage: Stage) -> str:
    first = stage.own.made(caller(""))
    change(stage, first, caller(stage.own.made(caller(first))))
    return first


def deep(stage: Stage) -> str:
    """Eleven below one another, the last of which calls one that does nothing."""
    called = stage.own.made(chain(node("Called", "executeWorkflowTrigger", 1), node("End", "noOp")))
    for _ in range(11):
        called = stage.own.made(caller(called))
    return called


def another_team_s(stage: Stage) -> str:
    return stage.own.made(caller(stage.names["other.workflow"]))


CALLS: dict[str, Callable[[Stage], str]] = {
    "itself": itself, "each other": each_other, "deep": deep, "another team's": another_team_s,
}  # fmt: skip


@each("calls", at_once=2)
def calls(stage: Stage, case: Case) -> Outcome:
    return run(stage, CALLS[case.given["it"]](stage), {})


@each("editors", at_once=1)
def editors(stage: Stage, case: Case) -> Outcome:
    """Two who save over the same state: the second is told, and nothing of the first is lost."""
    made = stage.own.made(chain(node("Start", "manualTrigger"), name="To edit"))
    path = f"/api/workflows/{made}"
    version = stage.own.call("GET", path)["lockVersion"]

    def save(name: str) -> Any:
        body = {"name": name, "lockVersion": version}
        return stage.own.http.patch(path, json=body, headers=stage.own.bearer)

    with ThreadPoolExecutor(2 if case.given["it"] == "two at once" else 1) as pool:
        answers = list(pool.map(save, ["first", "second"]))
    kept = stage.own.call("GET", path)["name"]
    good, bad = sorted(answers, key=lambda answer: answer.status_code)
    assert good.json()["name"] == kept, "what was answered with 200 is what stands there"
    return Outcome(str(bad.status_code), code_in(bad.text), bad.text)
