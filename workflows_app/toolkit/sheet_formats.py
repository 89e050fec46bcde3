"""Spreadsheet formats beside xlsx: telling which one a file is, typed rows of text files, and xls, ods and rtf out."""

import io
import re
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import xlwt  # type: ignore[import-untyped]

from workflows_app.engine.errors import UserError
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.rtf import rtf_cells
from workflows_app.toolkit.sheets import (
    FORBIDDEN_IN_SHEET_NAME,
    MAX_SHEET_NAME,
    Grid,
    SheetRules,
    read_html_table,
    read_workbook,
    rows_of,
    typed_text,
)
from workflows_app.toolkit.tables import CsvRules, columns_of, read_csv

XLS_ROWS = 65_536
XLS_COLUMNS = 256
XLS_TEXT = 32_767
DELIMITERS = ",;\t|"
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
ODF = "urn:oasis:names:tc:opendocument:xmlns:"


def read_any(data: bytes, text: str, rules: SheetRules, *, raw: bool = False) -> list[JsonObject]:
    """Rows of a spreadsheet of any kind, told by its first bytes: workbook, HTML or RTF table, else delimited text.
    Values of delimited text become numbers where they are some, unless `raw`. `text` is the decoded file."""
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        return read_workbook(data, rules)
    if re.match(r"\s*<(?:!doctype|html|table|\?xml)", text[:200], re.IGNORECASE):
        return read_html_table(text, rules)
    if text.startswith("{\\rtf"):
        return rows_of(rtf_cells(text), rules)
    csv = CsvRules(delimiter=guessed_delimiter(text), has_header=False, keep_empty=True, relax_quotes=True)
    grid: Grid = [list(row["row"]) for row in read_csv(text, csv)]
    return rows_of(grid if raw else [[typed_cell(value) for value in row] for row in grid], rules)


def typed_cell(text: str) -> object:
    return text == "TRUE" if text in ("TRUE", "FALSE") else typed_text(text)


def guessed_delimiter(text: str) -> str:
    """Whichever of `,` `;` tab `|` is most frequent in the first line."""
    line = text.split("\n", 1)[0]
    return max(DELIMITERS, key=line.count)


def table(rows: Sequence[JsonObject], *, has_header: bool) -> Grid:
    columns = columns_of(rows)
    head: Grid = [list(columns)] if has_header else []
    return head + [[row.get(name) for name in columns] for row in rows]


def clean_name(sheet_name: str) -> str:
    return FORBIDDEN_IN_SHEET_NAME.sub(" ", sheet_name)[:MAX_SHEET_NAME] or "Sheet"


def write_xls(rows: Sequence[JsonObject], *, sheet_name: str = "Sheet", has_header: bool = True) -> bytes:
    """A file for Excel 97 to 2003. Texts never become formulas. Raises UserError where the format has no room."""
    grid = table(rows, has_header=has_header)
    if len(grid) > XLS_ROWS or any(len(row) > XLS_COLUMNS for row in grid):
        raise UserError(
            "An XLS file cannot hold this many rows or columns.", code="file_too_large", hint="Write XLSX or CSV."
        )
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(clean_name(sheet_name))
    for at, row in enumerate(grid):
        for column, value in enumerate(row):
            if value is not None:
                plain = value if isinstance(value, bool | int | float) else to_text(value)[:XLS_TEXT]
                sheet.write(at, column, plain)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_ods(rows: Sequence[JsonObject], *, sheet_name: str = "Sheet", has_header: bool = True) -> bytes:
    """An OpenDocument spreadsheet with one sheet."""
    body = "".join(
        f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>"
        for row in table(rows, has_header=has_header)
    )
    spaces = " ".join(f'xmlns:{name}="{ODF}{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f"<office:spreadsheet><table:table table:name={quoteattr(clean_name(sheet_name))}>{body}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{ODF}manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        # The type comes first and uncompressed, so that programs know the file by its first bytes.
        archive.writestr(zipfile.ZipInfo("mimetype"), ODS_TYPE)
        for name, text in (("content.xml", content), ("META-INF/manifest.xml", manifest)):
            archive.writestr(zipfile.ZipInfo(name), text, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    text = escape(NOT_IN_XML.sub("", to_text(value)))
    if isinstance(value, bool):
        kind = f'office:value-type="boolean" office:boolean-value="{text}"'
    elif isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{text}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>"


def write_rtf(rows: Sequence[JsonObject], *, has_header: bool = True) -> bytes:
    """A document with one table."""
    grid = table(rows, has_header=has_header)
    return ("{\\rtf1\\ansi" + "".join(map(rtf_row, grid)) + "}").encode("ascii")


def rtf_row(row: Sequence[object]) -> str:
    edges = "".join(f"\\cellx{number + 1}" for number in range(len(row)))
    cells = "".join(f" {rtf_text(value)}\\cell" for value in row)
    return f"\\trowd\\trautofit1{edges}\\pard\\intbl{cells}\\pard\\intbl\\row"


def rtf_text(value: object) -> str:
    """Plain ASCII: what is special in RTF is escaped, all else becomes a numbered character."""
    text = re.sub(r"([\\{}])", r"\\\1", "" if value is None else to_text(value)).replace("\n", "\\line ")
    units = text.encode("utf-16-le", "surrogatepass")
    pairs = [int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2)]
    return "".join(chr(unit) if 0 <= unit < 128 else f"\\u{unit}?" for unit in pairs)
