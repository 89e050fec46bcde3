"""Merge, versions 3 to 3.2: more than two inputs."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.items import Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.flow.merge import combine
from workflows_app.nodes.flow.merge.by_sql import by_sql
from workflows_app.nodes.flow.merge.combine import JoinMode, MergeKeyRows, MergeOptions, OutputFrom
from workflows_app.toolkit import describe
from workflows_app.toolkit.fields import AsGroup, Flag, Text, Whole
from workflows_app.toolkit.joins import KeyPair
from workflows_app.toolkit.paths import names

MAX_INPUTS = 10


class MergeParams(Params):
    mode: Literal["append", "combine", "combineBySql", "chooseBranch"] = Field(
        "append",
        title="Mode",
        description="Append lists, combine items, or wait and pass one input on.",
        json_schema_extra=ui(labels=["Append", "Combine", "SQL", "Choose a branch"]),
    )
    combine_by: Literal["combineByFields", "combineByPosition", "combineAll"] = Field(
        "combineByFields",
        title="Combine by",
        description="What decides which items belong together.",
        json_schema_extra=ui(labels=["Equal fields", "Position", "Every pair"], visible_when={"mode": ["combine"]}),
    )
    number_inputs: Whole = Field(2, ge=2, le=MAX_INPUTS, title="Inputs", description="How many inputs there are.")
    advanced: Flag = Field(False, title="Different names", description="The field has another name on each side.")
    fields_to_match_string: Text = Field(
        "", title="Fields to match", description="Names that are the same on both sides, separated by commas.",
        json_schema_extra=ui(visible_when={"advanced": [False]}),
    )  # fmt: skip
    merge_by_fields: Annotated[MergeKeyRows, AsGroup] = Field(
        default_factory=lambda: MergeKeyRows.model_validate({}),
        title="Fields to match",
        description="Pairs of fields that must be equal.",
        json_schema_extra=ui(visible_when={"advanced": [True]}),
    )
    join_mode: JoinMode = Field(
        "keepMatches",
        title="Keep",
        description="Which items go on.",
        json_schema_extra=ui(
            labels=["Matches only", "What matched nothing", "Everything", "Input 1, enriched", "Input 2, enriched"],
            visible_when={"combineBy": ["combineByFields"]},
        ),
    )
    output_data_from: OutputFrom = Field(
        "both",
        title="Fields from",
        description="Whose fields the result has.",
        json_schema_extra=ui(labels=["Both inputs", "Input 1", "Input 2"]),
    )
    output: Literal["specifiedInput", "empty"] = Field(
        "specifiedInput",
        title="Pass on",
        description="What a chosen branch puts out.",
        json_schema_extra=ui(
            labels=["The items of one input", "One empty item"], visible_when={"mode": ["chooseBranch"]}
        ),
    )
    use_data_of_input: Whole = Field(
        1, ge=1, le=MAX_INPUTS, title="Input", description="Number of the input to pass on."
    )
    query: Text = Field(
        "", title="SQL", description="A query over the tables input1, input2, ...",
        json_schema_extra=ui(widget="code", language="sql", rows=5, visible_when={"mode": ["combineBySql"]}),
    )  # fmt: skip
    options: Annotated[MergeOptions, AsGroup] = Field(
        default_factory=lambda: MergeOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Merge(NodeType[MergeParams]):
    """Bring several inputs together."""

    name = "n8n-nodes-base.merge"
    label = "Merge"
    group = "flow"
    icon = "n-merge"
    versions = (3, 3.1, 3.2)
    inputs = ("input1", "input2")
    Params = MergeParams

    def describe(self, node: Node) -> str:
        return describe.merge(node)

    def execute(self, run: NodeRun[MergeParams]) -> Outputs:
        params = run.params
        inputs: list[Items] = [*run.inputs, *([[]] * len(self.input_names(run.node)))][
            : len(self.input_names(run.node))
        ]
        if params.mode == "append":
            return [combine.from_all(inputs)]
        if params.mode == "chooseBranch":
            return [combine.branch(inputs, 0 if params.output == "empty" else params.use_data_of_input)]
        if params.mode == "combineBySql":
            return [by_sql(run, inputs)]
        return [self.combined(inputs, params)]

    def combined(self, inputs: list[Items], params: MergeParams) -> Items:
        if params.combine_by == "combineByPosition":
            return combine.by_position(inputs, params.options)
        if params.combine_by == "combineAll":
            return combine.every_pair(inputs[0], inputs[1], params.options)
        if params.advanced:
            keys = [KeyPair(row.field1, row.field2) for row in params.merge_by_fields.values]
        else:
            keys = [KeyPair(name, name) for name in names(params.fields_to_match_string)]
        return combine.by_fields(inputs[0], inputs[1], keys, params.join_mode, params.output_data_from, params.options)

    def input_names(self, node: Node) -> tuple[str, ...]:
        wanted = node.parameters.get("numberInputs")
        count = int(wanted) if isinstance(wanted, int | float | str) and str(wanted).strip().isdigit() else 2
        return tuple(f"input{number + 1}" for number in range(min(max(count, 2), MAX_INPUTS)))

    def required_inputs(self, node: Node) -> int | tuple[int, ...]:
        if node.parameters.get("mode") == "chooseBranch":
            return tuple(range(len(self.input_names(node))))
        return 1
