"""All problems of a workflow at once, each with its place."""

import pytest

from workflows_app.engine.checks import check
from workflows_app.tests.engine.world import NestedType, Trigger, registry, workflow

pytestmark = pytest.mark.engine


def codes(text: str, **given) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for problem in check(workflow(text, **given), registry())]


def test_a_sound_workflow_has_no_problems():
    assert codes("Trigger -> If -> A -> Merge; If.1 -> B -> Merge.1") == []


class TestGraph:
    def test_no_trigger(self):
        assert codes("A -> B") == [("no_start_node", "nodes")]

    def test_a_placeholder_in_front_may_be_a_trigger(self):
        assert codes("Hook -> A -> B", Hook={"type": "vendor.hook"}) == [("node_type_unknown", "nodes[0].type")]

    def test_a_node_no_trigger_leads_to(self):
        assert codes("Trigger -> A; B") == [("unreachable", "nodes[2]")]

    def test_sticky_notes_need_no_wire(self):
        assert codes("Trigger; Note", Note={"type": "n8n-nodes-base.stickyNote"}) == []

    def test_attached_nodes_need_none_either(self):
        made = workflow("Trigger -> A; Model").to_n8n()
        made["connections"]["Model"] = {"ai_tool": [[{"node": "A", "type": "ai_tool", "index": 0}]]}
        assert check(workflow("Trigger").from_n8n(made), registry()) == []

    def test_a_node_that_stands_alone_is_its_own_start(self):
        assert codes("A") == []

    def test_wires_out_of_outputs_that_are_not_there(self):
        assert codes("Trigger -> A; A.1 -> B") == [("no_such_output", "nodes[1]")]

    def test_the_error_output_is_there_when_it_is_on(self):
        assert codes("Trigger -> A; A.1 -> B", A={"onError": "continueErrorOutput"}) == []

    def test_wires_into_inputs_that_are_not_there(self):
        assert codes("Trigger -> Merge.2") == [("no_such_input", "nodes[1]")]


class TestNodes:
    def test_an_unknown_type_is_a_warning(self):
        problems = check(workflow("Trigger -> A", A={"type": "vendor.gone"}), registry())
        assert [(one.code, one.level) for one in problems] == [("node_type_unknown", "warning")]

    def test_a_literal_the_type_does_not_accept(self):
        assert codes("Trigger -> A", A={"params": {"fails": "many"}}) == [
            ("parameter_invalid", "nodes[1].parameters.fails")
        ]

    def test_an_expression_is_not_judged_by_its_text(self):
        assert codes("Trigger -> A", A={"params": {"fails": "={{ $json.n }}"}}) == []

    def test_nor_is_what_is_below_or_around_it(self):
        entries = {"entries": [{"text": "x"}, "={{ $json.entry }}"]}
        assert codes("Trigger -> A", A={"type": NestedType.name, "params": entries}) == []

    def test_a_literal_beside_an_expression_is(self):
        entries = {"entries": "nonsense", "one": {"text": "={{ $json.a }}"}}
        assert codes("Trigger -> A", A={"type": NestedType.name, "params": entries}) == [
            ("parameter_invalid", "nodes[1].parameters.entries")
        ]

    def test_disabled_nodes_may_be_unfinished(self):
        assert codes("Trigger -> A", A={"disabled": True, "params": {"fails": "many"}}) == []


class TestExpressions:
    @pytest.mark.parametrize("text", ["={{ 1 + }}", "=a {{ $json..b }} c", "={{ ) }}"], ids=str)
    def test_what_is_no_javascript(self, text):
        assert codes("Trigger -> A", A={"params": {"value": text}}) == [
            ("expression_syntax", "nodes[1].parameters.value")
        ]

    @pytest.mark.parametrize(
        "text", ["={{ {a: 1} }}", "={{ f(); }}", "={{ }}", "=\\{{ 1 + }}", "={{ `${a}` }}", "=plain"], ids=str
    )
    def test_what_is(self, text):
        assert codes("Trigger -> A", A={"params": {"value": text}}) == []

    def test_what_is_too_long_is_not_judged(self):
        assert codes("Trigger -> A", A={"params": {"value": "={{ 1 + }}" + " " * 40_000}}) == []

    @pytest.mark.parametrize("text", ["={{ $('Gone').item.json.a }}", "={{ $node['Gone'].json.a + 1 }}"], ids=str)
    def test_a_name_that_is_not_there(self, text):
        assert codes("Trigger -> A", A={"params": {"value": text}}) == [
            ("unknown_node_reference", "nodes[1].parameters.value")
        ]

    def test_every_problem_is_told(self):
        bad = {"params": {"value": "={{ 1 + }}", "fails": "many"}}
        assert [code for code, _ in codes("Trigger -> A; B", A=bad)] == [
            "unreachable", "parameter_invalid", "expression_syntax",
        ]  # fmt: skip


def test_the_trigger_of_these_tests_is_one():
    assert Trigger.trigger
