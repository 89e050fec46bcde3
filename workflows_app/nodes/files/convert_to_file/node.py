"""Convert to File, versions 1 and 1.1."""

import base64
import binascii
from typing import Any

import orjson

from workflows_app.engine.errors import ParameterError, PumpFlixError, UserError
from workflows_app.engine.items import Item, Items, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.files.convert_to_file.params import ConvertToFileOptions, ConvertToFileParams
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.compare import plain, to_text
from workflows_app.toolkit.files import MIME, encode, extension_for, mime_of
from workflows_app.toolkit.sheet_formats import write_ods, write_rtf, write_xls
from workflows_app.toolkit.sheets import write_workbook
from workflows_app.toolkit.tables import flatten, write_csv, write_html

TABLES = ("csv", "html", "ods", "rtf", "xls", "xlsx")
UNAVAILABLE = {"iCal": "Calendar"}
BOOKS = {"ods": write_ods, "xls": write_xls, "xlsx": write_workbook}


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
        if params.operation in UNAVAILABLE:
            raise UserError(
                f"Writing {UNAVAILABLE[params.operation]} files is not available yet.",
                code="operation_not_supported",
                hint="Use the iCalendar node instead.",
            )
        if params.operation in TABLES or (params.operation == "toJson" and params.mode == "once"):
            return [one_file(run, params)]
        return [run.map(lambda item, own, _: file_per_item(run, item, own))]


def one_file(run: NodeRun[ConvertToFileParams], params: ConvertToFileParams) -> Items:
    """One item with one file of all items, paired with all of them."""
    pairs = tuple(PairedItem(index) for index in range(len(run.items)))
    try:
        data, extension = whole_content(run.items, params)
    except PumpFlixError as error:
        if not run.continues_on_error:
            raise
        return [failed_item(error, 0)]
    return [with_file(run, params, data, extension, "file" if extension == "json" else "spreadsheet").with_pair(*pairs)]


def whole_content(items: Items, params: ConvertToFileParams) -> tuple[bytes, str]:
    options = params.options
    if params.operation == "toJson":
        return json_bytes([item.json for item in items], options), "json"
    rows = [flatten(item.json) for item in items]
    if params.operation == "rtf":
        return write_rtf(rows, has_header=options.header_row), "rtf"
    if params.operation in BOOKS:
        write = BOOKS[params.operation]
        return write(rows, sheet_name=options.sheet_name, has_header=options.header_row), params.operation
    if params.operation == "html":
        text = write_html(rows, has_header=options.header_row, title=options.sheet_name)
        return encode(text, options.encoding, add_bom=options.add_bom), "html"
    text = write_csv(rows, delimiter=options.delimiter, has_header=options.header_row)
    # Spreadsheet programs take a CSV for UTF-8 only with a mark; n8n writes it too.
    return encode(text, options.encoding, add_bom=True), "csv"


def json_bytes(value: Any, options: ConvertToFileOptions) -> bytes:
    text = orjson.dumps(plain(value), option=orjson.OPT_INDENT_2 if options.format else 0).decode()
    return encode(text, options.encoding, add_bom=options.add_bom)


def file_per_item(run: NodeRun[ConvertToFileParams], item: Item, params: ConvertToFileParams) -> Item:
    if params.operation == "toJson":
        return with_file(run, params, json_bytes(item.json, params.options), "json", "file")
    value = paths.read(item.json, params.source_property) if params.source_property else paths.MISSING
    if value is paths.MISSING or value is None:
        raise ParameterError(
            f"There is nothing in '{params.source_property}'.",
            hint="Enter the field that holds the content of the file.",
        )
    if params.operation == "toText" or not (params.options.data_is_base64 or run.node.type_version > 1):
        return with_file(
            run, params, encode(to_text(value), params.options.encoding, add_bom=params.options.add_bom), "txt", "file"
        )
    return with_file(run, params, decoded(value, params.source_property), "", "file")


def decoded(value: Any, field: str) -> bytes:
    """Bytes of Base64 text; a data address is accepted too."""
    text = to_text(value)
    if text.startswith("data:") and "," in text:
        text = text.split(",", 1)[1]
    text = "".join(text.split()).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ParameterError(
            f"'{field}' does not hold Base64 text.", hint="Write text with the operation Text instead."
        ) from error


def with_file(
    run: NodeRun[ConvertToFileParams], params: ConvertToFileParams, data: bytes, extension: str, stem: str
) -> Item:  # fmt: skip
    """A new item that holds the file and no fields. Type and name follow from each other where one is not given."""
    options = params.options
    kind = options.mime_type or mime_of(options.file_name, MIME.get(extension, "application/octet-stream"))
    if not extension:
        extension = extension_for(kind)
    name = options.file_name or (f"{stem}.{extension}" if extension else stem)
    binary = run.put_file(data, mime_type=kind, file_name=name)
    return Item(json={}, binary={params.binary_property_name or "data": binary})
