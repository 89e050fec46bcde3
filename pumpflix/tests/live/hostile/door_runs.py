"""Doors that store a workflow and run it."""

from typing import Any

from pumpflix.tests.live.hostile.doors import each
from pumpflix.tests.live.hostile.entries import Case, Outcome
from pumpflix.tests.live.hostile.stage import Stage, body_of
from pumpflix.tests.live.hostile.wire import code_in
from workflows_app.tests.graphs import chain, node

START = node("Start", "manualTrigger")


@each("graph")
def graph(stage: Stage, case: Case) -> Outcome:
    """Store `graph`, or a chain of `nodes` behind a start, and run it. The status of the answer that refuses it, else
    that of the run, with the code of what went wrong."""
    given = case.given
    made = given.get("graph") or chain(START, *(whole(one, number) for number, one in enumerate(given["nodes"])))
    if "limit_s" in given:
        made["settings"] = {"executionOrder": "v1", "executionTimeout": given["limit_s"]}
    body = body_of({"name": "Bad", "graph": made})
    if given.get("run") == "publish":
        return published(stage, body)
    stored = stage.own.http.post("/api/workflows", content=body, headers=json_of(stage))
    if stored.status_code != 201 or given.get("run") is False:
        return Outcome(str(stored.status_code), code_in(stored.text), stored.text)
    return run(stage, stored.json()["id"], given.get("input", {}))


def published(stage: Stage, body: bytes) -> Outcome:
    """Stored and switched on; what the second says."""
    stored = stage.own.http.post("/api/workflows", content=body, headers=json_of(stage))
    if stored.status_code != 201:
        return Outcome(str(stored.status_code), code_in(stored.text), stored.text)
    path = f"/api/workflows/{stored.json()['id']}"
    answer = stage.own.http.post(f"{path}/publish", headers=stage.own.bearer)
    stage.own.http.post(f"{path}/unpublish", headers=stage.own.bearer)
    return Outcome(str(answer.status_code), code_in(answer.text), answer.text)


def json_of(stage: Stage) -> dict[str, str]:
    return {**stage.own.bearer, "Content-Type": "application/json"}


def whole(given: dict[str, Any], number: int) -> dict[str, Any]:
    """A node as the entry writes it down: the rest of it is usual."""
    return {
        "name": f"N{number}", "typeVersion": 1, "position": [0, 0], "parameters": {}, "id": str(number), **given
    }  # fmt: skip


def run(stage: Stage, workflow_id: str, given: Any) -> Outcome:
    started = stage.own.http.post(
        f"/api/workflows/{workflow_id}/execute", content=body_of({"input": given}), headers=json_of(stage)
    )
    if started.status_code != 202:
        return Outcome(str(started.status_code), code_in(started.text), started.text)
    execution_id = started.json()["executionId"]
    ended = stage.own.ended(execution_id)
    if ended["status"] in ("waiting", "hang"):
        stage.own.http.post(f"/api/executions/{execution_id}/cancel", headers=stage.own.bearer)
    error = ended.get("error") or {}
    return Outcome(ended["status"], error.get("code", ""), f"{error.get('message', '')}\n{shown(stage, execution_id)}")


def shown(stage: Stage, execution_id: str) -> str:
    """The data of the last node."""
    answer = stage.own.http.get(f"/api/executions/{execution_id}/data?limit=20", headers=stage.own.bearer)
    return answer.text[:200_000] if answer.status_code != 404 else ""
