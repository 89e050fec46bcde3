"""Golden workflows: each `*.workflow.json` here is an n8n export of ours, run through the real engine and the real
code child. `pinData` of a node is what it must put out on output 0, over all its runs; files byte by byte.

Further expectations under `meta.golden`: `items` for the start node, `calls` recorded HTTP answers, `credentials` by
type, `sent` the requests and `asked` the questions to servers in order, `response` the webhook answer, `error` the
message of a run that must fail."""

import json
from pathlib import Path
from typing import Any

import pytest

from workflows_app.nodes import load
from workflows_app.tests.nodes.support import Result, World, run_workflow

pytestmark = pytest.mark.nodes

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.workflow.json"))


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))


@pytest.mark.parametrize("path", FILES, ids=[path.name.split(".")[0] for path in FILES])
def test_golden_workflow_puts_out_its_pinned_data(path: Path) -> None:
    raw = read(path)
    golden = raw.get("meta", {}).get("golden", {})
    world = World(golden.get("calls"), golden.get("credentials"), golden.get("files"), golden.get("tables"))
    items = [world.item(entry) for entry in golden["items"]] if "items" in golden else None
    result = run_workflow(raw, world, items=items, mode=golden.get("mode", "manual"))
    if "error" in golden:
        assert result.error is not None
        assert result.error["message"] == golden["error"]
    else:
        assert result.status == "success", result.error
    for name, expected in raw.get("pinData", {}).items():
        assert [fitted(world.shown(item), want) for item, want in pairs(result, name, expected)] == expected, name
    if "sent" in golden:
        assert [sent(request) for request in world.http.sent] == golden["sent"]
    if "asked" in golden:
        assert world.outside.asked == golden["asked"]
    if "mails" in golden:
        assert [mail(message) for message, _ in world.postman.sent] == golden["mails"]
    if "stored" in golden:
        assert world.store.texts() == golden["stored"]
    if "response" in golden:
        assert answered(world) == golden["response"]


def pairs(result: Result, name: str, expected: list[Any]) -> list[tuple[Any, Any]]:
    items = result.items(name)
    assert len(items) == len(expected), f"{name} put out {[item.json for item in items]}"
    return list(zip(items, expected, strict=True))


def fitted(shown: dict[str, Any], want: dict[str, Any]) -> dict[str, Any]:
    """Of each file only what the expectation names."""
    if "binary" not in want:
        return {"json": shown["json"]}
    binary = {
        name: {key: meta.get(key) for key in want["binary"].get(name, {})}
        for name, meta in shown.get("binary", {}).items()
    }
    return {"json": shown["json"], "binary": binary}


def sent(request: Any) -> dict[str, Any]:
    headers = {name: value for name, value in request.headers if name.lower() != "accept"}
    out: dict[str, Any] = {"method": request.method, "url": request.url}
    if headers:
        out["headers"] = headers
    return out | ({"body": request.body.decode()} if request.body else {})


def mail(message: Any) -> dict[str, Any]:
    """What was set of a mail; of attachments the names."""
    facts = {
        name: getattr(message, name) for name in ("sender", "to", "cc", "bcc", "reply_to", "subject", "text", "html")
    }
    files = [file.file_name for file in message.attachments]
    shown = {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items() if value}
    return shown | ({"attachments": files} if files else {})


def answered(world: World) -> dict[str, Any]:
    response = world.caller.response
    assert response is not None
    return {"status": response.status, "headers": dict(response.headers), "body": response.body.decode()}


def test_every_node_type_has_a_golden_workflow() -> None:
    used = {(node["type"], float(node["typeVersion"])) for path in FILES for node in read(path)["nodes"]}
    missing = [
        node_type.__name__
        for node_type in load().all()
        if not any((node_type.name, version) in used for version in node_type.versions)
    ]
    assert missing == []


@pytest.mark.parametrize("path", FILES, ids=[path.name.split(".")[0] for path in FILES])
def test_golden_workflow_is_a_complete_export(path: Path) -> None:
    raw = read(path)
    assert {"name", "nodes", "connections", "settings"} <= raw.keys()
    for node in raw["nodes"]:
        assert {"id", "name", "type", "typeVersion", "position", "parameters"} <= node.keys()
