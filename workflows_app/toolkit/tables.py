"""Rows and columns: CSV in and out, HTML tables, and flattening nested items into columns."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.toolkit.compare import to_text

csv.field_size_limit(64 * 1024 * 1024)

MAX_FLATTEN_DEPTH = 50


@dataclass(frozen=True, slots=True)
class CsvRules:
    """How to read a CSV. `from_line` counts from 1; `max_rows` below 0 means all."""

    delimiter: str = ","
    has_header: bool = True
    relax_quotes: bool = False
    keep_empty: bool = False
    from_line: int = 1
    max_rows: int = -1
    skip_broken: bool = False


def one_char(delimiter: str) -> str:
    """A delimiter as people write it: `\\t`, `tab` and `;` are all fine."""
    named = {"\\t": "\t", "tab": "\t", "": ","}
    char = named.get(delimiter, delimiter)
    if len(char) != 1 or char in '"\r\n':
        raise ParameterError(f"'{delimiter}' cannot separate columns.", hint="Use one character, such as , or ;.")
    return char


def read_csv(text: str, rules: CsvRules) -> Iterator[JsonObject]:
    """One object per row, all values text. Without a header row the values are a list under `row`. Raises UserError
    naming the line where a row has more or fewer columns than the header, or quotes do not match."""
    lines = io.StringIO(text, newline="")
    for _ in range(rules.from_line - 1):
        lines.readline()
    reader = csv.reader(lines, delimiter=one_char(rules.delimiter), strict=not rules.relax_quotes)
    header: list[str] | None = None
    count = 0
    while (row := next_row(reader, rules)) is not None:
        if row == []:
            continue
        if rules.has_header and header is None:
            header = row
            continue
        if 0 <= rules.max_rows <= count:
            return
        made = named_row(row, header, rules, reader.line_num)
        if made is not None:
            count += 1
            yield made


def next_row(reader: Any, rules: CsvRules) -> list[str] | None:
    """The next row; None at the end. Blank lines come as []."""
    while True:
        try:
            return next(reader)  # type: ignore[no-any-return]
        except StopIteration:
            return None
        except csv.Error as error:
            if rules.skip_broken:
                continue
            hint = "Switch 'Relax quotes' on, or choose the delimiter that the file uses."
            raise UserError(
                f"Line {reader.line_num} is not valid CSV: {error}.", code="csv_invalid", hint=hint
            ) from error


def named_row(row: list[str], header: list[str] | None, rules: CsvRules, line: int) -> JsonObject | None:
    if header is None:
        return {"row": row if rules.keep_empty else [value for value in row if value != ""]}
    if len(row) != len(header):
        if rules.skip_broken:
            return None
        raise UserError(
            f"Line {line} has {len(row)} columns, the header has {len(header)}.",
            code="csv_invalid",
            hint="Check the delimiter, put values that contain it in quotes, or skip broken rows.",
        )
    return {name: value for name, value in zip(header, row, strict=True) if value != "" or rules.keep_empty}


def flatten(value: JsonObject, prefix: str = "", depth: int = 0) -> JsonObject:
    """Nested objects as columns: `{"a": {"b": 1}}` becomes `{"a.b": 1}`. Lists are numbered the same way."""
    if depth > MAX_FLATTEN_DEPTH:
        raise UserError(
            "An item is nested too deeply for a table.", code="too_deep", hint="Split it into fields first."
        )
    out: JsonObject = {}
    for name, entry in value.items():
        path = f"{prefix}.{name}" if prefix else str(name)
        inner = {str(number): part for number, part in enumerate(entry)} if isinstance(entry, list) else entry
        if not isinstance(inner, dict):
            out[path] = inner
        else:
            out.update(flatten(inner, path, depth + 1))
    return out


def columns_of(rows: Sequence[JsonObject]) -> list[str]:
    """Every column, in the order of first appearance."""
    return list(dict.fromkeys(name for row in rows for name in row))


def write_csv(rows: Sequence[JsonObject], *, delimiter: str = ",", has_header: bool = True) -> str:
    """CSV with a line feed after each row; only values that need quotes get them."""
    columns = columns_of(rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=one_char(delimiter), lineterminator="\n")
    if has_header:
        writer.writerow(columns)
    for row in rows:
        writer.writerow([cell_text(row.get(name)) for name in columns])
    return out.getvalue()


def cell_text(value: Any) -> str:
    """Booleans as a spreadsheet writes them."""
    return str(value).upper() if isinstance(value, bool) else to_text(value)


def write_html(rows: Sequence[JsonObject], *, has_header: bool = True, title: str = "") -> str:
    """A complete page with one table; every value is escaped."""
    columns = columns_of(rows)
    head = f"<tr>{''.join(f'<th>{escape(name)}</th>' for name in columns)}</tr>\n" if has_header else ""
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell_text(row.get(name)))}</td>' for name in columns)}</tr>\n" for row in rows
    )
    return (
        f'<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"><title>{escape(title)}</title></head>\n<body>\n'
        f"<table>\n{head}{body}</table>\n</body>\n</html>\n"
    )
