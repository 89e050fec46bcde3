"""Read/Write Files from Disk, versions 1 and 1.1: here the disk is the team's file store."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import Binary, Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import AsGroup, Flag, Text
from workflows_app.toolkit.files import kind_of, size_text
from workflows_app.toolkit.stored_files import selected_files, write_file

READING = {"operation": ["read"]}
WRITING = {"operation": ["write"]}


class ReadWriteFileOptions(Params):
    file_name: Text = Field("", title="File name", description="Name of the file on the item; its own if empty.")
    file_extension: Text = Field("", title="File extension", description="Extension on the item; its own if empty.")
    mime_type: Text = Field("", title="File type", description="MIME type on the item; its own if empty.")
    data_property_name: Text = Field("data", title="File field", description="Field of the item that gets the file.")
    append: Flag = Field(False, title="Append", description="Write behind what the file holds already.")


class ReadWriteFileParams(Params):
    operation: Literal["read", "write"] = Field(
        "read",
        title="Operation",
        description="Read files of the store, or write one.",
        json_schema_extra=ui(labels=["Read files", "Write a file"]),
    )
    file_selector: Text = Field(
        "",
        title="Files",
        description="Path of a file, or a pattern such as reports/**/*.pdf.",
        json_schema_extra=ui(visible_when=READING, placeholder="reports/*.pdf"),
    )
    file_name: Text = Field(
        "",
        title="File path",
        description="Path to write to in the team's file store.",
        json_schema_extra=ui(visible_when=WRITING),
    )
    data_property_name: Text = Field(
        "data",
        title="File field",
        description="Field of the item that holds the file.",
        json_schema_extra=ui(visible_when=WRITING),
    )
    options: Annotated[ReadWriteFileOptions, AsGroup] = Field(
        default_factory=lambda: ReadWriteFileOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class ReadWriteFile(NodeType[ReadWriteFileParams]):
    """Read files of the team's file store, or write one."""

    name = "n8n-nodes-base.readWriteFile"
    label = "Read or write files"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    versions = (1, 1.1)
    side_effects = "write"
    Params = ReadWriteFileParams

    def execute(self, run: NodeRun[ReadWriteFileParams]) -> Outputs:
        def work(item: Item, params: ReadWriteFileParams, index: int) -> Item | Items:
            if params.operation == "read":
                return read_files(run, params)
            field = params.data_property_name or "data"
            return write_file(run, item, index, path=params.file_name, field=field, append=params.options.append)

        return [run.map(work)]


def read_files(run: NodeRun[ReadWriteFileParams], params: ReadWriteFileParams) -> Items:
    """An item per file with its facts as fields. Raises UserError where none fits."""
    options = params.options
    files = selected_files(run, params.file_selector)
    if not files:
        raise UserError(
            f"No file fits '{params.file_selector}'.",
            code="file_missing",
            hint="Check the path. Files get into the store by upload, or by a node that writes them.",
        )
    named = [
        replace(
            file,
            file_name=options.file_name or file.file_name,
            file_extension=options.file_extension or file.file_extension,
            mime_type=options.mime_type or file.mime_type,
        )
        for file in files
    ]
    return [Item(json=facts(file), binary={options.data_property_name or "data": file}) for file in named]


def facts(file: Binary) -> JsonObject:
    return {
        "mimeType": file.mime_type,
        "fileType": kind_of(file.mime_type),
        "fileName": file.file_name,
        "fileExtension": file.file_extension,
        "fileSize": size_text(file.size_bytes),
    }
