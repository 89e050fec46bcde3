"""Filter, version 2: typed conditions."""

from typing import Annotated

from pydantic import Field

from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe
from workflows_app.toolkit.condition_fields import ConditionSet
from workflows_app.toolkit.fields import AsGroup, Flag


class FilterOptions(Params):
    ignore_case: Flag = Field(False, title="Ignore case", description="Treat upper and lower case as the same.")
    loose_type_validation: Flag = Field(
        False, title="Convert types where required", description="Convert values before comparing (version 2.0)."
    )


class FilterParams(Params):
    conditions: Annotated[ConditionSet, AsGroup] = Field(
        default_factory=lambda: ConditionSet.model_validate({}),
        title="Conditions",
        description="Items for which they hold are kept.",
        json_schema_extra=ui(widget="conditions"),
    )
    loose_type_validation: Flag = Field(
        False, title="Convert types where required", description="Convert values to the type of the comparison first."
    )
    options: Annotated[FilterOptions, AsGroup] = Field(
        default_factory=lambda: FilterOptions.model_validate({}),
        title="Options",
        description="Finer points of the comparison.",
    )


@register
class Filter(NodeType[FilterParams]):
    """Keep the items for which the conditions hold, drop the rest."""

    name = "n8n-nodes-base.filter"
    label = "Filter"
    group = "flow"
    icon = "n-filter"
    silhouette = "choice"
    versions = (2, 2.1, 2.2, 2.3)
    Params = FilterParams

    def describe(self, node: Node) -> str:
        return describe.keep_where(node)

    def execute(self, run: NodeRun[FilterParams]) -> Outputs:
        return [[item for index, item in enumerate(run.items) if self.passes(run, index)]]

    def passes(self, run: NodeRun[FilterParams], index: int) -> bool:
        """Where the node continues on error, an item that cannot be judged is dropped."""
        try:
            params = run.params_for(index)
            loose = params.loose_type_validation or params.options.loose_type_validation
            return params.conditions.holds(run, loose=loose, ignore_case=params.options.ignore_case, item=index)
        except PumpFlixError as error:
            error.data.setdefault("itemIndex", index)
            if not run.continues_on_error:
                raise
            return False
