"""The resolver: what is read here, what is asked of the child, and what the child is told."""

import orjson
import pytest

from workflows_app.engine.errors import ExpressionError
from workflows_app.engine.events import Source
from workflows_app.engine.expression.batch import BatchResolver
from workflows_app.engine.expression.paths import UNDEFINED
from workflows_app.engine.expression.scope import Scope
from workflows_app.engine.history import History, RunData
from workflows_app.engine.items import Binary, Item, PairedItem
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.ports import CodeCall
from workflows_app.tests.engine.world import AnyParams, FakeCode, world

pytestmark = pytest.mark.engine

TWO = [{"n": 1}, {"n": 2}]
FAILING = {"e": {"type": "ExpressionError", "message": "bad", "description": "do better", "context": {"type": "kind"}}}


def values(value, code=None, items=TWO, **node):
    """What A made of `value` for each item, and the calls it took."""
    made = world("Trigger -> A", code=code, A={"params": {"value": value}, **node})
    transcript = made.run(items)
    assert transcript.status == "success", transcript.error
    return [item.get("A", "absent") for item in transcript.outputs("A")[0]], made.code.calls


def data_of(call: CodeCall) -> dict:
    return orjson.loads(call.data)


class TestFastPath:
    def test_plain_paths_never_reach_the_child(self):
        assert values("={{ $json.n }}") == ([1, 2], [])

    def test_paths_through_the_graph_do_not_either(self):
        made = world("Trigger -> A -> B", B={"params": {"value": "={{ $('Trigger').item.json.n }}"}})
        assert made.run(TWO).outputs("B") == [[{"n": 1, "B": 1}, {"n": 2, "B": 2}]]
        assert made.code.calls == []

    @pytest.mark.parametrize(
        "value,got",
        [("={{ $node['Trigger'].json.n }}", [1, 2]), ("={{ $('Trigger').last().json.n }}", [2, 2]),
         ("={{ $('Trigger').first().json.n }}", [1, 1])],
    )  # fmt: skip
    def test_other_items_of_a_node(self, value, got):
        assert values(value) == (got, [])


class TestOneCall:
    def test_all_items_and_all_expressions_go_in_one_call(self):
        code = {"g($json.n)": lambda call, item: 1 + data_of(call)["items"][item]["json"]["n"], "$now": "today"}
        got, calls = values({"a": "={{ g($json.n) }}", "b": "={{ $now }}", "c": "={{ $json.n }}"}, code)
        assert got == [{"a": 2, "b": "today", "c": 1}, {"a": 3, "b": "today", "c": 2}]
        assert len(calls) == 1
        assert calls[0].header["templates"] == ["{{ g($json.n) }}", "{{ $now }}"]
        assert calls[0].header["wanted"] == [[0, 0], [0, 1], [1, 0], [1, 1]]

    def test_of_a_plain_path_only_what_it_could_not_read(self):
        items = [{"n": 1}, {"n": 2**53}, {"n": 3}]
        got, calls = values("={{ $json.n }}", {"$json.n": 9007199254740992}, items)
        assert got == [1, 9007199254740992, 3]
        assert calls[0].header["wanted"] == [[0, 1]]

    def test_one_expression_in_two_places_is_asked_once(self):
        got, calls = values(["={{ $now }}", "={{ $now }}"], {"$now": 7}, [{}])
        assert got == [[7, 7]]
        assert calls[0].header["wanted"] == [[0, 0]]

    def test_nothing_is_asked_before_it_is_needed(self):
        made = world(
            "Trigger -> Do", functions={"Do": lambda run: [run.items]}, Do={"params": {"value": "={{ $now }}"}}
        )
        made.run()
        assert made.code.calls == []

    def test_a_larger_batch_gets_more_time(self):
        _, calls = values("={{ $now }}", {"$now": 1}, [{}] * 4000)
        assert calls[0].timeout_s == 3.0


