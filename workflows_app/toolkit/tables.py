"""Rows and columns: reading CSV, and flattening nested items into columns."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import JsonObject

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
    """One object per row, all values text. Without a header row the values are a list under `row`, or numbered fields
    if empty ones are left out. Raises UserError naming the line where a row has more or fewer columns than the first,
    or quotes do not match."""
    lines = io.StringIO(text, newline="")
    for _ in range(rules.from_line - 1):
        lines.readline()
    reader = csv.reader(lines, delimiter=one_char(rules.delimiter), strict=not rules.relax_quotes)
    header: list[str] | None = None
    count = 0
    while (row := next_row(reader, rules)) is not None:
        if row == []:
            continue
        if header is None:
            header = row
            if rules.has_header:
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


def named_row(row: list[str], header: list[str], rules: CsvRules, line: int) -> JsonObject | None:
    if len(row) != len(header):
        if rules.skip_broken:
            return None
        raise UserError(
            f"Line {line} has {len(row)} columns, the first has {len(header)}.",
            code="csv_invalid",
            hint="Check the delimiter, put values that contain it in quotes, or skip broken rows.",
        )
    if not rules.has_header:
        # n8n numbers the cells where it leaves empty ones out.
        return {"row": row if rules.keep_empty else {str(n): value for n, value in enumerate(row) if value != ""}}
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
