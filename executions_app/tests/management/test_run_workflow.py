"""`manage.py run_workflow`: a file run from the command line, and cases answered line by line."""

import io
import json
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

pytestmark = pytest.mark.nodes

START = {"name": "Start", "type": "n8n-nodes-base.manualTrigger", "typeVersion": 1, "parameters": {}}
FAILS = "throw new Error('broken on purpose')"


def code(text: str, **own) -> dict:
    return {"name": "Made", "type": "n8n-nodes-base.code", "typeVersion": 2, "parameters": {"jsCode": text}, **own}


def saved(folder: Path, node: dict, **extra) -> Path:
    wires = {"Start": {"main": [[{"node": "Made", "type": "main", "index": 0}]]}}
    path = folder / "workflow.json"
    path.write_text(json.dumps({"nodes": [START, node], "connections": wires, **extra}))
    return path


def run(*args) -> list[str]:
    out = io.StringIO()
    call_command("run_workflow", *map(str, args), stdout=out)
    return out.getvalue().splitlines()


def stop():
    parameters = {"errorMessage": "broken on purpose"}
    return {**code(""), "type": "n8n-nodes-base.stopAndError", "typeVersion": 1, "parameters": parameters}


def test_events_are_told_line_by_line_and_the_output_last(tmp_path):
    lines = run(saved(tmp_path, code("console.log('hello'); return [{ json: { made: $input.all().length } }]")))
    assert lines[0] == "started at Start"
    assert lines[1].split()[:4] == ["0", "Start", "->", "1"]
    assert lines[2].split() == ["Made", "info:", "hello"]
    assert lines[-2] == "finished: success"
    assert json.loads(lines[-1].removeprefix("output 0 of Made: "))[0]["json"] == {"made": 1}


def test_items_come_from_a_file(tmp_path):
    items = tmp_path / "items.json"
    items.write_text(json.dumps([{"a": 1}, {"json": {"a": 2}}]))
    workflow = saved(tmp_path, {**code(""), "type": "n8n-nodes-base.noOp", "parameters": {}})
    lines = run(workflow, "--items", items)
    assert [item["json"] for item in json.loads(lines[-1].partition(": ")[2])] == [{"a": 1}, {"a": 2}]


def test_start_destination_and_pinned_data(tmp_path):
    workflow = saved(tmp_path, code(FAILS), pinData={"Made": [{"pinned": True}]})
    assert "pinned" in run(workflow, "--pinned")[-1]
    assert "Start" in run(workflow, "--to", "Start")[-1]
    assert "pinned" in run(workflow, "--start", "Made", "--pinned")[-1]


def test_tries_failures_and_what_went_on_are_told(tmp_path):
    kept = code(FAILS, onError="continueRegularOutput", retryOnFail=True, maxTries=2, waitBetweenTries=1)
    lines = run(saved(tmp_path, kept))
    assert lines[-2] == "finished: success"
    assert "broken on purpose" in lines[-1]


@pytest.mark.parametrize(
    "node,words",
    [
        (lambda: code(FAILS), ["FAILED:", "broken on purpose"]),
        (lambda: {**stop(), "onError": "continueRegularOutput"}, ["(failed, went on:", "finished: error"]),
    ],
    ids=["stop", "continue"],
)
def test_a_failure_is_told_and_ends_the_command_with_an_error(tmp_path, node, words):
    out = io.StringIO()
    with pytest.raises(CommandError, match="did not finish"):
        call_command("run_workflow", str(saved(tmp_path, node())), stdout=out)
    assert all(word in out.getvalue() for word in words)


class TestRefused:
    def test_no_file(self):
        with pytest.raises(CommandError, match="Name a workflow file"):
            run()

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(CommandError, match="cannot be read"):
            run(tmp_path / "none.json")

    def test_a_file_that_is_no_json(self, tmp_path):
        path = tmp_path / "bad.json"
        path.write_text("{")
        with pytest.raises(CommandError, match="is not JSON"):
            run(path)

    def test_a_file_that_is_no_workflow(self, tmp_path):
        path = tmp_path / "bad.json"
        path.write_text("[]")
        with pytest.raises(CommandError, match="A workflow is a JSON object"):
            run(path)


def test_cases_are_answered_one_a_line(monkeypatch):
    class Text:
        def __init__(self, data: bytes = b""):
            self.buffer = io.BytesIO(data)

    case = {"id": 1, "kind": "expression", "expression": "={{ 6 * 7 }}", "node": "A", "item_index": 0}
    out = Text()
    monkeypatch.setattr(sys, "stdin", Text(json.dumps(case).encode() + b"\n\n" + b'{"id": 2}\n'))
    monkeypatch.setattr(sys, "stdout", out)
    call_command("run_workflow", "--jsonl")
    assert [json.loads(line) for line in out.buffer.getvalue().splitlines()] == [
        {"id": 1, "value": 42},
        {"id": 2, "unsupported": True},
    ]
