"""Which nodes Python code reads, and how much of each."""

import pytest

from workflows_app.engine.expression.python_references import is_python, of_code
from workflows_app.engine.expression.references import EVERYTHING, NOTHING, Use

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    "code, nodes",
    [
        ('_("A").all()', {"A": Use()}),
        ("_('A').first().json.name", {"A": Use()}),
        ("_( 'Order lines' ) . last()", {"Order lines": Use()}),
        ('_("A").item.json', {"A": Use(pairs=True)}),
        ('_("A").itemMatching(3)', {"A": Use(pairs=True)}),
        ('_("A").pairedItem()', {"A": Use(pairs=True)}),
        ('_("A").all(0, 1)', {"A": EVERYTHING}),
        ('_("A").params', {"A": Use(items=False)}),
        ('_("A").isExecuted', {"A": Use(items=False)}),
        ('x = _("A")', {"A": EVERYTHING}),
        ('[_("A").first(), _("B").all()]', {"A": Use(), "B": Use()}),
        ('_node["A"].json', {"A": Use()}),
        ("_node['A'].json + _node.B.json", {"A": Use(), "B": Use()}),
    ],
)
def test_a_node_that_is_named_is_sent_with_what_is_used_of_it(code, nodes):
    found = of_code(code)
    assert found.nodes == nodes
    assert not found.every


@pytest.mark.parametrize(
    "code", ["_(name).all()", '_("A" + "B").all()', '_(f"{x}")', "_('it\\'s')", "_node[name]", "n = _node",
             "_getPairedItem('A', 0)"]
)  # fmt: skip
def test_a_name_that_is_computed_means_every_node(code):
    assert of_code(code).every


@pytest.mark.parametrize(
    "code",
    [
        "return _items",
        "for _ in range(3): pass",
        "x._('A')",
        "my_('A')",
        "_input.all()",
        "_, b = pair",
        "_input.item.json",
    ],
)
def test_what_names_no_node_needs_none(code):
    assert of_code(code) == NOTHING


def test_the_parameters_of_the_node_itself_and_of_the_one_in_front_are_noticed():
    assert of_code("_parameter.mode").parameters
    assert of_code("_input.params.x").previous
    assert of_code("source = _input").previous


def test_only_the_older_form_of_python_can_name_nodes():
    assert is_python({"language": "python"})
    assert not is_python({"language": "pythonNative"})
    assert not is_python({})


@pytest.mark.parametrize(
    "code", ["_(" * 20_000, '_("' * 20_000, "_node" * 20_000, "_input " * 20_000, "_(" + " " * 50_000]
)
def test_hostile_text_costs_no_more_than_its_length(code):
    of_code(code)
