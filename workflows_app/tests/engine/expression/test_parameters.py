"""Parameters with their expressions found once."""

import pytest
from pydantic import Field

from workflows_app.engine.expression.parameters import ParameterTemplate, is_hidden, literal_paths
from workflows_app.engine.expression.paths import UNDEFINED
from workflows_app.engine.params import Params, ui
from workflows_app.engine.workflow import Node
from workflows_app.tests.engine.world import AnyParams, NestedParams

pytestmark = pytest.mark.engine


class Hiding(Params):
    mode: str = "shut"
    secret: str = Field("", json_schema_extra=ui(visible_when={"mode": ["open"]}))
    odd: str = Field("", json_schema_extra=ui(visible_when={"gone": ["open"]}))


def template(**parameters) -> ParameterTemplate:
    return ParameterTemplate.of_value(parameters)


def of(model, **parameters) -> ParameterTemplate:
    return ParameterTemplate.of(Node({"name": "A", "type": "t", "parameters": parameters}), model)


def test_without_expressions_the_stored_parameters_are_given_back_as_they_are():
    made = template(a=1, b={"c": ["x"]})
    assert made.is_constant
    assert made.build([]) is made.raw


def test_leaves_know_their_place_and_whether_they_are_plain_paths():
    made = template(a="={{ $json.x }}", b={"c": ["fixed", "={{ $vars.a }}"]})
    assert [(leaf.path, leaf.template, leaf.reader is not None) for leaf in made.leaves] == [
        ("a", "{{ $json.x }}", True),
        ("b.c.1", "{{ $vars.a }}", False),
    ]


def test_values_take_the_place_of_their_expressions():
    made = template(a="=x", b={"c": ["fixed", "=y"]}, d={"e": 1})
    assert made.build([1, {"deep": True}]) == {"a": 1, "b": {"c": ["fixed", {"deep": True}]}, "d": {"e": 1}}


def test_constant_parts_are_shared_and_never_changed():
    made = template(a="=x", d={"e": 1})
    assert made.build([1])["d"] is made.build([2])["d"]
    assert made.raw["a"] == "=x"


def test_undefined_leaves_its_key_out_and_its_place_in_a_list_empty():
    made = template(a="=x", b=["=y", 2])
    assert made.build([UNDEFINED, UNDEFINED]) == {"b": [None, 2]}


def test_a_value_that_looks_like_an_expression_is_not_read_again():
    assert template(a="=x").build(["={{ 1 }}"]) == {"a": "={{ 1 }}"}


def test_a_lone_text_may_be_an_expression():
    assert ParameterTemplate.of_value("={{ $json.a }}").build([5]) == 5


class TestModel:
    def test_parameters_the_type_does_not_know_are_left_alone(self):
        made = of(AnyParams, value="={{ 1 }}", leftover="={{ $('Gone').item.json.x }}")
        assert [leaf.path for leaf in made.leaves] == ["value"]
        assert made.build([1])["leftover"].startswith("={{")

    def test_texts_that_never_hold_expressions_keep_their_equals_sign(self):
        assert of(AnyParams, code="=1").is_constant

    def test_nor_do_nested_ones(self):
        made = of(NestedParams, entries=[{"text": "=a", "raw": "=b"}], one={"text": "=c", "raw": "=d"})
        assert [leaf.path for leaf in made.leaves] == ["entries.0.text", "one.text"]
        assert set(literal_paths(NestedParams)) == {("entries", "*", "raw"), ("one", "raw")}

    @pytest.mark.parametrize(
        "key,values,hidden",
        [
            ("secret", {}, True),
            ("secret", {"mode": "open"}, False),
            ("secret", {"mode": "shut"}, True),
            ("mode", {}, False),
            ("unknown", {}, False),
            ("odd", {}, False),
        ],
    )
    def test_a_parameter_may_be_hidden_by_another(self, key, values, hidden):
        assert is_hidden(Hiding, key, values) is hidden

    def test_a_placeholder_keeps_everything(self):
        assert of(None, value="={{ 1 }}").is_constant
