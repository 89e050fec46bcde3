"""Spreadsheets: xlsx, xls and ods in, xlsx out, and tables of HTML pages in."""

import io
import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import lxml.html
import openpyxl
from lxml import etree
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.archives import unpacked_parts
from workflows_app.toolkit.compare import text_to_number, to_text
from workflows_app.toolkit.tables import columns_of

MAX_BYTES = 30 * 1024 * 1024
MAX_CELLS = 20_000_000
MAX_HTML_ROWS = 200_000
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets have no zones
CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
MAX_SHEET_NAME = 31
FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class SheetRules:
    """`range` is like `B2:D20`, or a number of rows to skip; empty means all."""

    sheet_name: str = ""
    range: str = ""
    has_header: bool = True
    keep_empty: bool = False


Grid = list[list[Any]]


def read_workbook(data: bytes, rules: SheetRules) -> list[JsonObject]:
    """One object per row of the named (or first) sheet. Dates come as spreadsheet day numbers, as in n8n."""
    if len(data) > MAX_BYTES:
        raise UserError(
            "This spreadsheet is too large.", code="file_too_large", hint=f"At most {MAX_BYTES // 1024**2} MB."
        )
    if data[:2] == b"PK":
        check_extent(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        name = rules.sheet_name or book.sheet_names[0]
        grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except WorksheetNotFound as error:
        there = ", ".join(book.sheet_names)
        raise ParameterError(
            f"There is no sheet '{rules.sheet_name}'.", hint=f"Sheets of this file: {there}."
        ) from error
    except (CalamineError, IndexError, ValueError, OSError) as error:
        hint = "Check that the file is the kind of spreadsheet that was chosen, and not protected by a password."
        raise UserError("This file cannot be read as a spreadsheet.", code="file_damaged", hint=hint) from error
    return rows_of([[plain_cell(cell) for cell in row] for row in grid], rules)


def check_extent(data: bytes) -> None:
    """Refuse a sheet whose cells lie so far apart that the space between them would fill the memory."""
    for name, content in unpacked_parts(data):
        if not name.startswith("xl/worksheets/"):
            continue
        width = height = 0
        for letters, number in CELL.findall(content):
            width = max(width, column_index_from_string(letters.decode()))
            height = max(height, int(number))
        if width * height > MAX_CELLS:
            raise UserError(
                f"A sheet spans {height} rows and {width} columns.",
                code="file_too_large",
                hint="Delete the cells far away from the table and save again.",
            )


def plain_cell(value: Any) -> Any:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, datetime):
        return day_number(value - EPOCH)
    if isinstance(value, date):
        return day_number(datetime.combine(value, time()) - EPOCH)
    if isinstance(value, time):
        return day_number(timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))
    return day_number(value) if isinstance(value, timedelta) else value


def day_number(span: timedelta) -> float:
    days = round(span / timedelta(days=1), 10)
    return int(days) if days.is_integer() else days


def rows_of(grid: Grid, rules: SheetRules) -> list[JsonObject]:
    """Objects named by the first row; empty rows are left out, empty cells too unless asked for."""
    grid = cut(grid, rules.range)
    if not rules.has_header:
        return [{"row": trimmed(row, keep_empty=rules.keep_empty)} for row in grid if has_values(row)]
    while grid and not has_values(grid[0]):
        grid = grid[1:]
    if not grid:
        return []
    header = column_names(grid[0])
    return [
        {name: value for name, value in zip(header, row, strict=False) if rules.keep_empty or value not in ("", None)}
        for row in grid[1:]
        if has_values(row)
    ]


def has_values(row: list[Any]) -> bool:
    return any(value not in ("", None) for value in row)


def trimmed(row: list[Any], *, keep_empty: bool) -> list[Any]:
    return row if keep_empty else [value for value in row if value not in ("", None)]


def column_names(row: list[Any]) -> list[str]:
    """Unique names: a repeated one gets `_1`, an empty one is `__EMPTY`."""
    out: list[str] = []
    for value in row:
        base = to_text(value) or "__EMPTY"
        name, number = base, 0
        while name in out:
            number += 1
            name = f"{base}_{number}"
        out.append(name)
    return out


def cut(grid: Grid, wanted: str) -> Grid:
    if not wanted:
        return grid
    if wanted.isdigit():
        return grid[int(wanted) :]
    try:
        left, top, right, bottom = range_boundaries(wanted.replace("$", ""))
    except (ValueError, TypeError) as error:
        raise ParameterError(f"'{wanted}' is not a range of cells.", hint="Write it like A1:D20.") from error
    return [row[(left or 1) - 1 : right] for row in grid[(top or 1) - 1 : bottom]]


def write_workbook(rows: list[JsonObject], *, sheet_name: str = "Sheet", has_header: bool = True) -> bytes:
    """An xlsx file. A text that begins like a formula stays text."""
    book = openpyxl.Workbook(write_only=True)
    title = FORBIDDEN_IN_SHEET_NAME.sub(" ", sheet_name)[:MAX_SHEET_NAME] or "Sheet"
    sheet = book.create_sheet(title)
    columns = columns_of(rows)
    if has_header:
        sheet.append([as_cell(sheet, name) for name in columns])
    for row in rows:
        sheet.append([as_cell(sheet, row.get(name)) for name in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_cell(sheet: Any, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", to_text(value))[:32_767]
    cell = openpyxl.cell.WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def read_html_table(text: str, rules: SheetRules) -> list[JsonObject]:
    """The rows of the first table of a page. Texts that are numbers become numbers."""
    if not text.strip():
        return []
    try:
        page = lxml.html.document_fromstring(
            text[:MAX_BYTES], parser=lxml.html.HTMLParser(huge_tree=False, no_network=True)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UserError("This file is not an HTML page.", code="file_damaged", hint="Check the file.") from error
    table = next(page.iter("table"), None)
    if table is None:
        raise UserError("This page has no table.", code="table_missing", hint="Use the HTML node to read other parts.")
    grid: Grid = []
    for row in table.iter("tr"):
        if len(grid) >= MAX_HTML_ROWS:
            break
        grid.append([typed_text(text) for cell in row.iterchildren("td", "th") for text in spread(cell)])
    return rows_of(grid, rules)


def spread(cell: Any) -> list[str]:
    """The text of a cell, followed by an empty text for each further column it spans."""
    span = cell.get("colspan") or ""
    extra = min(int(span), 100) - 1 if span.isascii() and span.isdigit() and int(span) > 1 else 0
    return [" ".join("".join(cell.itertext()).split()), *([""] * extra)]


def typed_text(text: str) -> Any:
    number = text_to_number(text) if text else None
    return text if number is None or math.isnan(number) else number


__all__ = ["SheetRules", "read_html_table", "read_workbook", "write_workbook"]
