"""Extract from File, version 1."""

import base64
import re
from collections.abc import Iterable

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.files.extract_from_file.params import TABLES, ExtractFromFileParams
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.documents import ask
from workflows_app.toolkit.files import decode
from workflows_app.toolkit.pdf_text import read_pdf
from workflows_app.toolkit.relaxed_json import NotJson, parse_strict
from workflows_app.toolkit.sheets import SheetRules, read_sheet
from workflows_app.toolkit.tables import CsvRules, read_csv

CELL = re.compile(r"<t[dh]\b", re.IGNORECASE)
CELL_END = re.compile(r"</t[dh]\b", re.IGNORECASE)


@register
class ExtractFromFile(NodeType[ExtractFromFileParams]):
    """Read a file into items: one per row of a table, or one with the content."""

    name = "n8n-nodes-base.extractFromFile"
    label = "Extract from file"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    versions = (1, 1.1)
    Params = ExtractFromFileParams

    def describe(self, node: Node) -> str:
        return describe.extract(node)

    def execute(self, run: NodeRun[ExtractFromFileParams]) -> Outputs:
        def work(item: Item, params: ExtractFromFileParams, _: int) -> Items:
            data = run.get_file(item, params.binary_property_name)[1]
            if params.operation in TABLES:
                # Version 1 keeps a byte order mark in the first column's name unless told otherwise, as n8n does.
                keep_bom = run.node.type_version < 1.1 and not params.options.enable_bom
                return [Item(json=row) for row in table_rows(run, data, params, keep_bom=keep_bom)]
            if params.operation == "pdf":
                return [with_value(item, pdf_content(run, data, params), params, "")]
            return [with_value(item, content_of(run, data, params), params, params.destination_key)]

        return [run.map(work)]


def pdf_content(run: NodeRun[ExtractFromFileParams], data: bytes, params: ExtractFromFileParams) -> JsonObject:
    options = params.options
    return read_pdf(run, data, password=options.password, max_pages=options.max_pages, is_one_text=options.join_pages)


def table_rows(
    run: NodeRun[ExtractFromFileParams], data: bytes, params: ExtractFromFileParams, *, keep_bom: bool
) -> Iterable[JsonObject]:
    options = params.options
    if params.operation == "csv":
        rules = CsvRules(
            delimiter=options.delimiter,
            has_header=options.header_row,
            relax_quotes=options.relax_quotes,
            keep_empty=options.include_empty_cells,
            from_line=max(options.from_line, 1),
            max_rows=options.max_row_count,
            skip_broken=options.skip_records_with_errors,
        )
        return read_csv(decode(data, options.encoding, keep_bom=keep_bom), rules)
    sheet = SheetRules(options.sheet_name, options.range, options.header_row, options.include_empty_cells)
    if params.operation == "html":
        return read_sheet(run, completed(run, decode(data, options.encoding)), sheet)
    return read_sheet(run, data, sheet)


def completed(run: NodeRun[ExtractFromFileParams], text: str) -> str:
    """A page with every cell closed: what reads tables looks for their ends, which HTML lets authors leave out."""
    if len(CELL.findall(text)) <= len(CELL_END.findall(text)):
        return text
    return str(ask(run, "html", {"complete": text})[0])


def with_value(item: Item, value: object, params: ExtractFromFileParams, field: str) -> Item:
    """The item with the content in one field; the file that was read is left behind unless it is to be kept."""
    keep = params.options.keep_source
    json: JsonObject = dict(item.json) if keep in ("json", "both") else {}
    if field:
        paths.write(json, field, value)
    elif isinstance(value, dict):
        json.update(value)
    else:
        raise ParameterError("The content needs a field.", hint="Enter the name of the field that gets the content.")
    binary = dict(item.binary)
    if keep not in ("binary", "both"):
        binary.pop(params.binary_property_name, None)
    return Item(json=json, binary=binary)


def content_of(run: NodeRun[ExtractFromFileParams], data: bytes, params: ExtractFromFileParams) -> object:
    if params.operation == "binaryToPropery":
        return base64.b64encode(data).decode()
    text = decode(data, params.options.encoding, keep_bom=params.operation == "text" and not params.options.strip_bom)
    if params.operation == "fromIcs":
        return ask(run, "calendar", {"text": text})[0]
    if params.operation != "fromJson":
        return text
    try:
        return parse_strict(text) if text.strip() else {}
    except NotJson as error:
        raise UserError(
            f"The file is not valid JSON: {error}.", code="file_damaged", hint="Read it as text instead."
        ) from None
