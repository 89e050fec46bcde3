"""IF, version 2: typed conditions."""

from typing import Annotated

from pydantic import Field

from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.items import Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe
from workflows_app.toolkit.condition_fields import ConditionSet
from workflows_app.toolkit.fields import AsGroup, Flag


class IfOptions(Params):
    ignore_case: Flag = Field(False, title="Ignore case", description="Treat upper and lower case as the same.")
    loose_type_validation: Flag = Field(
        False, title="Convert types where required", description="Convert values before comparing (version 2.0)."
    )


class IfParams(Params):
    conditions: Annotated[ConditionSet, AsGroup] = Field(
        default_factory=lambda: ConditionSet.model_validate({}),
        title="Conditions",
        description="Items for which they hold go to the first output.",
        json_schema_extra=ui(widget="conditions"),
    )
    loose_type_validation: Flag = Field(
        False, title="Convert types where required", description="Convert values to the type of the comparison first."
    )
    options: Annotated[IfOptions, AsGroup] = Field(
        default_factory=lambda: IfOptions.model_validate({}),
        title="Options",
        description="Finer points of the comparison.",
    )


@register
class If(NodeType[IfParams]):
    """Send each item to true or to false."""

    name = "n8n-nodes-base.if"
    label = "If"
    group = "flow"
    icon = "n-if"
    silhouette = "choice"
    versions = (2, 2.1, 2.2, 2.3)
    outputs = ("true", "false")
    Params = IfParams

    def describe(self, node: Node) -> str:
        return describe.branch(node)

    def execute(self, run: NodeRun[IfParams]) -> Outputs:
        kept: Items = []
        others: Items = []
        for index, item in enumerate(run.items):
            (kept if self.passes(run, index) else others).append(item)
        return [kept, others]

    def passes(self, run: NodeRun[IfParams], index: int) -> bool:
        """Where the node continues on error, an item that cannot be judged counts as false."""
        try:
            params = run.params_for(index)
            loose = params.loose_type_validation or params.options.loose_type_validation
            return params.conditions.holds(run, loose=loose, ignore_case=params.options.ignore_case, item=index)
        except PumpFlixError as error:
            error.data.setdefault("itemIndex", index)
            if not run.continues_on_error:
                raise
            return False
