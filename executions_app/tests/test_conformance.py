"""Answering conformance cases. The cases themselves stay where they are; these are our own."""

from itertools import pairwise

import pytest

from executions_app.conformance import Answerer, case_registry
from pumpflix.lib.sandbox import CodePool
from workflows_app.nodes import load

pytestmark = pytest.mark.nodes

NOW = "2026-03-01T10:00:00.000Z"
TRIGGER = {"name": "Start", "type": "n8n-nodes-base.manualTrigger", "typeVersion": 1, "parameters": {}}


@pytest.fixture(scope="module")
def answerer():
    pool = CodePool(accept_reduced=True)
    yield Answerer(pool, case_registry(load()))
    pool.close()


def chain(*nodes, **extra) -> dict:
    """The trigger and the nodes behind it, one after the other."""
    every = [TRIGGER, *nodes]
    wires = {
        one["name"]: {"main": [[{"node": two["name"], "type": "main", "index": 0}]]} for one, two in pairwise(every)
    }
    return {"nodes": every, "connections": wires, "settings": {"executionOrder": "v1"}, **extra}


def node(kind: str, name: str = "Made", version: float = 1, **parameters) -> dict:
    return {"name": name, "type": f"n8n-nodes-base.{kind}", "typeVersion": version, "parameters": parameters}


def code(text: str, **own) -> dict:
    return {**node("code", version=2, jsCode=text), **own}


class TestWorkflow:
    def ask(self, answerer, workflow, **given):
        return answerer.answer({"id": "c", "kind": "workflow", "workflow": workflow, **given})

    def test_every_run_of_every_node_is_listed(self, answerer):
        answer = self.ask(answerer, chain(node("noOp")), start_items=[{"json": {"a": 1}}], mode="trigger")
        assert answer == {
            "id": "c",
            "status": "success",
            "order": ["Start", "Made"],
            "nodes": {
                "Start": [[[{"json": {"a": 1}, "pairedItem": {"item": 0}}]]],
                "Made": [[[{"json": {"a": 1}, "pairedItem": {"item": 0}}]]],
            },
        }

    def test_files_are_inline(self, answerer):
        item = {"json": {}, "binary": {"data": {"data": "aGk=", "mimeType": "text/plain", "fileName": "hi.txt"}}}
        answer = self.ask(answerer, chain(node("noOp")), start_items=[item], mode="trigger")
        file = answer["nodes"]["Made"][0][0][0]["binary"]["data"]
        assert (file["data"], file["mimeType"], file["fileName"]) == ("aGk=", "text/plain", "hi.txt")

    def test_a_failed_run_says_what_was_wrong(self, answerer):
        answer = self.ask(answerer, chain(code("throw new Error('no')")))
        assert answer["status"] == "error"
        assert answer["error"]["message"].startswith("no")
        assert answer["order"] == ["Start", "Made"]
        assert answer["nodes"]["Made"] == [None]

    def test_a_failed_item_shows_its_error_in_its_json_alone(self, answerer):
        each = code("throw new Error('no')", onError="continueRegularOutput")
        each["parameters"]["mode"] = "runOnceForEachItem"
        item = self.ask(answerer, chain(each))["nodes"]["Made"][0][0][0]
        assert set(item) == {"json", "pairedItem"}
        assert item["json"]["error"].startswith("no")

    def test_of_nodes_with_one_name_the_last_counts(self, answerer):
        workflow = chain(node("noOp"))
        workflow["nodes"].append({**node("noOp"), "disabled": True})
        assert self.ask(answerer, workflow)["status"] == "success"

    def test_a_workflow_without_a_start_is_an_error(self, answerer):
        answer = self.ask(answerer, {"nodes": [node("noOp", "A"), node("noOp", "B")], "connections": {}})
        assert (answer["status"], answer["error"]["type"]) == ("error", "UserError")

    def test_the_clock_stops_where_it_is_told_to(self, answerer):
        workflow = chain(node("set", version=3.4, mode="raw", jsonOutput="={{ ({ at: $now.toMillis() }) }}"))
        answer = self.ask(answerer, workflow, now=NOW)
        assert answer["nodes"]["Made"][0][0][0]["json"] == {"at": 1772359200000}

    def test_versions_are_told_by_a_type_of_the_cases(self, answerer):
        answer = self.ask(answerer, chain(node("versionTest", version=2)))
        assert answer["nodes"]["Made"][0][0][0]["json"] == {"versionFromParameter": 2, "versionFromNode": 2}

    def test_unknown_kinds_are_not_supported(self, answerer):
        assert answerer.answer({"id": 7, "kind": "function"}) == {"id": 7, "unsupported": True}