class TestResults:
    def test_undefined_leaves_the_parameter_out(self):
        assert values({"a": "={{ f() }}", "b": 1}, {"f()": {"u": 1}}, [{}])[0] == [{"b": 1}]

    def test_data_is_never_evaluated(self):
        assert values("={{ $json.n }}", items=[{"n": "={{ 1 + 1 }}"}]) == (["={{ 1 + 1 }}"], [])
        assert values("={{ f() }}", {"f()": "={{ 1 + 1 }}"}, [{}])[0] == ["={{ 1 + 1 }}"]

    def test_an_error_names_parameter_item_and_expression(self):
        made = world("Trigger -> A", code={"f()": FAILING}, A={"params": {"value": {"deep": ["={{ f() }}"]}}})
        error = made.run(TWO).error
        assert (error["message"], error["description"], error["code"]) == ("bad", "do better", "expression_error")
        assert error["context"] == {
            "expression": "={{ f() }}", "parameter": "value.deep.0", "itemIndex": 0, "type": "kind",
            "class": "ExpressionError",
        }  # fmt: skip

    def test_a_hidden_parameter_may_fail(self):
        made = world("Trigger -> A", code={"f()": FAILING}, A={"params": {"fails": 1, "hidden": "={{ f() }}"}})
        assert made.run(TWO).status == "success"
        made = world(
            "Trigger -> A", code={"f()": FAILING}, A={"params": {"value": 1, "hidden": "={{ f() }}", "fails": 2}}
        )
        assert made.run(TWO).error["message"] == "bad"

    def test_an_error_of_one_item_leaves_the_others_alone(self):
        code = {"f()": lambda _call, item: FAILING if item == 0 else "fine"}
        made = world(
            "Trigger -> A", code=code, A={"params": {"value": "={{ f() }}"}, "onError": "continueRegularOutput"}
        )
        assert made.run(TWO).outputs("A") == [[{"error": "bad"}, {"n": 2, "A": "fine"}]]


def resolver(text="Trigger -> A -> B", node="B", code=None, **given) -> BatchResolver:
    """Of a node whose way back is Trigger (2 items), A (2 runs, the second swapped)."""
    made = world(text, code=code, **given.pop("graph", {}))
    history = History()
    history.add("Trigger", RunData((), [[Item({"n": 1}), Item({"n": 2})]]))
    history.add("A", RunData((Source("Trigger"),), [[Item({"a": "old"}, paired=(PairedItem(0),))]]))
    swapped = [Item({"a": 2}, paired=(PairedItem(1),)), Item({"a": 1}, paired=(PairedItem(0),))]
    history.add("A", RunData((Source("Trigger"),), [swapped]))
    history.contexts["A"] = {"round": 3}
    items = [Item(item.json, paired=(PairedItem(place),)) for place, item in enumerate(swapped)]
    scope = Scope(
        plan=made.plan(**given.pop("plan", {})),
        node=made.compiled.nodes[node],
        history=history,
        items=given.pop("items", items),
        run_index=given.pop("run_index", 0),
        sources=given.pop("sources", (Source("A", 0, 1),)),
        **given,
    )
    return BatchResolver(scope, made.all_ports())


def told(code: str, item: int = 0, **given) -> dict:
    """The data the child is sent for that expression."""
    made = resolver(code={code: "x"}, **given)
    made.evaluate(f"={{{{ {code} }}}}", item)
    child = made._ports.code
    assert isinstance(child, FakeCode)
    return data_of(child.calls[0])


