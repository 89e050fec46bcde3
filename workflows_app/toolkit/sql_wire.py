"""Statements as the drivers take them, with their values as each dialect reads them."""

import json
import math
from typing import Any

from workflows_app.toolkit.sql_text import Dialect, Placeholder, Statement, Value

BOOL, INT4, INT8, NUMERIC, FLOAT8 = 16, 23, 20, 1700, 701
TEXT_ARRAY, BOOL_ARRAY, INT4_ARRAY, NUMERIC_ARRAY = 1009, 1000, 1007, 1231
Bound = list[Any]
"""`[text or None, kind]`. Kind 0 lets PostgreSQL choose, as it does for a text in quotes."""


def wire(statement: Statement, dialect: Dialect) -> list[Any]:
    """`[sql, values]`: numbered placeholders for PostgreSQL, `%s` for MySQL."""
    texts: list[str] = []
    values: list[Any] = []
    for piece in statement.pieces:
        if isinstance(piece, str):
            texts.append(piece if dialect == "postgres" else piece.replace("%", "%%"))
            continue
        assert not isinstance(piece, Placeholder)
        values.append(bind(piece.value) if dialect == "postgres" else plain(piece.value))
        texts.append(f"${len(values)}" if dialect == "postgres" else "%s")
    return ["".join(texts).strip(), values]


def plain(value: Any) -> Any:
    """A value as MySQL's driver takes it: lists and objects as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if isinstance(value, list | dict) else value


def bind(value: Any) -> Bound:
    """A JSON value for PostgreSQL, typed as the same value written into the statement would be."""
    if value is None or isinstance(value, Value):
        return [None, 0]
    if isinstance(value, bool):
        return ["true" if value else "false", BOOL]
    if isinstance(value, int):
        return [str(value), INT4 if -(2**31) <= value < 2**31 else INT8 if -(2**63) <= value < 2**63 else NUMERIC]
    if isinstance(value, float):
        return [repr(value), NUMERIC if math.isfinite(value) else FLOAT8]
    if isinstance(value, list):
        return [array_text(value), array_kind(value)]
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return [str(value).replace("\0", ""), 0]


def array_kind(values: list[Any]) -> int:
    flat = [entry for value in values for entry in (value if isinstance(value, list) else [value]) if entry is not None]
    if not flat:
        return 0
    if all(isinstance(entry, bool) for entry in flat):
        return BOOL_ARRAY
    if any(isinstance(entry, bool) or not isinstance(entry, int | float) for entry in flat):
        return TEXT_ARRAY
    return INT4_ARRAY if all(isinstance(entry, int) and abs(entry) < 2**31 for entry in flat) else NUMERIC_ARRAY


def array_text(values: list[Any]) -> str:
    """A list as PostgreSQL writes an array."""
    return "{" + ",".join(array_entry(value) for value in values) + "}"


def array_entry(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return array_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
