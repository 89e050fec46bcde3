"""Function: the code node of older workflows, once for all items."""

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.nodes.transform.code.child import JavaScript, item_outputs, run_script
from workflows_app.toolkit.fields import Text

EXAMPLE = "return items;\n"


class FunctionParams(Params):
    function_code: Text = Field(
        EXAMPLE,
        title="JavaScript",
        description="Reads and changes `items`, and returns them.",
        json_schema_extra=ui(widget="code", language="javascript", rows=16, no_expression=True),
    )


@register
class Function(NodeType[FunctionParams]):
    """Change items with JavaScript of your own (older workflows)."""

    name = "n8n-nodes-base.function"
    label = "Function"
    group = "transform"
    icon = "n-code"
    side_effects = "write"
    Params = FunctionParams

    def execute(self, run: NodeRun[FunctionParams]) -> Outputs:
        answer = run_script(run, JavaScript(run.params.function_code, legacy="function"))
        return [item_outputs(run, answer.get("output"))]
