"""Execution Data: note a few values beside the run, to find it by later."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import AsGroup, AsList, Text

MAX_KEY = 50
MAX_VALUE = 512
MAX_ENTRIES = 10


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
        """The values are kept in the node's context, which is stored with the run, and are written into its log."""
        saved: dict[str, str] = run.context.setdefault("customData", {})

        def note(item: Item, params: ExecutionDataParams, index: int) -> Item:
            for entry in params.data_to_save.values:
                if not entry.key:
                    raise ParameterError("A value has no name.", hint="Enter a name for every value.")
                if len(saved) >= MAX_ENTRIES and entry.key not in saved:
                    raise ParameterError(f"There are more than {MAX_ENTRIES} values.", hint="Note fewer values.")
                saved[entry.key[:MAX_KEY]] = entry.value[:MAX_VALUE]
                run.log("info", f"{entry.key[:MAX_KEY]} = {entry.value[:MAX_VALUE]}", index)
            return item

        return [run.map(note)]
