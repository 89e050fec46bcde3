"""Move Binary Data: fields become a file, a file becomes fields."""

import base64
import copy
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit import paths
from workflows_app.toolkit.base64_text import from_base64
from workflows_app.toolkit.compare import json_text, to_text
from workflows_app.toolkit.fields import AsGroup, Flag, Text
from workflows_app.toolkit.files import decode, encode, extension_for, mime_of
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict

TO_JSON = {"mode": ["binaryToJson"]}
TO_FILE = {"mode": ["jsonToBinary"]}


class MoveBinaryDataOptions(Params):
    add_bom: Flag = Field(False, alias="addBOM", title="Byte order mark", description="Begin the file with a mark.")
    data_is_base64: Flag = Field(False, title="Content is Base64", description="Decode the text into the file.")
    encoding: Text = Field("utf8", title="Encoding", description="Encoding of the file, such as utf8 or latin1.")
    file_name: Text = Field("", title="File name", description="Name of the file.")
    json_parse: Flag = Field(False, alias="jsonParse", title="Parse JSON", description="Read the text as JSON.")
    keep_as_base64: Flag = Field(False, title="Keep as Base64", description="Write the bytes as Base64 text.")
    keep_source: Flag = Field(False, title="Keep source", description="Leave what was read on the item.")
    mime_type: Text = Field("", title="File type", description="MIME type; follows from the file name if empty.")
    strip_bom: Flag = Field(
        True, alias="stripBOM", title="Drop byte order mark", description="Leave the mark at the start out."
    )
    use_raw_data: Flag = Field(False, title="Use raw data", description="Write the text as it is instead of as JSON.")


class MoveBinaryDataParams(Params):
    mode: Literal["binaryToJson", "jsonToBinary"] = Field(
        "binaryToJson",
        title="Mode",
        description="Which way the data goes.",
        json_schema_extra=ui(labels=["File to fields", "Fields to file"]),
    )
    set_all_data: Flag = Field(
        True,
        title="Set all data",
        description="The file holds the whole item as JSON.",
        json_schema_extra=ui(visible_when=TO_JSON),
    )
    convert_all_data: Flag = Field(
        True,
        title="Convert all data",
        description="Write all fields of the item.",
        json_schema_extra=ui(visible_when=TO_FILE),
    )
    source_key: Text = Field("data", title="Read from", description="Field, or file field, that is read.")
    destination_key: Text = Field("data", title="Write to", description="Field, or file field, that is written.")
    options: Annotated[MoveBinaryDataOptions, AsGroup] = Field(
        default_factory=lambda: MoveBinaryDataOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class MoveBinaryData(NodeType[MoveBinaryDataParams]):
    """Turn a file into fields of the item, or fields into a file."""

    name = "n8n-nodes-base.moveBinaryData"
    label = "Convert to or from file"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    versions = (1, 1.1)
    Params = MoveBinaryDataParams

    def execute(self, run: NodeRun[MoveBinaryDataParams]) -> Outputs:
        def work(item: Item, params: MoveBinaryDataParams, _: int) -> Item | None:
            return from_file(run, item, params) if params.mode == "binaryToJson" else to_file(run, item, params)

        return [run.map(work)]


def from_file(run: NodeRun[MoveBinaryDataParams], item: Item, params: MoveBinaryDataParams) -> Item | None:
    """The item with the content of its file; None, and so no item, where it has no such file."""
    if params.source_key not in item.binary:
        return None
    data = run.get_file(item, params.source_key)[1]
    options = params.options
    if params.set_all_data:
        value = parsed(content(data, options))
        json = value if isinstance(value, dict) else {"data": value}
    else:
        json = copy.deepcopy(item.json)
        if options.keep_as_base64:
            value = base64.b64encode(data).decode()
        else:
            value = content(data, options)
            value = parsed(value) if options.json_parse else value
        paths.write(json, params.destination_key, value)
    kept = item.binary if options.keep_source else {k: v for k, v in item.binary.items() if k != params.source_key}
    return Item(json=json, binary=dict(kept))


def content(data: bytes, options: MoveBinaryDataOptions) -> str:
    if options.encoding == "base64":
        return base64.b64encode(data).decode()
    if options.encoding == "hex":
        return data.hex()
    return decode(data, options.encoding, keep_bom=not options.strip_bom)


def parsed(text: str) -> Any:
    try:
        return parse_strict(text)
    except NotJson as error:
        hint = "Switch 'Set all data' off to read it as text."
        raise UserError(f"The file is not valid JSON: {error}.", code="file_damaged", hint=hint) from None


def to_file(run: NodeRun[MoveBinaryDataParams], item: Item, params: MoveBinaryDataParams) -> Item | None:
    """The item with a file made of its fields; None, and so no item, where the field is not there."""
    value: Any = item.json if params.convert_all_data else paths.read(item.json, params.source_key)
    if value is paths.MISSING:
        return None
    options = params.options
    kind = options.mime_type or mime_of(options.file_name, "application/json")
    name = options.file_name
    if not name and run.node.type_version >= 1.1:
        name = f"file.{extension_for(kind)}".rstrip(".")
    file = run.put_file(bytes_of(value, options), mime_type=kind, file_name=name)
    json = item.json if options.keep_source else {}
    if not options.keep_source and not params.convert_all_data:
        json = copy.deepcopy(item.json)
        paths.remove(json, params.source_key)
    return Item(json=json, binary={**item.binary, params.destination_key: file})


def bytes_of(value: Any, options: MoveBinaryDataOptions) -> bytes:
    text = to_text(value) if options.use_raw_data else json_text(value)
    if options.encoding == "base64" or (options.data_is_base64 and options.use_raw_data):
        return from_base64(text)
    return encode(text, options.encoding, add_bom=options.add_bom)
