"""SSH: commands on another machine, and its files. Off until an administrator switches it on."""

import shlex
from posixpath import basename, join
from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import AsGroup, Text
from workflows_app.toolkit.files import mime_of
from workflows_app.toolkit.servers import Talk, talking

COMMANDS = {"resource": ["command"]}
FILES = {"resource": ["file"]}
CREDENTIALS = {"password": "sshPassword", "privateKey": "sshPrivateKey"}


class SshOptions(Params):
    file_name: Text = Field("", title="File name", description="Another name for the file; its own if empty.")


class SshParams(Params):
    authentication: Literal["password", "privateKey"] = Field(
        "password",
        title="Sign in with",
        description="A password or a key.",
        json_schema_extra=ui(labels=["Password", "Private key"]),
    )
    resource: Literal["command", "file"] = Field("command", title="Resource", description="A command, or a file.")
    operation: Literal["execute", "download", "upload"] = Field(
        "execute", title="Operation", description="What happens to the file; a command is executed."
    )
    command: Text = Field(
        "", title="Command", description="A line for the shell of that machine.",
        json_schema_extra=ui(visible_when=COMMANDS, rows=4),
    )  # fmt: skip
    cwd: Text = Field(
        "/", title="Folder", description="Where the command starts.", json_schema_extra=ui(visible_when=COMMANDS)
    )
    path: Text = Field(
        "", title="Path", description="The file to download, or the folder to upload into.",
        json_schema_extra=ui(visible_when=FILES),
    )  # fmt: skip
    binary_property_name: Text = Field(
        "data", title="File field", description="Field of the item that holds or gets the file.",
        json_schema_extra=ui(visible_when=FILES),
    )  # fmt: skip
    options: Annotated[SshOptions, AsGroup] = Field(
        default_factory=SshOptions, title="Options", description="Finer points.",
        json_schema_extra=ui(visible_when=FILES),
    )  # fmt: skip


Run = NodeRun[SshParams]


@register
class Ssh(NodeType[SshParams]):
    """Run commands on another machine, or fetch and put its files. An administrator has to switch it on first."""

    name = "n8n-nodes-base.ssh"
    label = "SSH"
    group = "files"
    icon = "n-code"
    silhouette = "world"
    credentials = ("sshPassword", "sshPrivateKey")
    needs_permission = True
    side_effects = "write"
    Params = SshParams

    def execute(self, run: Run) -> Outputs:
        with talking(run, "ssh", CREDENTIALS[run.params.authentication]) as talk:
            return [run.map(lambda item, params, index: answer(run, talk, item, params, index))]


def answer(run: Run, talk: Talk, item: Item, params: SshParams, index: int) -> Item | JsonObject:
    if params.resource == "command":
        if not params.command.strip():
            raise ParameterError("There is no command.", hint="Enter one, or check the expression it comes from.")
        made: JsonObject = talk.ask("run", {"command": in_folder(params.cwd, params.command)}, item=index).value
        return made
    if not params.path.strip():
        raise ParameterError("There is no path.", hint="Enter a path on the server.")
    field = params.binary_property_name or "data"
    if params.operation == "download":
        data = talk.ask("get", {"path": params.path}, item=index).files[0]
        name = params.options.file_name or basename(params.path)
        file = run.put_file(data, mime_type=mime_of(basename(params.path)), file_name=name)
        return Item(json=item.json, binary={**item.binary, field: file})
    file, data = run.get_file(item, field)
    name = basename(params.options.file_name or file.file_name or field)
    talk.ask("put", {"path": join(params.path, name)}, item=index, data=data)
    return {"success": True}


def in_folder(folder: str, command: str) -> str:
    """The command, started in that folder; `~` stays what the shell makes of it."""
    home, slash, rest = folder.partition("/") if folder.startswith("~") else ("", "", folder)
    place = f"{home}{slash}{shlex.quote(rest) if rest else ''}"
    return f"cd {place}\n{command}" if place else command
