"""Lines of CSV that a spreadsheet opens as text, whatever somebody entered."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

# What spreadsheets take for a formula at the start of a cell, also behind white space.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def line(cells: Sequence[Any]) -> bytes:
    """One record in UTF-8, ended by CRLF."""
    out = io.StringIO()
    csv.writer(out).writerow([cell(one) for one in cells])
    return out.getvalue().encode("utf-8", "replace")


def cell(value: Any) -> Any:
    """Text that would be a formula gets an apostrophe in front; numbers stay numbers, times are written as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "")
    return f"'{text}" if text[:1] in FORMULA or text.lstrip()[:1] in FORMULA[:4] else text
