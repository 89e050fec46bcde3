"""Execute Workflow: call another workflow and go on with what it gives back."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import OperationalError, ParameterError, PumpFlixError, UserError
from workflows_app.engine.items import Item, Items, JsonObject, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.params import Params, ui
from workflows_app.engine.ports import HttpRequest
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Workflow
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text
from workflows_app.toolkit.http_errors import remote_error
from workflows_app.toolkit.mapped_fields import checked_fields
from workflows_app.toolkit.relaxed_json import NotJson, parse
from workflows_app.toolkit.store_paths import normalised

MAX_BYTES = 5 * 1024 * 1024


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
        description="A workflow of your team, or an n8n export from somewhere else.",
        json_schema_extra=ui(labels=["Your workflows", "A file", "JSON", "An address"]),
    )
    workflow_id: Any = Field(
        "",
        title="Workflow",
        description="The workflow to call.",
        json_schema_extra=ui(options_from="workflows", visible_when={"source": ["database"]}),
    )
    workflow_path: Text = Field(
        "",
        title="File",
        description="Name of an export in the team's file store.",
        json_schema_extra=ui(visible_when={"source": ["localFile"]}),
    )
    workflow_json: Any = Field(
        "",
        title="JSON",
        description="The export itself.",
        json_schema_extra=ui(widget="code", language="json", rows=10, visible_when={"source": ["parameter"]}),
    )
    workflow_url: Text = Field(
        "",
        title="Address",
        description="Where the export is.",
        json_schema_extra=ui(visible_when={"source": ["url"]}),
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


Run = NodeRun[ExecuteWorkflowParams]


def sent_item(item: Item, params: ExecuteWorkflowParams, version: float) -> Item:
    """From 1.2 the fields as filled in, before that the item as it is. Files go along."""
    inputs = params.workflow_inputs
    if version < 1.2 or not inputs.schema_ or not isinstance(inputs.value, dict):
        return Item(json=item.json, binary=item.binary)
    return Item(
        json=checked_fields(inputs.value, inputs.schema_, converts=inputs.attempt_to_convert_types), binary=item.binary
    )


def result_of(run: Run, params: ExecuteWorkflowParams, sent: Items, index: int) -> Items:
    """What the called workflow gives back; the items themselves where it runs on by itself."""
    if run.ports.workflows is None:
        raise OperationalError(
            "This run cannot call other workflows.",
            code="port_missing",
            hint="Run it live; samples and tests run one workflow at a time.",
        )
    workflow = target(run, params, index)
    if params.options.wait_for_sub_workflow:
        items = run.ports.workflows.call(run.site(index), workflow, sent)
        return [Item(json=item.json, binary=item.binary, error=item.error) for item in items]
    started = run.ports.workflows.start(run.site(index), workflow, sent)
    run.log("info", f"Started run {started}, and goes on without it.", index)
    return run.items if params.mode == "once" else [run.items[index]]


def target(run: Run, params: ExecuteWorkflowParams, index: int) -> str | JsonObject:
    """The id of the workflow, or the workflow itself."""
    if params.source == "parameter":
        return exported(params.workflow_json, "The JSON")
    if params.source == "localFile":
        return exported(text_of_file(run, params.workflow_path), f"The file '{params.workflow_path}'")
    if params.source == "url":
        return exported(text_at(run, params.workflow_url, index), f"What is at {params.workflow_url}")
    chosen = params.workflow_id
    name = chosen.get("value") if isinstance(chosen, dict) else chosen
    if not name:
        raise ParameterError("No workflow is chosen.", hint="Choose the workflow to call.")
    return str(name)


def exported(value: Any, subject: str) -> JsonObject:
    """An export read from text. Raises ParameterError, WorkflowInvalid."""
    try:
        raw = parse(value) if isinstance(value, str) else value
    except NotJson as error:
        raise ParameterError(f"{subject} is not valid JSON: {error}.", hint="Export the workflow once more.") from None
    Workflow.from_n8n(raw)
    return dict(raw)


def text_of_file(run: Run, path: str) -> str:
    file = run.files.read(normalised(path))
    if file is None:
        raise UserError(
            f"There is no file '{path}' in the file store.",
            code="file_missing",
            hint="Check the path. Files get there by upload, or by a node that writes them.",
        )
    return run.ports.payloads.get(file.ref).decode("utf-8-sig", "replace")


def text_at(run: Run, url: str, index: int) -> str:
    if not url:
        raise ParameterError("No address is given.", hint="Enter the address of an n8n export.")
    answer = run.http(HttpRequest("GET", url, (("Accept", "application/json"),), max_bytes=MAX_BYTES), item=index)
    if answer.status >= 400:
        raise remote_error(answer, run.now())
    return answer.body.decode("utf-8-sig", "replace")
