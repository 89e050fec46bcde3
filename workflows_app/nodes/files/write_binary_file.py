"""Write Binary File: a file of each item into the store."""

from typing import Annotated

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import AsGroup, Flag, Text
from workflows_app.toolkit.stored_files import write_file


class WriteBinaryFileOptions(Params):
    append: Flag = Field(False, title="Append", description="Write behind what the file holds already.")


class WriteBinaryFileParams(Params):
    file_name: Text = Field("", title="File name", description="Path to write to in the team's file store.")
    data_property_name: Text = Field("data", title="File field", description="Field of the item that holds the file.")
    options: Annotated[WriteBinaryFileOptions, AsGroup] = Field(
        default_factory=lambda: WriteBinaryFileOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class WriteBinaryFile(NodeType[WriteBinaryFileParams]):
    """Write a file of each item into the team's file store."""

    name = "n8n-nodes-base.writeBinaryFile"
    label = "Write binary file"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    side_effects = "write"
    Params = WriteBinaryFileParams

    def execute(self, run: NodeRun[WriteBinaryFileParams]) -> Outputs:
        return [
            run.map(
                lambda item, params, index: write_file(
                    run,
                    item,
                    index,
                    path=params.file_name,
                    field=params.data_property_name or "data",
                    append=params.options.append,
                )
            )
        ]
