"""Which nodes a piece of code reads, and how much of them."""

import pytest

from workflows_app.engine.expression.references import (
    EVERYTHING,
    MAX_PARSED,
    NOTHING,
    References,
    Use,
    of_code,
    of_templates,
)

pytestmark = pytest.mark.engine

LATEST = Use()
PAIRED = Use(pairs=True)
ALL_RUNS = Use(all_runs=True)
NO_ITEMS = Use(items=False)
EVERY_NODE = References({}, every=True)


@pytest.mark.parametrize(
    "code,use",
    [
        ("$('A').item.json.x", PAIRED),
        ("$('A')?.item.json.x", PAIRED),
        ("$('A').pairedItem().json.x", PAIRED),
        ("$('A').itemMatching(3).json.x", PAIRED),
        ("$('A').pairedItem(2)", EVERYTHING),
        ("$('A').first().json.x", LATEST),
        ("$('A').last()", LATEST),
        ("$('A').all().length", LATEST),
        ("$('A').all", LATEST),
        ("$('A').all(0, 2)", EVERYTHING),
        ("$('A').first(1)", EVERYTHING),
        ("$('A')", EVERYTHING),
        ("[$('A')]", EVERYTHING),
        ("$('A').params.x", NO_ITEMS),
        ("$('A').isExecuted", NO_ITEMS),
        ("$('A').context.currentRunIndex", NO_ITEMS),
        ("$('A').somethingElse", EVERYTHING),
        ("$node['A'].json.x", LATEST),
        ("$node.A.json.x", LATEST),
        ("$node.A.binary.file", LATEST),
        ("$node['A'].runIndex", EVERYTHING),
        ("const n = $node['A']", EVERYTHING),
        ("$items('A')", LATEST),
        ("$items('A', 0)", LATEST),
        ("$items('A', 0, 2)", ALL_RUNS),
        ("$item(0).$node['A'].json.x", LATEST),
        ("`${$('A').item.json.x}`", PAIRED),
        ("$(`A`).last()", LATEST),
        ("{ x: $('A').first() }", LATEST),
        ("$input.all().map(i => $('A').item.json.x)", PAIRED),
    ],
    ids=str,
)
def test_one_node(code, use):
    assert of_code(code) == References({"A": use})


@pytest.mark.parametrize(
    "code",
    [
        "$(name).item",
        "$('a' + b).item",
        "$(`a${b}`).item",
        "$('it\\'s').item",
        "$()",
        "const f = $; f('A')",
        "$node[name].json",
        "$node[].json",
        "const n = $node",
        "$node['A'].parameter.x",
        "$items(name)",
        "$evaluateExpression('{{ $(\"A\").item }}')",
        "$getPairedItem('A', x, y)",
        "$('A'",
    ],
    ids=str,
)
def test_a_computed_name_means_every_node(code):
    assert of_code(code) == EVERY_NODE


@pytest.mark.parametrize("code", ["$json.a + 1", "'$(A)'", "// $('A')\n1", "$now", "a.$json"], ids=str)
def test_no_node_at_all(code):
    assert of_code(code) == NOTHING


def test_uses_of_one_node_add_up():
    assert of_code("$('A').item.json.x + $('A').all(0, 1).length").nodes == {"A": EVERYTHING}
    assert (NO_ITEMS | LATEST, NO_ITEMS | NO_ITEMS) == (LATEST, NO_ITEMS)


def test_own_parameters_and_the_node_in_front():
    assert of_code("$parameter.x").parameters
    assert of_code("$rawParameter.x").parameters
    assert of_code("$input.params.x").previous
    assert of_code("f($input)").previous
    assert of_code("$items()").previous
    assert of_code("$('A').first().json.x + $parameter.y + $input.context.z") == References(
        {"A": LATEST}, parameters=True, previous=True
    )


def test_templates_are_searched_block_by_block():
    values = ["=x {{ $('A').first().json.x }} $('B') {{ $('C').item.json.y }}", "$('D').item", "=\\{{ $('E').last() }}"]
    assert of_templates(values).nodes == {"A": LATEST, "C": PAIRED, "E": LATEST}


def test_deep_nesting_is_no_problem():
    assert of_code("(" * 3000 + "$('A').first()" + ")" * 3000).nodes == {"A": LATEST}


def test_very_long_code_is_not_parsed():
    assert of_code("$('A').first();" + " " * MAX_PARSED) == EVERY_NODE


def test_code_of_a_whole_node():
    code = """
    const rows = $('A').all();
    for (const row of rows) { row.json.name = $('B').first().json.name }
    return rows;
    """
    assert of_code(code) == References({"A": LATEST, "B": LATEST})
