"""Code: what it may ask of this process, and what it may hand back."""

import base64
from typing import Any

import pytest

from workflows_app.engine.events import LogWritten
from workflows_app.tests.nodes.support import NOW, Result, World, one_node

pytestmark = pytest.mark.nodes


def run_code(code: str, *items: Any, world: World | None = None, mode: str = "", **extra: Any) -> Result:
    parameters = {"jsCode": code} | ({"mode": mode} if mode else {})
    return one_node("code", 2, parameters, [list(items) or [{}]], world=world, **extra)


def call(body: str, status: int = 200, method: str = "GET", url: str = "https://api.example/x") -> dict[str, Any]:
    recorded = {"status": status, "headers": {"Content-Type": "application/json"}, "body": body}
    return {"fingerprint": {"method": method, "url": url}, "response": recorded}


def test_request_goes_out_through_the_port() -> None:
    world = World([call('{"n": 7}', method="POST", url="https://api.example/x?a=1")])
    code = """const answer = await this.helpers.httpRequest({ method: 'POST', url: 'https://api.example/x',
      qs: { a: 1 }, headers: { 'X-A': 'b' }, body: { n: 1 }, timeout: 2000 });
    return [{ json: answer }];"""
    assert run_code(code, world=world).json("Node") == [{"n": 7}]
    sent = world.http.sent[0]
    assert (sent.body, sent.timeout_s, dict(sent.headers)) == (
        b'{"n":1}', 2.0, {"X-A": "b", "Content-Type": "application/json"},
    )  # fmt: skip


def test_full_answer_and_form() -> None:
    world = World([call("plain", status=404, method="POST")])
    code = """const answer = await this.helpers.httpRequest({ method: 'POST', url: 'https://api.example/x',
      form: { a: 'b c' }, returnFullResponse: true, ignoreHttpStatusErrors: true });
    return [{ json: { status: answer.statusCode, body: answer.body } }];"""
    assert run_code(code, world=world).json("Node") == [{"status": 404, "body": "plain"}]
    assert world.http.sent[0].body == b"a=b%20c"


def test_error_status_can_be_caught_by_the_code() -> None:
    world = World([call("{}", status=500)])
    code = """try { await this.helpers.httpRequest({ url: 'https://api.example/x' }); }
    catch (error) { return [{ json: { caught: error.message } }]; }"""
    assert run_code(code, world=world).json("Node") == [{"caught": "https://api.example/x answered with 500."}]


def test_request_without_an_address_is_refused() -> None:
    result = run_code("await this.helpers.httpRequest({}); return [];")
    assert result.error is not None
    assert "no url" in result.error["message"]


def test_code_reads_files() -> None:
    item = {"json": {}, "binary": {"doc": {"data": base64.b64encode(b"hello").decode(), "mimeType": "text/plain"}}}
    code = """const buffer = await this.helpers.getBinaryDataBuffer(0, 'doc');
    return [{ json: { text: buffer.toString('utf8') } }];"""
    assert run_code(code, item).json("Node") == [{"text": "hello"}]


def test_reading_a_file_that_is_not_there_is_an_error() -> None:
    result = run_code("await this.helpers.getBinaryDataBuffer(3, 'doc'); return [];")
    assert result.error is not None
    assert "no item 3" in result.error["message"]


def test_files_pass_through_by_reference() -> None:
    item = {"json": {}, "binary": {"doc": {"data": base64.b64encode(b"hello").decode(), "mimeType": "text/plain"}}}
    world = World()
    result = run_code("return $input.all();", item, world=world)
    assert world.shelf.get(result.items("Node")[0].binary["doc"].ref) == b"hello"
    assert len(world.shelf.bytes) == 1


def test_a_file_that_is_not_base64_is_an_error() -> None:
    result = run_code("return [{ json: {}, binary: { a: { data: 'x', mimeType: 'text/plain' } } }];")
    assert result.error is not None
    assert "base64" in result.error["message"]


def test_console_becomes_log_lines() -> None:
    result = run_code("console.log('a', 1); console.warn('b'); return [];")
    lines = [(event.level, event.text) for event in result.events if isinstance(event, LogWritten)]
    assert lines == [("info", "a 1"), ("warn", "b")]


def test_a_pause_moves_the_clock() -> None:
    world = World()
    run_code("await new Promise((done) => setTimeout(done, 1500)); return [];", world=world)
    assert (world.clock.now() - NOW).total_seconds() == 1.5


def test_a_failing_item_is_passed_on_where_the_node_says_so() -> None:
    code = "if ($json.n === 2) throw new Error('no'); return { n: $json.n };"
    result = run_code(code, {"n": 1}, {"n": 2}, {"n": 3}, mode="runOnceForEachItem", onError="continueRegularOutput")
    out = result.json("Node")
    assert [entry.get("n") for entry in out] == [1, None, 3]
    assert "no" in out[1]["error"]
    assert [item.paired[0].item for item in result.items("Node") if item.paired] == [0, 1, 2]


def test_a_failing_item_ends_the_run_otherwise() -> None:
    result = run_code("throw new Error('no')", {"n": 1}, mode="runOnceForEachItem")
    assert result.error is not None
    assert result.error["message"].startswith("no")


def test_paired_item_of_the_author_counts() -> None:
    code = "return [{ json: {}, pairedItem: 1 }, { json: {}, pairedItem: { item: 0 } }];"
    result = run_code(code, {"n": 1}, {"n": 2})
    assert [item.paired[0].item for item in result.items("Node") if item.paired] == [1, 0]


@pytest.mark.parametrize("mode,count", [("runOnceForAllItems", 1), ("runOnceForEachItem", 2)])
def test_an_error_inside_the_code_becomes_its_output_where_the_node_goes_on(mode, count) -> None:
    answer = run_code("throw new Error('no')", {"n": 1}, {"n": 2}, mode=mode, onError="continueRegularOutput")
    assert [entry["error"][:2] for entry in answer.json("Node")] == ["no"] * count


@pytest.mark.parametrize("mode", ["runOnceForAllItems", "runOnceForEachItem"])
def test_an_answer_of_the_wrong_shape_lets_the_input_go_on(mode) -> None:
    answer = run_code("return 5", {"n": 1}, {"n": 2}, mode=mode, onError="continueRegularOutput")
    assert answer.json("Node") == [{"n": 1}, {"n": 2}]


def test_null_stands_for_no_items() -> None:
    result = run_code("return null", {"n": 1})
    assert (result.error, result.json("Node")) == (None, [])
