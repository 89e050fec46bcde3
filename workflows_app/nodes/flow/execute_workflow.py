"""Execute Workflow: call another workflow and go on with what it gives back."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import OperationalError, ParameterError, PumpFlixError, UserError
from workflows_app.engine.items import Item, Items, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text
from workflows_app.toolkit.mapped_fields import checked_fields


class ExecuteWorkflowOptions(Params):
    wait_for_sub_workflow: Flag = Field(
        True, title="Take its result", description="Go on with what the workflow gives back, not with the items sent."
    )


class ExecuteWorkflowInputs(Params):
    mapping_mode: Text = Field("defineBelow", title="Fields", description="How the fields are filled.")
    value: Any = Field(None, title="Values", description="One value per field of the called workflow.")
    schema_: Annotated[list[dict[str, Any]], AsList] = Field(
        default_factory=list, alias="schema", title="Schema", description="The fields of the called workflow."
    )
    attempt_to_convert_types: Flag = Field(
        False, title="Convert types where required", description="Turn values into the types of the fields."
    )


class ExecuteWorkflowParams(Params):
    source: Literal["database", "localFile", "parameter", "url"] = Field(
        "database",
        title="Workflow comes from",
        description="Only workflows of your team can be called.",
        json_schema_extra=ui(labels=["Your workflows", "A file", "JSON", "An address"]),
    )
    workflow_id: Any = Field(
        "", title="Workflow", description="The workflow to call.", json_schema_extra=ui(options_from="workflows")
    )
    mode: Literal["once", "each"] = Field(
        "once",
        title="Call",
        description="Once with all items, or once for each of them.",
        json_schema_extra=ui(labels=["Once with all items", "Once for each item"]),
    )
    workflow_inputs: Annotated[ExecuteWorkflowInputs, AsGroup] = Field(
        default_factory=lambda: ExecuteWorkflowInputs.model_validate({}),
        title="Fields",
        description="What the called workflow gets (from 1.2).",
    )
    options: Annotated[ExecuteWorkflowOptions, AsGroup] = Field(
        default_factory=lambda: ExecuteWorkflowOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class ExecuteWorkflow(NodeType[ExecuteWorkflowParams]):
    """Call another workflow with these items and go on with its result."""

    name = "n8n-nodes-base.executeWorkflow"
    label = "Call a workflow"
    group = "flow"
    icon = "n-sub"
    versions = (1, 1.1, 1.2, 1.3)
    side_effects = "write"
    Params = ExecuteWorkflowParams

    def execute(self, run: NodeRun[ExecuteWorkflowParams]) -> Outputs:
        sent = [sent_item(item, params, run.node.type_version) for item, params in run.each()]
        if run.params.mode == "once":
            return [result_of(run, run.params, sent, 0)]
        out: Items = []
        for index, item in enumerate(sent):
            try:
                made = result_of(run, run.params_for(index), [item], index)
            except PumpFlixError as error:
                error.data.setdefault("itemIndex", index)
                if not run.continues_on_error:
                    raise
                made = [failed_item(error, index)]
            out.extend(one.with_pair(PairedItem(index)) for one in made)
        return [out]


def sent_item(item: Item, params: ExecuteWorkflowParams, version: float) -> Item:
    """From 1.2 the fields as filled in, before that the item as it is. Files go along."""
    inputs = params.workflow_inputs
    if version < 1.2 or not inputs.schema_ or not isinstance(inputs.value, dict):
        return Item(json=item.json, binary=item.binary)
    return Item(
        json=checked_fields(inputs.value, inputs.schema_, converts=inputs.attempt_to_convert_types), binary=item.binary
    )


def result_of(run: NodeRun[ExecuteWorkflowParams], params: ExecuteWorkflowParams, sent: Items, index: int) -> Items:
    """What the called workflow gives back, or the sent items if its result is not wanted."""
    if params.options.wait_for_sub_workflow:
        return called(run, params, sent, index)
    try:
        called(run, params, sent, index)
    except OperationalError as error:
        run.log("warn", f"The called workflow failed: {error.message}", index)
    return run.items if params.mode == "once" else [run.items[index]]


def called(run: NodeRun[ExecuteWorkflowParams], params: ExecuteWorkflowParams, sent: Items, index: int) -> Items:
    if run.ports.workflows is None:
        raise OperationalError(
            "This run cannot call other workflows.",
            code="port_missing",
            hint="Run it live; samples and tests run one workflow at a time.",
        )
    items = run.ports.workflows.call(run.site(index), target(params), sent)
    return [Item(json=item.json, binary=item.binary, error=item.error) for item in items]


def target(params: ExecuteWorkflowParams) -> str:
    if params.source != "database":
        raise UserError(
            "A workflow can be called only by its id here.",
            code="operation_not_supported",
            hint="Import the workflow and choose it from the list.",
        )
    chosen = params.workflow_id
    name = chosen.get("value") if isinstance(chosen, dict) else chosen
    if not name:
        raise ParameterError("No workflow is chosen.", hint="Choose the workflow to call.")
    return str(name)
