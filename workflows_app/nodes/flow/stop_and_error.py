"""Stop and Error: end the run with an error of the author's own."""

from typing import Any, Literal

from pydantic import Field

from workflows_app.engine.errors import NodeFailed
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe_steps
from workflows_app.toolkit.compare import json_text, to_text
from workflows_app.toolkit.ensure import ensure
from workflows_app.toolkit.fields import Text

MESSAGE_KEYS = ("message", "description", "error")


class StopAndErrorParams(Params):
    error_type: Literal["errorMessage", "errorObject"] = Field(
        "errorMessage",
        title="Error",
        description="A message, or an object with more to it.",
        json_schema_extra=ui(labels=["Message", "Object"]),
    )
    error_message: Text = Field(
        "",
        title="Message",
        description="What the error says.",
        json_schema_extra=ui(visible_when={"errorType": ["errorMessage"]}),
    )
    error_object: Any = Field(
        "",
        title="Object",
        description="A JSON object; its message, description or error is what the error says.",
        json_schema_extra=ui(widget="code", language="json", rows=5, visible_when={"errorType": ["errorObject"]}),
    )


@register
class StopAndError(NodeType[StopAndErrorParams]):
    """End the run with an error."""

    name = "n8n-nodes-base.stopAndError"
    label = "Stop and error"
    group = "flow"
    icon = "n-stop"
    silhouette = "choice"
    outputs = ()
    Params = StopAndErrorParams

    def describe(self, node: Node) -> str:
        return describe_steps.stop(node)

    def execute(self, run: NodeRun[StopAndErrorParams]) -> Outputs:
        params = run.params
        if params.error_type == "errorMessage":
            raise NodeFailed(params.error_message or "The workflow was stopped.")
        fields = ensure("object", params.error_object, "errorObject")
        raise NodeFailed(message_of(fields), data={"error": fields})


def message_of(fields: dict[str, Any]) -> str:
    found = next((fields[key] for key in MESSAGE_KEYS if fields.get(key)), None)
    return to_text(found) if found is not None else f"Error: {json_text(fields)}"
