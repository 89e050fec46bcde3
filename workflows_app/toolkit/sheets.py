"""Spreadsheets: xlsx, xls, ods, csv, html and rtf in and out, by the library n8n reads them with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun
from workflows_app.toolkit.compare import plain
from workflows_app.toolkit.documents import ask

Kind = Literal["csv", "html", "ods", "rtf", "xls", "xlsx"]
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SheetRules:
    """`range` is like `B2:D20`, or a number of rows to skip; empty means all. `raw`: texts in a CSV stay texts."""

    sheet_name: str = ""
    range: str = ""
    has_header: bool = True
    keep_empty: bool = False
    raw: bool = False


def read_sheet(run: NodeRun[Any], data: bytes | str, rules: SheetRules) -> list[JsonObject]:
    """An object per row of the named (or first) sheet; dates come as spreadsheet day numbers. Without a header row the
    values are a list under `row`. Raises UserError for a file that is no spreadsheet or spans too much."""
    call = {
        "sheetName": rules.sheet_name,
        "range": rules.range,
        "headerRow": rules.has_header,
        "includeEmptyCells": rules.keep_empty,
        "raw": rules.raw,
    }
    if isinstance(data, str):
        rows, _ = ask(run, "sheets", {**call, "text": data})
    else:
        rows, _ = ask(run, "sheets", call, [data])
    return list(rows)


def write_sheet(  # noqa: PLR0913 - keyword-only; what the nodes offer
    run: NodeRun[Any],
    rows: Sequence[JsonObject],
    kind: Kind,
    *,
    sheet_name: str = "",
    has_header: bool = True,
    delimiter: str = "",
    is_compressed: bool = False,
) -> bytes:
    """A spreadsheet with one sheet. Texts stay texts, whatever they begin with. A CSV begins with a byte order mark:
    spreadsheet programs take it for UTF-8 only then."""
    call = {
        "rows": plain(list(rows)),
        "kind": kind,
        "sheetName": sheet_name or "Sheet",
        "headerRow": has_header,
        "delimiter": delimiter if kind == "csv" else "",
        "compression": is_compressed,
    }
    text, files = ask(run, "sheets", call)
    if files:
        return files[0]
    return (BOM if kind == "csv" else b"") + str(text).encode("utf-8", "replace")
