"""Merge, versions 2 and 2.1."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.flow.merge import combine
from workflows_app.nodes.flow.merge.combine import JoinMode, MergeKeyRows, MergeOptions, OutputFrom
from workflows_app.toolkit import describe
from workflows_app.toolkit.fields import AsGroup
from workflows_app.toolkit.joins import KeyPair, check_fields

JOIN_LABELS = ["Matches only", "What matched nothing", "Everything", "Input 1, enriched", "Input 2, enriched"]


class MergeTwoParams(Params):
    mode: Literal["append", "combine", "chooseBranch"] = Field(
        "append",
        title="Mode",
        description="Append one list to the other, combine items, or wait and pass one input on.",
        json_schema_extra=ui(labels=["Append", "Combine", "Choose a branch"]),
    )
    combination_mode: Literal["mergeByFields", "mergeByPosition", "multiplex"] = Field(
        "mergeByFields",
        title="Combine by",
        description="What decides which items belong together.",
        json_schema_extra=ui(labels=["Equal fields", "Position", "Every pair"], visible_when={"mode": ["combine"]}),
    )
    merge_by_fields: Annotated[MergeKeyRows, AsGroup] = Field(
        default_factory=lambda: MergeKeyRows.model_validate({}),
        title="Fields to match",
        description="Fields that must be equal.",
    )
    join_mode: JoinMode = Field(
        "keepMatches",
        title="Keep",
        description="Which items go on.",
        json_schema_extra=ui(labels=JOIN_LABELS, visible_when={"combinationMode": ["mergeByFields"]}),
    )
    output_data_from: OutputFrom = Field(
        "both",
        title="Fields from",
        description="Whose fields the result has.",
        json_schema_extra=ui(labels=["Both inputs", "Input 1", "Input 2"]),
    )
    output: Literal["input1", "input2", "empty"] = Field(
        "input1",
        title="Pass on",
        description="What a chosen branch puts out.",
        json_schema_extra=ui(labels=["Input 1", "Input 2", "One empty item"], visible_when={"mode": ["chooseBranch"]}),
    )
    options: Annotated[MergeOptions, AsGroup] = Field(
        default_factory=lambda: MergeOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class MergeTwo(NodeType[MergeTwoParams]):
    """Bring two inputs together (version 2)."""

    name = "n8n-nodes-base.merge"
    label = "Merge"
    group = "flow"
    icon = "n-merge"
    versions = (2, 2.1)
    inputs = ("input1", "input2")
    Params = MergeTwoParams

    def describe(self, node: Node) -> str:
        return describe.merge(node)

    def execute(self, run: NodeRun[MergeTwoParams]) -> Outputs:
        left, right = [*run.inputs, [], []][:2]
        params = run.params
        if params.mode == "append":
            return [[*left, *right]]
        if params.mode == "chooseBranch":
            return [combine.branch([left, right], {"input1": 1, "input2": 2, "empty": 0}[params.output])]
        if params.combination_mode == "mergeByPosition":
            if not left or not right:
                return [left or right]
            return [combine.by_position([left, right], params.options)]
        if params.combination_mode == "multiplex":
            return [combine.every_pair(left, right, params.options)]
        keys = [KeyPair(row.field1, row.field2) for row in params.merge_by_fields.values]
        if run.node.type_version < 2.1:
            dotted = not params.options.disable_dot_notation
            check_fields(left, [key.left for key in keys], "input 1", dotted=dotted, may_be_empty=False)
            check_fields(right, [key.right for key in keys], "input 2", dotted=dotted, may_be_empty=False)
        return [combine.by_fields(left, right, keys, params.join_mode, params.output_data_from, params.options)]

    def required_inputs(self, node: Node) -> int | tuple[int, ...]:
        return (0, 1) if node.parameters.get("mode") == "chooseBranch" else 1
