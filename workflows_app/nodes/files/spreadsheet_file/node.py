"""Spreadsheet File, versions 1 and 2."""

from collections.abc import Iterable

from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.items import Item, Items, JsonObject, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.registry import register
from workflows_app.nodes.files.spreadsheet_file.params import SpreadsheetFileParams
from workflows_app.toolkit.files import MIME, decode, encode
from workflows_app.toolkit.sheet_formats import read_any, write_ods, write_rtf, write_xls
from workflows_app.toolkit.sheets import SheetRules, write_workbook
from workflows_app.toolkit.tables import CsvRules, flatten, read_csv, write_csv, write_html


@register
class SpreadsheetFile(NodeType[SpreadsheetFileParams]):
    """Read a spreadsheet into items, one per row, or write items into a spreadsheet."""

    name = "n8n-nodes-base.spreadsheetFile"
    label = "Spreadsheet file"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    versions = (1, 2)
    Params = SpreadsheetFileParams

    def execute(self, run: NodeRun[SpreadsheetFileParams]) -> Outputs:
        if run.params.operation == "toFile":
            return [one_file(run, run.params)]

        def work(item: Item, params: SpreadsheetFileParams, _: int) -> Items:
            data = run.get_file(item, params.binary_property_name)[1]
            return [Item(json=row) for row in rows_of_file(data, params, version=run.node.type_version)]

        return [run.map(work)]


def rows_of_file(data: bytes, params: SpreadsheetFileParams, *, version: float) -> Iterable[JsonObject]:
    """Version 1 reads a CSV as a spreadsheet, with typed values; version 2 reads it as text when told it is one."""
    options = params.options
    if version >= 2 and params.file_format == "csv":
        rules = CsvRules(
            delimiter=options.delimiter,
            has_header=options.header_row,
            relax_quotes=options.relax_quotes,
            keep_empty=options.include_empty_cells,
            from_line=max(options.from_line, 1),
            max_rows=options.max_row_count,
        )
        return read_csv(decode(data, options.encoding, keep_bom=not options.enable_bom), rules)
    sheet = SheetRules(options.sheet_name, options.range, options.header_row, options.include_empty_cells)
    return read_any(data, decode(data), sheet, raw=options.raw_data)


def one_file(run: NodeRun[SpreadsheetFileParams], params: SpreadsheetFileParams) -> Items:
    """One item with one file of all items, paired with all of them."""
    kind = params.file_format if params.file_format not in ("", "autodetect") else "xls"
    try:
        data = content(run.items, params, kind)
    except PumpFlixError as error:
        if not run.continues_on_error:
            raise
        return [failed_item(error, 0)]
    name = params.options.file_name or f"spreadsheet.{kind}"
    file = run.put_file(data, mime_type="application/rtf" if kind == "rtf" else MIME[kind], file_name=name)
    pairs = tuple(PairedItem(index) for index in range(len(run.items)))
    return [Item(json={}, binary={params.binary_property_name or "data": file}, paired=pairs)]


def content(items: Items, params: SpreadsheetFileParams, kind: str) -> bytes:
    options = params.options
    rows = [flatten(item.json) for item in items]
    has_header, sheet_name = options.header_row, options.sheet_name or "Sheet"
    if kind == "csv":
        # Spreadsheet programs take a CSV for UTF-8 only with a mark; n8n writes it too.
        text = write_csv(rows, delimiter=options.delimiter, has_header=has_header)
        return encode(text.removesuffix("\n"), add_bom=True)
    if kind == "html":
        return encode(write_html(rows, has_header=has_header, title=sheet_name))
    if kind == "rtf":
        return write_rtf(rows, has_header=has_header)
    writer = {"xls": write_xls, "ods": write_ods, "xlsx": write_workbook}[kind]
    return writer(rows, sheet_name=sheet_name, has_header=has_header)
