"""Doors for files: how they come out again, and archives that a node unpacks."""

import base64
from typing import Any

from pumpflix.tests.live.hostile.door_imports import FILES
from pumpflix.tests.live.hostile.door_runs import START
from pumpflix.tests.live.hostile.doors import each
from pumpflix.tests.live.hostile.entries import Case, Outcome
from pumpflix.tests.live.hostile.stage import Stage, body_of
from workflows_app.tests.graphs import chain, node


def item(data: bytes, name: str, mime_type: str) -> dict[str, Any]:
    file = {"data": base64.b64encode(data).decode(), "fileName": name, "mimeType": mime_type}
    return {"json": {}, "binary": {"data": file}}


def run_with(stage: Stage, given: dict[str, Any], *nodes: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The execution that was started with one item, and its id."""
    made = stage.own.made(chain(START, *nodes))
    headers = {**stage.own.bearer, "Content-Type": "application/json"}
    started = stage.own.http.post(
        f"/api/workflows/{made}/execute", content=body_of({"items": [given]}), headers=headers
    )
    if started.status_code != 202:
        return {"status": str(started.status_code), "error": {"message": started.text}}, ""
    execution_id = started.json()["executionId"]
    return stage.own.ended(execution_id), execution_id


@each("download")
def download(stage: Stage, case: Case) -> Outcome:
    """A file with a name and a type of somebody's choice, fetched by the API, by the page, and from a webhook's answer:
    the headers of all three."""
    name, mime_type = case.given.get("name", "x.html"), case.given.get("type", "text/html")
    ended, execution_id = run_with(stage, item(b"<script>alert(1)</script>", name, mime_type), node("Out", "noOp"))
    if ended["status"] != "success":
        return Outcome(ended["status"], text=str(ended["error"]))
    binary = stage.items_of(execution_id, "Out")[0]["binary"]["data"]
    query = {"node": "Out", "ref": binary["id"]}
    answers = [
        stage.own.http.get(f"/api/executions/{execution_id}/file", params=query, headers=stage.own.bearer),
        stage.browser.get(f"/executions/{execution_id}/file", params=query),
    ]
    for answer in answers:
        wrong = unsafe(answer.headers)
        if answer.status_code != 200 or wrong:
            return Outcome(str(answer.status_code), wrong, f"{answer.url} {dict(answer.headers)}")
    return Outcome("downloaded", text=str([dict(answer.headers) for answer in answers]))


def unsafe(headers: Any) -> str:
    """What would let a browser show the file in place of storing it."""
    if not headers.get("content-disposition", "").startswith("attachment"):
        return "shown"
    if headers.get("x-content-type-options") != "nosniff":
        return "sniffed"
    return "" if headers.get("content-type") == "application/octet-stream" else "typed"


@each("unpack", at_once=2)
def unpack(stage: Stage, case: Case) -> Outcome:
    """An archive, unpacked by the Compression node."""
    one = node("Unpack", "compression", 1.1, operation="decompress", binaryPropertyName="data", outputPrefix="file_")
    ended, _ = run_with(stage, item(FILES[case.given["it"]](), "x.zip", "application/zip"), one)
    error = ended.get("error") or {}
    return Outcome(ended["status"], error.get("code", ""), error.get("message", ""))
