"""FTP: files of an FTP or SFTP server. Off until an administrator switches it on."""

from posixpath import basename
from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import AsGroup, Flag, Text
from workflows_app.toolkit.files import mime_of
from workflows_app.toolkit.servers import Talk, talking

ON_ONE_PATH = {"operation": ["delete", "download", "list", "upload"]}
UPLOADING = {"operation": ["upload"]}


class FtpOptions(Params):
    folder: Flag = Field(False, title="Folder", description="The path is a folder.")
    recursive: Flag = Field(False, title="With its contents", description="Delete what is in the folder as well.")
    create_directories: Flag = Field(False, title="Make folders", description="Make the folders of the new path.")


class FtpParams(Params):
    protocol: Literal["ftp", "sftp"] = Field(
        "ftp", title="Protocol", description="FTP is not encrypted.", json_schema_extra=ui(labels=["FTP", "SFTP"])
    )
    operation: Literal["delete", "download", "list", "rename", "upload"] = Field(
        "download",
        title="Operation",
        description="What happens.",
        json_schema_extra=ui(labels=["Delete", "Download", "List a folder", "Rename or move", "Upload"]),
    )
    path: Text = Field(
        "", title="Path", description="The file or folder on the server.",
        json_schema_extra=ui(visible_when=ON_ONE_PATH, placeholder="/reports/may.csv"),
    )  # fmt: skip
    recursive: Flag = Field(
        False, title="With subfolders", description="List what is in the folders below as well.",
        json_schema_extra=ui(visible_when={"operation": ["list"]}),
    )  # fmt: skip
    old_path: Text = Field(
        "", title="Old path", description="The file as it is called now.",
        json_schema_extra=ui(visible_when={"operation": ["rename"]}),
    )  # fmt: skip
    new_path: Text = Field(
        "", title="New path", description="What it is called from then on.",
        json_schema_extra=ui(visible_when={"operation": ["rename"]}),
    )  # fmt: skip
    binary_data: Flag = Field(
        True, title="From a file", description="Upload a file of the item, not text entered here.",
        json_schema_extra=ui(visible_when=UPLOADING),
    )  # fmt: skip
    binary_property_name: Text = Field(
        "data", title="File field", description="Field of the item that holds or gets the file.",
        json_schema_extra=ui(visible_when={"operation": ["download", "upload"]}),
    )  # fmt: skip
    file_content: Text = Field(
        "", title="Text", description="What the file will hold.",
        json_schema_extra=ui(visible_when={**UPLOADING, "binaryData": [False]}, rows=4),
    )  # fmt: skip
    options: Annotated[FtpOptions, AsGroup] = Field(
        default_factory=FtpOptions, title="Options", description="Finer points."
    )


Run = NodeRun[FtpParams]


@register
class Ftp(NodeType[FtpParams]):
    """List, fetch, put and delete files of an FTP or SFTP server. An administrator has to switch it on first."""

    name = "n8n-nodes-base.ftp"
    label = "FTP"
    group = "files"
    icon = "n-file"
    silhouette = "world"
    credentials = ("ftp", "sftp")
    needs_permission = True
    side_effects = "write"
    Params = FtpParams

    def execute(self, run: Run) -> Outputs:
        protocol = run.params.protocol
        with talking(run, protocol, protocol) as talk:

            def work(item: Item, params: FtpParams, index: int) -> Item | JsonObject | Items:
                return Folder(run, talk, item, index).answer(params)

            return [run.map(work)]


class Folder:
    """The questions of one item."""

    def __init__(self, run: Run, talk: Talk, item: Item, index: int) -> None:
        self._run = run
        self._talk = talk
        self._item = item
        self._index = index

    def answer(self, params: FtpParams) -> Item | JsonObject | Items:
        match params.operation:
            case "list":
                arguments = {"path": params.path or "/", "recursive": params.recursive}
                found = self._talk.ask("list", arguments, item=self._index).value
                return [Item(json=entry) for entry in found]
            case "download":
                return self._download(params)
            case "upload":
                data = self._content(params)
                self._talk.ask("put", {"path": self._path(params.path)}, item=self._index, data=data)
                return self._item
            case "rename":
                arguments = {"from": self._path(params.old_path), "to": self._path(params.new_path)}
                makes = params.options.create_directories
                self._talk.ask("rename", {**arguments, "makeFolders": makes}, item=self._index)
            case "delete":
                options = params.options
                arguments = {"path": self._path(params.path), "folder": options.folder, "recursive": options.recursive}
                self._talk.ask("delete", arguments, item=self._index)
        return {"success": True}

    def _download(self, params: FtpParams) -> Item:
        path = self._path(params.path)
        data = self._talk.ask("get", {"path": path}, item=self._index).files[0]
        name = basename(path)
        file = self._run.put_file(data, mime_type=mime_of(name), file_name=name)
        field = params.binary_property_name or "data"
        return Item(json=self._item.json, binary={**self._item.binary, field: file})

    def _content(self, params: FtpParams) -> bytes:
        if not params.binary_data:
            return params.file_content.encode("utf-8", "replace")
        return self._run.get_file(self._item, params.binary_property_name or "data")[1]

    def _path(self, path: str) -> str:
        if not path.strip("/ "):
            raise ParameterError("There is no path.", hint="Enter the path of a file on the server.")
        return path
