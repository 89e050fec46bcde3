"""Code, versions 1 and 2."""

from typing import Literal

from pydantic import Field

from workflows_app.engine.items import Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.transform.code.child import JavaScript, Python, each_item_outputs, item_outputs, run_script
from workflows_app.toolkit import describe
from workflows_app.toolkit.fields import Text

EXAMPLE = "return $input.all();\n"
PYTHON_EXAMPLE = "return _items\n"


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
        description="Language of the code. Native Python has _items or _item only, Python also _input and other nodes.",
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
        PYTHON_EXAMPLE,
        title="Python",
        description="Reads _items (or _item), returns items. The standard library is there; files and network are not.",
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
    """Change items with JavaScript or Python of your own."""

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
        script: JavaScript | Python = JavaScript(params.js_code, params.mode)
        if params.language != "javaScript":
            script = Python(params.python_code, params.mode, params.language)
        answer = run_script(run, script)
        return [self.items(run, params, answer.get("output"))]

    def items(self, run: NodeRun[CodeParams], params: CodeParams, output: object) -> Items:
        if params.mode == "runOnceForEachItem":
            return each_item_outputs(run, output)
        return item_outputs(run, output)
