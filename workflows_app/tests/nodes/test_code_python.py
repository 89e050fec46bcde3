"""Python in the Code node: what it prints, keeps, passes on and refuses."""

from dataclasses import replace
from typing import Any

import pytest

from workflows_app.engine.events import LogWritten
from workflows_app.engine.items import Item
from workflows_app.tests.nodes.support import Result, World, one_node, run_workflow

pytestmark = pytest.mark.nodes

EACH = "runOnceForEachItem"


def run_python(
    code: str, *items: Any, language: str = "python", mode: str = "runOnceForAllItems", **extra: Any
) -> Result:
    parameters = {"language": language, "pythonCode": code, "mode": mode}
    return one_node("code", 2, parameters, [list(items) or [{}]], **extra)


def error_of(result: Result) -> dict[str, Any]:
    assert result.error is not None
    return result.error


def test_prints_become_log_lines() -> None:
    result = run_python("import sys\nprint('a', 1)\nprint('b', file=sys.stderr)\nreturn []")
    lines = [(event.level, event.text) for event in result.events if isinstance(event, LogWritten)]
    assert lines == [("info", "a 1"), ("error", "b")]


def test_a_failing_item_is_passed_on_where_the_node_says_so() -> None:
    code = "if _json.n == 2:\n    raise ValueError('no')\nreturn {'n': _json.n}"
    result = run_python(code, {"n": 1}, {"n": 2}, {"n": 3}, mode=EACH, onError="continueRegularOutput")
    assert [entry.get("n") for entry in result.json("Node")] == [1, None, 3]
    assert result.json("Node")[1]["error"] == "ValueError: no [line 2, for item 1]"
    assert [item.paired[0].item for item in result.items("Node") if item.paired] == [0, 1, 2]


def test_an_error_tells_the_line_and_what_to_change() -> None:
    error = error_of(run_python("x = 1\nreturn [x]"))
    assert error["message"] == "The code returned an int as an item [item 0]"
    assert 'return [{"json"' in str(error)


def test_files_pass_through_by_reference() -> None:
    world = World()
    item = {"json": {}, "binary": {"doc": {"data": "aGVsbG8=", "mimeType": "text/plain"}}}
    result = run_python("return _items", item, world=world, language="pythonNative")
    assert world.shelf.get(result.items("Node")[0].binary["doc"].ref) == b"hello"
    assert len(world.shelf.bytes) == 1


def test_code_without_text_of_its_own_passes_items_on() -> None:
    result = one_node("code", 2, {"language": "pythonNative"}, [[{"n": 1}]])
    assert result.json("Node") == [{"n": 1}]


def test_the_zone_of_the_workflow_is_the_zone_of_now() -> None:
    result = run_python("return {'zone': str(_now.tzinfo)}", settings={"timezone": "Asia/Tokyo"})
    assert result.json("Node") == [{"zone": "Asia/Tokyo"}]


class Kept:
    """Static data in memory."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {"global": {"n": 1}}

    def get(self, scope: str) -> dict[str, Any]:
        return self.values.get(scope, {})

    def put(self, site: Any, scope: str, value: dict[str, Any]) -> None:
        self.values[scope] = value


@pytest.mark.parametrize(
    "parameters",
    [
        {"language": "python", "pythonCode": "data = _getWorkflowStaticData('global')\ndata.n += 1\nreturn []"},
        {"jsCode": "const data = $getWorkflowStaticData('global'); data.n += 1; return [];"},
    ],
    ids=["python", "javascript"],
)
@pytest.mark.parametrize("mode, kept", [("webhook", {"n": 2}), ("manual", {"n": 1})])
def test_static_data_is_kept_except_by_runs_started_by_hand(parameters, mode, kept) -> None:
    world = World()
    state = Kept()
    world.ports = replace(world.ports, state=state)
    raw = {
        "nodes": [
            {"name": "Start", "type": "n8n-nodes-base.manualTrigger", "position": [0, 0], "parameters": {}},
            {
                "name": "N",
                "type": "n8n-nodes-base.code",
                "typeVersion": 2,
                "position": [9, 0],
                "parameters": parameters,
            },
        ],
        "connections": {"Start": {"main": [[{"node": "N", "type": "main", "index": 0}]]}},
    }
    assert run_workflow(raw, world, items=[Item(json={})], mode=mode).status == "success"
    assert state.values == {"global": kept}
