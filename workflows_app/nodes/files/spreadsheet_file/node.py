"""Spreadsheet File, versions 1 and 2."""

from collections.abc import Iterable
from typing import get_args

from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.items import Item, Items, JsonObject, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.registry import register
from workflows_app.nodes.files.spreadsheet_file.params import SpreadsheetFileParams
from workflows_app.toolkit.files import decode, mime_of, type_of
from workflows_app.toolkit.sheets import Kind, SheetRules, read_sheet, write_sheet
from workflows_app.toolkit.tables import CsvRules, flatten, read_csv

KINDS = get_args(Kind)


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
            return [Item(json=row) for row in rows_of_file(run, data, params)]

        return [run.map(work)]


def rows_of_file(
    run: NodeRun[SpreadsheetFileParams], data: bytes, params: SpreadsheetFileParams
) -> Iterable[JsonObject]:
    """Version 1 reads a CSV as a spreadsheet, with typed values; version 2 reads it as text when told it is one."""
    options = params.options
    if run.node.type_version >= 2 and params.file_format == "csv":
        rules = CsvRules(
            has_header=options.header_row,
            relax_quotes=options.relax_quotes,
            keep_empty=options.include_empty_cells,
            from_line=max(options.from_line, 1),
            max_rows=options.max_row_count,
        )
        return read_csv(decode(data, options.encoding, keep_bom=not options.enable_bom), rules)
    sheet = SheetRules(
        options.sheet_name, options.range, options.header_row, options.include_empty_cells, options.raw_data
    )
    return read_sheet(run, decode(data) if options.read_as_string else data, sheet)


def one_file(run: NodeRun[SpreadsheetFileParams], params: SpreadsheetFileParams) -> Items:
    """One item with one file of all items, paired with all of them."""
    options = params.options
    kind: Kind = params.file_format if params.file_format in KINDS else "xls"  # type: ignore[assignment]
    try:
        data = write_sheet(
            run,
            [flatten(item.json) for item in run.items],
            kind,
            sheet_name=options.sheet_name,
            has_header=options.header_row,
            is_compressed=options.compression,
        )
    except PumpFlixError as error:
        if not run.continues_on_error:
            raise
        return [failed_item(error, 0)]
    name = options.file_name or f"spreadsheet.{kind}"
    file = run.put_file(data, mime_type=mime_of(name, "") or type_of(data), file_name=name)
    pairs = tuple(PairedItem(index) for index in range(len(run.items)))
    return [Item(json={}, binary={params.binary_property_name or "data": file}, paired=pairs)]
