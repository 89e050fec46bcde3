"""Function Item: the code node of older workflows, once for each item."""

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.nodes.transform.code.child import JavaScript, each_item_outputs, run_script
from workflows_app.toolkit.fields import Text

EXAMPLE = "return item;\n"


class FunctionItemParams(Params):
    function_code: Text = Field(
        EXAMPLE,
        title="JavaScript",
        description="Reads and changes `item`, the data of one item, and returns it.",
        json_schema_extra=ui(widget="code", language="javascript", rows=16, no_expression=True),
    )


@register
class FunctionItem(NodeType[FunctionItemParams]):
    """Change each item with JavaScript of your own (older workflows)."""

    name = "n8n-nodes-base.functionItem"
    label = "Function item"
    group = "transform"
    icon = "n-code"
    side_effects = "write"
    Params = FunctionItemParams

    def execute(self, run: NodeRun[FunctionItemParams]) -> Outputs:
        script = JavaScript(run.params.function_code, "runOnceForEachItem", legacy="functionItem")
        return [each_item_outputs(run, run_script(run, script).get("output"))]
