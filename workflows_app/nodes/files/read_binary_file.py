"""Read Binary File: one file of the store, its path in a parameter."""

from pydantic import Field

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.store_paths import normalised


class ReadBinaryFileParams(Params):
    file_path: Text = Field("", title="File path", description="Path of the file in the team's file store.")
    data_property_name: Text = Field("data", title="File field", description="Field of the item that gets the file.")


@register
class ReadBinaryFile(NodeType[ReadBinaryFileParams]):
    """Read one file of the team's file store."""

    name = "n8n-nodes-base.readBinaryFile"
    label = "Read binary file"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    side_effects = "read"
    Params = ReadBinaryFileParams

    def execute(self, run: NodeRun[ReadBinaryFileParams]) -> Outputs:
        def work(item: Item, params: ReadBinaryFileParams, _: int) -> Item:
            file = run.files.read(normalised(params.file_path))
            if file is None:
                raise UserError(
                    f"There is no file '{params.file_path}' in the file store.",
                    code="file_missing",
                    hint="Check the path. Files get there by upload, or by a node that writes them.",
                )
            return Item(json=item.json, binary={**item.binary, params.data_property_name or "data": file})

        return [run.map(work)]
