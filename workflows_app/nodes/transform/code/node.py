"""Code, versions 1 and 2."""

from typing import Literal

from pydantic import Field

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.transform.code.child import JavaScript, each_item_outputs, item_outputs, run_script
from workflows_app.toolkit import describe
from workflows_app.toolkit.fields import Text

EXAMPLE = "return $input.all();\n"


class CodeParams(Params):
    mode: Literal["runOnceForAllItems", "runOnceForEachItem"] = Field(
        "runOnceForAllItems",
        title="Run",
        description="Once with all items, or once for each of them.",
        json_schema_extra=ui(labels=["Once for all items", "Once for each item"]),
    )
    language: Literal["javaScript", "python", "pythonNative"] = Field(
        "javaScript",
        title="Language",
        description="Language of the code.",
        json_schema_extra=ui(labels=["JavaScript", "Python", "Python (native)"]),
    )
    js_code: Text = Field(
        EXAMPLE,
        title="JavaScript",
        description="Reads $input, returns items. Luxon, lodash and crypto are there.",
        json_schema_extra=ui(
            widget="code", language="javascript", rows=16, no_expression=True, visible_when={"language": ["javaScript"]}
        ),
    )
    python_code: Text = Field(
        "",
        title="Python",
        description="Kept for a later release, where Python runs too.",
        json_schema_extra=ui(
            widget="code",
            language="python",
            rows=16,
            no_expression=True,
            visible_when={"language": ["python", "pythonNative"]},
        ),
    )


@register
class Code(NodeType[CodeParams]):
    """Change items with JavaScript of your own."""

    name = "n8n-nodes-base.code"
    label = "Code"
    group = "transform"
    icon = "n-code"
    versions = (1, 2)
    side_effects = "write"
    Params = CodeParams

    def describe(self, node: Node) -> str:
        return describe.code(node)

    def execute(self, run: NodeRun[CodeParams]) -> Outputs:
        params = run.params
        if params.language != "javaScript":
            raise UserError(
                "Python code does not run in this release yet.",
                code="operation_not_supported",
                hint="Rewrite the code in JavaScript, or wait for the next release.",
            )
        answer = run_script(run, JavaScript(params.js_code, params.mode))
        return [self.items(run, params, answer.get("output"))]

    def items(self, run: NodeRun[CodeParams], params: CodeParams, output: object) -> Items:
        if params.mode == "runOnceForEachItem":
            return each_item_outputs(run, output)
        return item_outputs(run, output)
