import pytest

from workflows_app.engine.expression.static_data import may_ask


@pytest.mark.parametrize(
    "code",
    [
        "$getWorkflowStaticData('global').n++",
        "this.getWorkflowStaticData('node')",
        "this['getWorkflow' + 'Static' + 'Data']()",
        "arguments[3]('global')",
        "get\\u0057orkflowStatic\\u0044ata()",
        "eval('$getWorkflow' + 'Static' + 'Data()')",
        "_getWorkflowStaticData('global')",
        "globals()['_getWorkflow' + 'Static' + 'Data']('global')",
        "exec('_getWorkflow' + 'Static' + 'Data()')",
        "={{ $json.code }}",
    ],
)
def test_code_that_names_it_or_may_find_it_without_its_name(code):
    assert may_ask(code)


@pytest.mark.parametrize(
    "code", ["return $input.all()", "const data = items.map((i) => i.json.static);", "return [{'json': {'a': 1}}]", ""]
)
def test_code_that_has_no_way_to_it(code):
    assert not may_ask(code)
