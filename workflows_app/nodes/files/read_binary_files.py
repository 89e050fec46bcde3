"""Read Binary Files: every file of the store that fits a pattern."""

from pydantic import Field

from workflows_app.engine.items import Item, Items, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import Text
from workflows_app.toolkit.stored_files import selected_files


class ReadBinaryFilesParams(Params):
    file_selector: Text = Field(
        "",
        title="File selector",
        description="Path of a file, or a pattern such as reports/**/*.pdf.",
        json_schema_extra=ui(placeholder="reports/*.pdf"),
    )
    data_property_name: Text = Field("data", title="File field", description="Field of the item that gets the file.")


@register
class ReadBinaryFiles(NodeType[ReadBinaryFilesParams]):
    """Read every file of the team's file store that fits a pattern."""

    name = "n8n-nodes-base.readBinaryFiles"
    label = "Read binary files"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    side_effects = "read"
    Params = ReadBinaryFilesParams

    def execute(self, run: NodeRun[ReadBinaryFilesParams]) -> Outputs:
        params = run.params
        files = selected_files(run, params.file_selector)
        pairs = tuple(PairedItem(index) for index in range(len(run.items)))
        made: Items = [
            Item(json={}, binary={params.data_property_name or "data": file}, paired=pairs) for file in files
        ]
        return [made]
