"""Execute Workflow Trigger: where a workflow begins that other workflows call."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.ensure import ensure
from workflows_app.toolkit.fields import AsGroup, AsList, Text


class WorkflowInput(Params):
    name: Text = Field("", title="Name", description="Name of the field.")
    type: Text = Field("string", title="Type", description="string, number, boolean, array, object or any.")


class WorkflowInputs(Params):
    values: Annotated[list[WorkflowInput], AsList] = Field(
        default_factory=list, title="Fields", description="One field per row."
    )


class ExecuteWorkflowTriggerParams(Params):
    events: Text = Field("worklfow_call", title="Event", description="Only one kind of call exists.")
    input_source: Literal["workflowInputs", "jsonExample", "passthrough"] = Field(
        "workflowInputs",
        title="Fields come from",
        description="A list of fields, an example, or whatever the caller sends (from 1.1).",
        json_schema_extra=ui(labels=["A list of fields", "An example", "Whatever is sent"]),
    )
    workflow_inputs: Annotated[WorkflowInputs, AsGroup] = Field(
        default_factory=lambda: WorkflowInputs.model_validate({}),
        title="Fields",
        description="The fields this workflow takes.",
        json_schema_extra=ui(visible_when={"inputSource": ["workflowInputs"]}),
    )
    json_example: Any = Field(
        "{}",
        title="Example",
        description="An object with the fields this workflow takes.",
        json_schema_extra=ui(widget="code", language="json", rows=8, visible_when={"inputSource": ["jsonExample"]}),
    )


@register
class ExecuteWorkflowTrigger(NodeType[ExecuteWorkflowTriggerParams]):
    """Start when another workflow calls this one."""

    name = "n8n-nodes-base.executeWorkflowTrigger"
    label = "Called by a workflow"
    group = "trigger"
    icon = "n-sub"
    silhouette = "trigger"
    versions = (1, 1.1)
    inputs = ()
    trigger = True
    Params = ExecuteWorkflowTriggerParams

    def execute(self, run: NodeRun[ExecuteWorkflowTriggerParams]) -> Outputs:
        """The declared fields, null where the caller sent none; without any, everything that was sent."""
        params = run.params
        if run.node.type_version < 1.1 or params.input_source == "passthrough":
            return [run.items]
        names = field_names(params)
        if not names:
            return [run.items]
        return [[Item({name: item.json.get(name) for name in names}, item.binary, item.paired) for item in run.items]]


def field_names(params: ExecuteWorkflowTriggerParams) -> list[str]:
    if params.input_source == "workflowInputs":
        return [field.name for field in params.workflow_inputs.values if field.name]
    return list(ensure("object", params.json_example, "jsonExample"))