class TestCode:
    def ask(self, answerer, text, **context):
        case = {"id": "c", "kind": "code", "workflow": chain(code(text)), "node": "Made", "mode": "integrated"}
        return answerer.answer({**case, "start_items": [{"json": {}}], "run_context": context})

    def test_only_the_modules_of_the_case_are_there(self, answerer):
        text = "return [{ json: { is: typeof require('crypto') } }]"
        allowed = self.ask(answerer, text, runner={"allowedBuiltInModules": "crypto,path"})
        assert allowed["nodes"]["Made"][0][0][0]["json"] == {"is": "object"}
        assert "disallowed" in self.ask(answerer, text, runner={})["error"]["message"]

    def test_variables_and_a_blocked_environment(self, answerer):
        text = "return [{ json: { v: $vars.v } }]"
        assert self.ask(answerer, text, variables={"v": 1})["nodes"]["Made"][0][0][0]["json"] == {"v": 1}
        blocked = self.ask(answerer, "return [{ json: { e: $env.X } }]", env={"isEnvAccessBlocked": True, "env": {}})
        assert blocked["status"] == "error"

    def test_the_class_of_an_error_is_the_authors(self, answerer):
        assert self.ask(answerer, "return 5")["error"]["type"] == "ValidationError"


class TestExpression:
    def ask(self, answerer, expression, **given):
        case = {"id": "c", "kind": "expression", "node": "Here", "item_index": 0, "now": NOW, "timezone": "UTC"}
        answer = answerer.answer({**case, "expression": expression, **given})
        return answer.get("value", answer.get("error"))

    @pytest.mark.parametrize(
        "expression,value",
        [
            ("={{ 1 + 1 }}", 2),
            ("=a {{ 'b' }}", "a b"),
            ("={{ undefined }}", {"$type": "undefined"}),
            ("={{ NaN }}", {"$type": "NaN"}),
            ("plain", "plain"),
            ({"a": ["={{ 1 + 1 }}"]}, {"a": [2]}),
            ("={{ $now.toISO() }}", "2026-03-01T10:00:00.000Z"),
        ],
        ids=str,
    )
    def test_values(self, answerer, expression, value):
        assert self.ask(answerer, expression) == value

    def test_items_of_the_case(self, answerer):
        items = [{"json": {"a": 1}, "binary": {"$type": "undefined"}}, {"json": {"a": 2}}]
        assert self.ask(answerer, "={{ $json.a + $input.all().length }}", items=items, item_index=1) == 4

    def test_errors_have_message_and_class(self, answerer):
        error = self.ask(answerer, "={{ $('Gone').first() }}")
        assert error["type"] == "ExpressionError"

    def test_recorded_runs_are_read(self, answerer):
        run = {"data": {"main": [[{"json": {"x": 5}}]]}, "source": [{"previousNode": "gone"}]}
        wrapped = {"resultData": {"runData": {"_custom": {"type": "reactive", "value": {"A": [run], "Here": [
            {"data": {"main": [[]]}, "source": [{"previousNode": "A"}]}
        ]}}}}}  # fmt: skip
        workflow = {
            "nodes": [{"name": "A", "type": "t"}, {"name": "Here", "type": "t"}],
            "connections": {
                "A": {"main": [[{"node": "Here", "type": "main", "index": 0}]]},
                "Gone": {"main": [[{"node": "Here"}]]},
            },
        }
        given = {"workflow": workflow, "run_data": wrapped, "items": [{"json": {}, "pairedItem": {"item": 0}}]}
        assert self.ask(answerer, "={{ $('A').item.json.x + $('A').first().json.x }}", **given) == 10

    def test_names_and_parameters_of_one_call(self, answerer):
        given = {"additional_keys": {"$page": 3}, "sibling_parameters": {"own": 4}}
        assert self.ask(answerer, "={{ $page + $parameter['&own'] }}", **given) == 7

    def test_missing_data_may_be_undefined(self, answerer):
        given = {"options": {"throwOnMissingExecutionData": False}, "item_index": 0, "items": []}
        assert self.ask(answerer, "={{ $json }}", **given) == {"$type": "undefined"}

    def test_what_an_agent_handed_to_its_tool(self, answerer):
        run = {
            "data": {"ai_tool": [[{"json": {}}]]},
            "source": [None],
            "inputOverride": {"ai_tool": [[{"json": {"q": 1}}]]},
        }
        given = {"run_data": {"resultData": {"runData": {"Here": [run]}}}, "items": [{"json": {}}]}
        assert self.ask(answerer, "={{ $fromAI('q') }}", **given) == 1