class TestScopeJson:
    def test_the_run_itself(self):
        data = told("$now", plan={"mode": "webhook", "execution_id": "e1", "resume_url": "u", "variables": {"v": 1}})
        assert data["node"]["name"] == "B"
        assert (data["runIndex"], data["mode"]) == (0, "webhook")
        assert data["items"] == [
            {"json": {"a": 2}, "pairedItem": {"item": 0}},
            {"json": {"a": 1}, "pairedItem": {"item": 1}},
        ]
        assert data["prevNode"] == {"name": "A", "outputIndex": 0, "runIndex": 1}
        assert data["execution"] == {
            "id": "e1", "mode": "production", "resumeUrl": "u", "resumeFormUrl": "u", "customData": {}
        }  # fmt: skip
        assert data["vars"] == {"v": 1}
        assert data["knownNodes"] == ["Trigger", "A", "B"]
        assert "envBlocked" not in data

    def test_the_start_has_no_node_in_front(self):
        assert told("$now", sources=())["prevNode"] is None

    def test_nodes_the_expression_does_not_read_are_not_sent(self):
        assert told("$now")["nodes"] == {}

    def test_of_others_the_latest_run_is(self):
        sent = told("f($('A').first().json.a)")["nodes"]["A"]
        assert [run is None for run in sent["runs"]] == [True, False]
        assert (sent["executed"], sent["defaultOutput"], sent["context"]) == (True, 0, {"round": 3})
        assert "pairs" not in sent

    def test_paired_items_and_the_runs_they_are_in(self):
        sent = told("f($('Trigger').item.json.n)")["nodes"]["Trigger"]
        assert sent["pairs"] == [{"run": 0, "output": 0, "item": 1}, {"run": 0, "output": 0, "item": 0}]

    def test_every_run_where_one_is_named(self):
        assert None not in told("$('A').all(0, 0)")["nodes"]["A"]["runs"]

    def test_parameters_alone_need_no_items(self):
        assert told("$('A').params.x")["nodes"]["A"]["runs"] == [None, None]

    def test_a_broken_way_back_is_sent_as_the_error_to_throw(self):
        broken = [Item({}, paired=())]
        error = told("$('A').item.json", items=broken)["nodes"]["A"]["pairs"][0]["error"]
        assert (error["type"], error["nodeCause"], error["context"]) == (
            "ExpressionError", "B", {"type": "paired_item_no_info"},
        )  # fmt: skip

    def test_a_computed_name_sends_every_node(self):
        data = told("$(name).first()")
        assert data["allNodes"]
        assert set(data["nodes"]) == {"Trigger", "A", "B"}
        assert data["nodes"]["B"]["executed"] is False

    def test_names_that_are_no_nodes_are_skipped(self):
        assert told("$('Gone').first()")["nodes"] == {}

    def test_the_node_in_front_where_its_parameters_are_read(self):
        assert set(told("$input.params.x")["nodes"]) == {"A"}
        assert told("$input.params.x", sources=())["nodes"] == {}

    def test_own_parameters_bring_their_references_along(self):
        graph = {"B": {"params": {"value": "={{ $('Trigger').first().json.n }}"}}}
        assert set(told("$parameter.value", graph=graph)["nodes"]) == {"Trigger"}

    def test_pinned_data_stands_in_for_a_node_that_has_not_run(self):
        pinned = {"C": [Item({"p": 1}), Item({"p": 2})]}
        made = told("$('C').item.json.p + 1", text="Trigger -> A -> B; C -> B", plan={"pinned": pinned})["nodes"]["C"]
        assert made["runs"] == [[[{"json": {"p": 1}}, {"json": {"p": 2}}]]]
        assert made["pairs"] == [{"run": 0, "output": 0, "item": 0}, {"run": 0, "output": 0, "item": 1}]

    def test_a_node_that_runs_once_only_says_so(self):
        assert told("$('A').first()", graph={"A": {"executeOnce": True}})["nodes"]["A"]["executeOnce"]

    def test_the_environment_may_be_blocked(self):
        assert told("$env.X", plan={"is_environment_blocked": True})["envBlocked"]

    def test_an_agent_is_told_about_its_tools(self):
        agent = {"B": {"type": "@n8n/n8n-nodes-langchain.agent"}}
        assert told("$agentInfo.tools", graph=agent)["agentInfo"] == {"memoryConnectedToAgent": False, "tools": []}

    def test_names_of_one_call(self):
        assert told("$now", extra={"missing": "undefined"})["missing"] == "undefined"

    def test_files_travel_as_facts_without_bytes(self):
        items = [Item({}, {"file": Binary("ref", "text/plain", 3, "a.txt", "txt")})]
        assert told("$binary.file.fileName + ''", items=items)["items"][0]["binary"]["file"] == {
            "id": "ref", "mimeType": "text/plain", "fileName": "a.txt", "fileExtension": "txt", "fileSize": 3,
        }  # fmt: skip


