"""Execution Data: note a few values beside the run, to find it by later."""

import re
from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item
from workflows_app.engine.labels import MAX_KEY, MAX_VALUE
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import AsGroup, AsList, Text

KEY = re.compile("[A-Za-z0-9_]+")


class ExecutionDataEntry(Params):
    key: Text = Field("", title="Name", description="What the value is called.")
    value: Text = Field("", title="Value", description="The value to note.")


class ExecutionDataEntries(Params):
    values: Annotated[list[ExecutionDataEntry], AsList] = Field(
        default_factory=list, title="Values", description="One value per row."
    )


class ExecutionDataParams(Params):
    operation: Literal["save"] = Field(
        "save", title="Action", description="What to do.", json_schema_extra=ui(labels=["Note values"])
    )
    data_to_save: Annotated[ExecutionDataEntries, AsGroup] = Field(
        default_factory=lambda: ExecutionDataEntries.model_validate({}),
        title="Values",
        description="The values noted beside the run.",
    )


@register
class ExecutionData(NodeType[ExecutionDataParams]):
    """Note values beside the run, to find it by later."""

    name = "n8n-nodes-base.executionData"
    label = "Execution data"
    group = "flow"
    icon = "pin"
    versions = (1, 1.1)
    Params = ExecutionDataParams

    def execute(self, run: NodeRun[ExecutionDataParams]) -> Outputs:
        """The values become labels of the run, and are written into its log."""

        def note(item: Item, params: ExecutionDataParams, index: int) -> Item:
            for entry in params.data_to_save.values:
                if not entry.key:
                    raise ParameterError("A value has no name.", hint="Enter a name for every value.")
                if KEY.fullmatch(entry.key) is None:
                    raise ParameterError(
                        f"The name '{entry.key[:60]}' has other characters than letters, digits and underscores.",
                        hint="Rename the value.",
                    )
                run.label(entry.key, entry.value)
                run.log("info", f"{entry.key[:MAX_KEY]} = {entry.value[:MAX_VALUE]}", index)
            return item

        return [run.map(note)]
