"""Reading and writing n8n's JSON."""

import pytest

from workflows_app.engine.errors import WorkflowInvalid
from workflows_app.engine.workflow import MAX_NODES, Connection, Node, Workflow

pytestmark = pytest.mark.engine

FULL = {
    "name": "Both ways",
    "nodes": [
        {
            "name": "A",
            "type": "t.a",
            "typeVersion": 1.1,
            "position": [0, 0],
            "parameters": {"x": [1]},
            "vendor": {"k": 1},
        },
        {"name": "B", "type": "t.b", "typeVersion": 2, "position": [10, 20], "parameters": {}},
    ],
    "connections": {"A": {"main": [[{"node": "B", "type": "main", "index": 1}], None]}},
    "settings": {"executionOrder": "v1"},
    "pinData": {"A": [{"json": {}}]},
    "meta": {"instanceId": "i"},
    "unknown": ["kept"],
}


def node(**own) -> dict:
    return {"name": "A", "type": "t", **own}


def problems(raw) -> list[tuple[str, str]]:
    with pytest.raises(WorkflowInvalid) as caught:
        Workflow.from_n8n(raw)
    return [(problem.code, problem.path) for problem in caught.value.problems]


class TestRoundTrip:
    def test_what_was_read_comes_out_again(self):
        made = Workflow.from_n8n(FULL).to_n8n()
        assert made == FULL
        assert list(made)[:2] == ["name", "nodes"]

    def test_the_copy_is_deep(self):
        made = Workflow.from_n8n(FULL)
        made.to_n8n()["nodes"][0]["parameters"]["x"].append(2)
        assert made.node("A").parameters == {"x": [1]}

    def test_a_workflow_without_connections_still_has_its_nodes(self):
        assert Workflow.from_n8n({"nodes": [node()]}).to_n8n() == {"nodes": [node()]}

    def test_other_nodes_or_settings_with_the_same_wires(self):
        made = Workflow.from_n8n(FULL)
        assert made.with_raw(name="Other").name == "Other"
        changed = made.with_nodes(tuple(one.replace(disabled=True) for one in made.nodes))
        assert [one.disabled for one in changed.nodes] == [True, True]
        assert changed.connections == made.connections


class TestReading:
    def test_wires(self):
        assert Workflow.from_n8n(FULL).connections == (Connection("A", 0, "B", 1),)

    def test_an_empty_list_of_connections_is_none(self):
        assert Workflow.from_n8n({"nodes": [node()], "connections": []}).connections == ()

    def test_facts_of_the_workflow(self):
        made = Workflow.from_n8n({**FULL, "id": 5, "active": True})
        assert (made.id, made.name, made.active, made.order, made.meta) == (
            "5",
            "Both ways",
            True,
            "v1",
            {"instanceId": "i"},
        )
        assert made.pin_data == {"A": [{"json": {}}]}

    def test_defaults(self):
        made = Workflow.from_n8n({"nodes": []})
        assert (made.id, made.name, made.active, made.settings, made.order, made.pin_data) == (
            "",
            "",
            False,
            {},
            "v0",
            {},
        )

    def test_defaults_of_a_node(self):
        one = Node(node())
        assert (one.id, one.type_version, one.position, one.parameters, one.credentials) == (
            "A",
            1.0,
            (0.0, 0.0),
            {},
            {},
        )
        assert (one.disabled, one.notes, one.webhook_id, one.execute_once) == (False, "", "", False)
        assert (one.retry_on_fail, one.max_tries, one.wait_between_tries_s) == (False, 3, 1.0)
        assert (one.on_error, one.always_output_data) == ("stopWorkflow", False)

    @pytest.mark.parametrize(
        "own,policy",
        [
            ({"onError": "continueErrorOutput"}, "continueErrorOutput"),
            ({"continueOnFail": True}, "continueRegularOutput"),
            ({"onError": "nonsense"}, "stopWorkflow"),
        ],
    )
    def test_error_policy(self, own, policy):
        assert Node(node(**own)).on_error == policy


class TestProblems:
    @pytest.mark.parametrize(
        "raw,found",
        [
            ([], [("not_an_object", "$")]),
            ({}, [("nodes_missing", "nodes")]),
            ({"nodes": [node()] * (MAX_NODES + 1)}, [("too_many_nodes", "nodes")]),
            ({"nodes": ["x"]}, [("wrong_shape", "nodes[0]")]),
            ({"nodes": [{"type": "t"}]}, [("wrong_shape", "nodes[0].name")]),
            ({"nodes": [node(type=" ")]}, [("wrong_shape", "nodes[0].type")]),
            ({"nodes": [node(type="t" * 301)]}, [("too_long", "nodes[0].type")]),
            ({"nodes": [node(parameters=[1])]}, [("wrong_shape", "nodes[0].parameters")]),
            ({"nodes": [node(typeVersion="1")]}, [("wrong_shape", "nodes[0].typeVersion")]),
            ({"nodes": [node(typeVersion=True)]}, [("wrong_shape", "nodes[0].typeVersion")]),
            ({"nodes": [node(position=[1])]}, [("wrong_shape", "nodes[0].position")]),
            ({"nodes": [node(position=[1, 1e12])]}, [("wrong_shape", "nodes[0].position")]),
            ({"nodes": [node(), node()]}, [("duplicate_name", "nodes[1].name")]),
            ({"nodes": [], "settings": []}, []),
            ({"nodes": [], "settings": "x"}, [("wrong_shape", "settings")]),
            ({"nodes": [node()], "connections": "x"}, [("wrong_shape", "connections")]),
        ],
        ids=str,
    )
    def test_shape(self, raw, found):
        if found:
            assert problems(raw) == found
        else:
            assert ("wrong_shape", "settings") in problems(raw)

    @pytest.mark.parametrize(
        "wires,found",
        [
            ({"X": {}}, ("unknown_source", "connections.X")),
            ({"A": []}, ("wrong_shape", "connections.A")),
            ({"A": {"main": {}}}, ("wrong_shape", "connections.A.main")),
            ({"A": {"main": ["x"]}}, ("wrong_shape", "connections.A.main[0]")),
            ({"A": {"main": [["x"]]}}, ("wrong_shape", "connections.A.main[0][0]")),
            ({"A": {"main": [[{"node": "X"}]]}}, ("unknown_target", "connections.A.main[0][0].node")),
            ({"A": {"main": [[{"node": "A", "index": -1}]]}}, ("wrong_shape", "connections.A.main[0][0].index")),
        ],
        ids=str,
    )
    def test_wires(self, wires, found):
        assert problems({"nodes": [node()], "connections": wires}) == [found]

    def test_all_are_told_at_once_and_the_first_is_the_message(self):
        with pytest.raises(WorkflowInvalid, match=r"nodes\[0\]\.name") as caught:
            Workflow.from_n8n({"nodes": [{"type": "t"}, "x"], "meta": 1})
        assert len(caught.value.problems) == 3
        assert caught.value.to_json()["context"] == {"problems": 3}

    def test_an_invalid_workflow_without_a_finding_says_so(self):
        assert WorkflowInvalid([]).message == "This is not a workflow."