class TestHeader:
    def header(self, **plan):
        made = resolver(code={"$now": 1}, plan=plan)
        made.evaluate("={{ $now }}", 0)
        return made._ports.code.calls[0].header

    def test_the_zone_of_the_workflow_and_no_time(self):
        header = self.header(timezone="Europe/Paris")
        assert (header["timezone"], header["now"]) == ("Europe/Paris", None)

    def test_a_frozen_clock_is_told(self):
        assert self.header(is_clock_frozen=True)["now"] == "2026-01-01T12:00:00.000Z"

    def test_values_json_lacks_are_marked_on_request(self):
        made = resolver(code={"NaN": {"$type": "NaN"}})
        assert made.evaluate("={{ NaN }}", 0, typed=True) == {"$type": "NaN"}
        assert made._ports.code.calls[0].header["typed"] is True


class TestOtherValues:
    def test_any_value_with_expressions_can_be_resolved(self):
        made = resolver(code={"f()": 9})
        assert made.resolve_value({"a": ["={{ f() }}", "={{ $json.a }}"], "b": 1}, 1) == {"a": [9, 1], "b": 1}

    def test_undefined_becomes_nothing(self):
        made = resolver()
        assert made.resolve_value("={{ $json.missing }}", 0) is None
        assert made.evaluate("={{ $json.missing }}", 0) is UNDEFINED

    def test_names_of_one_evaluation_are_not_kept(self):
        made = resolver(code={"$page": lambda call, _: data_of(call)["additionalKeys"]["$page"]})
        assert [made.resolve_value("={{ $page }}", 0, {"$page": page}) for page in (1, 2)] == [1, 2]
        assert made._ports.code.calls[0].header["wanted"] == [[0, 0]]

    def test_beyond_the_last_item(self):
        made = resolver(code={"f()": 9}, items=[])
        assert made.evaluate("={{ f() }}", 0) == 9
        assert made._ports.code.calls[0].header["wanted"] == [[0, 0]]

    def test_errors_are_raised_each_time(self):
        made = resolver(code={"f()": FAILING})
        for _ in range(2):
            with pytest.raises(ExpressionError, match="bad"):
                made.evaluate("={{ f() }}", 0)
        assert len(made._ports.code.calls) == 1


class FakeState:
    def __init__(self):
        self.asked = []

    def get(self, scope):
        self.asked.append(scope)
        return {"scope": scope}


class TestCodeNodes:
    def test_code_sees_what_it_may_refer_to(self):
        graph = {"B": {"params": {"code": "return $('A').all()", "value": "={{ $('Trigger').first() }}"}}}
        assert set(resolver(graph=graph).scope()["nodes"]) == {"A", "Trigger"}

    def test_with_static_data_where_there_is_any(self):
        graph = {"ports": {"state": FakeState()}, "B": {"params": {"jsCode": "return $getWorkflowStaticData('node')"}}}
        assert resolver(graph=graph).scope()["staticData"] == {
            "global": {"scope": "global"},
            "node": {"scope": "node:B"},
        }
        assert resolver().scope()["staticData"] == {"global": {}, "node": {}}

    def test_static_data_is_not_fetched_for_code_that_cannot_ask_for_it(self):
        state = FakeState()
        graph = {"ports": {"state": state}, "B": {"params": {"jsCode": "return $input.all()"}}}
        assert resolver(graph=graph).scope()["staticData"] is None
        assert state.asked == []

    def test_its_header_gets_zone_and_clock(self):
        def work(run: NodeRun[AnyParams]):
            run.code(CodeCall({"kind": "code"}, b"", 1))
            return [run.items]

        made = world("Trigger -> Do", functions={"Do": work}, plan={"timezone": "Asia/Tokyo"})
        made.run()
        assert made.code.calls[0].header == {"kind": "code", "timezone": "Asia/Tokyo", "now": None, "locale": "en"}


def test_the_fake_child_is_a_code_port():
    assert FakeCode().run(CodeCall({}, b"", 1)) == {"output": []}
