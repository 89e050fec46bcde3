"""Convert to File, versions 1 and 1.1."""

from typing import Any, get_args

import orjson

from workflows_app.engine.errors import ParameterError, PumpFlixError
from workflows_app.engine.items import Item, Items, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.files.convert_to_file.params import ConvertToFileOptions, ConvertToFileParams
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.base64_text import from_base64
from workflows_app.toolkit.calendar_fields import event_file
from workflows_app.toolkit.compare import plain, to_text
from workflows_app.toolkit.files import encode, extension_for, mime_of, type_of
from workflows_app.toolkit.sheets import Kind, write_sheet
from workflows_app.toolkit.tables import flatten

TABLES = get_args(Kind)
JSON, PLAIN = "application/json", "text/plain"


@register
class ConvertToFile(NodeType[ConvertToFileParams]):
    """Write items into a file: a table or JSON of all of them, or the content of one field."""

    name = "n8n-nodes-base.convertToFile"
    label = "Convert to file"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    versions = (1, 1.1)
    Params = ConvertToFileParams

    def describe(self, node: Node) -> str:
        return describe.convert(node)

    def execute(self, run: NodeRun[ConvertToFileParams]) -> Outputs:
        params = run.params
        if params.operation in TABLES or (params.operation == "toJson" and params.mode == "once"):
            return [one_file(run, params)]
        if params.operation == "iCal":
            return [run.map(lambda item, own, index: calendar(run, item, own, index))]
        return [run.map(lambda item, own, _: file_per_item(run, item, own))]


def calendar(run: NodeRun[ConvertToFileParams], item: Item, params: ConvertToFileParams, index: int) -> Item:
    field = params.binary_property_name or "data"
    return Item(json={}, binary={**item.binary, field: event_file(run, params, index)})


def one_file(run: NodeRun[ConvertToFileParams], params: ConvertToFileParams) -> Items:
    """One item with one file of all items, paired with all of them."""
    pairs = tuple(PairedItem(index) for index in range(len(run.items)))
    try:
        data, extension = whole_content(run, params)
    except PumpFlixError as error:
        if not run.continues_on_error:
            raise
        return [failed_item(error, 0)]
    name, kind = ("file.json", JSON) if extension == "json" else (f"File.{extension}", "")
    return [with_file(run, params, data, name, kind).with_pair(*pairs)]


def whole_content(run: NodeRun[ConvertToFileParams], params: ConvertToFileParams) -> tuple[bytes, str]:
    options = params.options
    if params.operation == "toJson":
        return json_bytes([item.json for item in run.items], options), "json"
    kind: Kind = params.operation  # type: ignore[assignment]  # one of TABLES
    data = write_sheet(
        run,
        [flatten(item.json) for item in run.items],
        kind,
        sheet_name=options.sheet_name,
        has_header=options.header_row,
        delimiter=options.delimiter,
        is_compressed=options.compression,
    )
    return data, kind


def json_bytes(value: Any, options: ConvertToFileOptions) -> bytes:
    text = orjson.dumps(plain(value), option=orjson.OPT_INDENT_2 if options.format else 0).decode()
    return encode(text, options.encoding, add_bom=options.add_bom)


def file_per_item(run: NodeRun[ConvertToFileParams], item: Item, params: ConvertToFileParams) -> Item:
    if params.operation == "toJson":
        return with_file(run, params, json_bytes(item.json, params.options), "file.json", JSON)
    value = paths.read(item.json, params.source_property) if params.source_property else paths.MISSING
    if value is paths.MISSING or value is None:
        raise ParameterError(
            f"There is nothing in '{params.source_property}'.",
            hint="Enter the field that holds the content of the file.",
        )
    options = params.options
    if params.operation == "toText":
        data = encode(to_text(value), options.encoding, add_bom=options.add_bom)
        return with_file(run, params, data, "file.txt", PLAIN)
    is_base64 = options.data_is_base64 or run.node.type_version > 1
    data = from_base64(to_text(value), f"'{params.source_property}'") if is_base64 else encode(to_text(value))
    return with_file(run, params, data, "file")


def with_file(
    run: NodeRun[ConvertToFileParams], params: ConvertToFileParams, data: bytes, name: str, kind: str = ""
) -> Item:
    """A new item that holds the file and no fields. A type that is not given is told by the name, else by the bytes."""
    options = params.options
    name = options.file_name or name
    kind = options.mime_type or kind or mime_of(name, "") or type_of(data)
    if "." not in name and not options.file_name and (options.mime_type or kind != PLAIN):
        name = f"{name}.{extension_for(kind)}".rstrip(".")
    binary = run.put_file(data, mime_type=kind, file_name=name)
    return Item(json={}, binary={params.binary_property_name or "data": binary})
