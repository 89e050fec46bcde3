"""Rules of data tables that hold wherever they are kept: columns and their types, values that fit, rows that match."""

import math
import operator
from datetime import UTC, datetime
from typing import Any

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import RowCondition, RowQuery
from workflows_app.toolkit.compare import iso_text, json_text, to_text
from workflows_app.toolkit.convert import Unfit, convert
from workflows_app.toolkit.regex import compile_pattern

MAX_COLUMNS = 200
MAX_NAME = 120
MAX_ROW_BYTES = 64 * 1024
SYSTEM = ("id", "createdAt", "updatedAt")
TYPES = ("string", "number", "boolean", "date")
ORDERS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
NOT_STORABLE = {0: "\ufffd"}

Column = dict[str, str]


def fit(columns: list[Column], row: JsonObject) -> tuple[list[Column], JsonObject]:
    """The row with values of the columns' types, and the columns with those that the row brings. System columns are
    left out. Raises ParameterError for a value that does not fit, UserError for a row that is too large."""
    known = {column["name"]: column["type"] for column in columns}
    values: JsonObject = {}
    for name, value in row.items():
        if name in SYSTEM:
            continue
        if name not in known:
            known[checked_name(name)] = type_for(value)
        values[name] = fitted(value, known[name], name)
    if len(known) > MAX_COLUMNS:
        raise UserError("The table has too many columns.", code="table_full", hint=f"At most {MAX_COLUMNS}.")
    if len(json_text(values)) > MAX_ROW_BYTES:
        raise UserError("A row is too large.", code="table_full", hint=f"At most {MAX_ROW_BYTES // 1024} KB a row.")
    return [{"name": name, "type": kind} for name, kind in known.items()], values


def checked_name(name: str) -> str:
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise ParameterError(f"'{name[:60]}' is not the name of a column.", hint="Use letters, digits and _.")
    return name


def type_for(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "date" if isinstance(value, datetime) else "string"


def fitted(value: Any, kind: str, name: str) -> Any:
    """The value as that type; nothing is null, lists and objects become JSON text."""
    if value is None or (value == "" and kind != "string"):
        return None
    try:
        if kind == "string":
            return storable(to_text(value))
        made = convert(value, "dateTime" if kind == "date" else kind)
    except Unfit as error:
        raise ParameterError(
            f"Column '{name}': {error}.", hint="Change the value, or the type of the column."
        ) from None
    if isinstance(made, float) and not math.isfinite(made):
        return None
    return iso_text(made.astimezone(UTC)) if isinstance(made, datetime) else made


def storable(text: str) -> str:
    """PostgreSQL takes neither NUL nor lone surrogates."""
    return text.translate(NOT_STORABLE).encode("utf-8", "replace").decode("utf-8")


def compared(condition: RowCondition, columns: list[Column]) -> Any:
    """The value of a condition in the type of its column. Raises ParameterError for a column that is not there."""
    kinds = {"id": "number", "createdAt": "date", "updatedAt": "date"}
    kinds |= {column["name"]: column["type"] for column in columns}
    if condition.column not in kinds:
        there = ", ".join(kinds)
        raise ParameterError(f"The table has no column '{condition.column}'.", hint=f"Its columns are {there}.")
    if condition.comparison in ("like", "ilike"):
        return storable(to_text(condition.value))
    return fitted(condition.value, kinds[condition.column], condition.column)


def matches(row: JsonObject, query: RowQuery, columns: list[Column]) -> bool:
    """Whether a row fits. Nothing compares with nothing, but for `eq`, `neq` and the tests for emptiness."""
    if not query.conditions:
        return True
    found = (holds(row.get(one.column), one.comparison, compared(one, columns)) for one in query.conditions)
    return all(found) if query.needs_all else any(found)


def holds(value: Any, comparison: str, wanted: Any) -> bool:
    if comparison in ("isEmpty", "isNotEmpty"):
        return (value in (None, "")) == (comparison == "isEmpty")
    if comparison in ("isTrue", "isFalse"):
        return value is (comparison == "isTrue")
    if comparison in ("eq", "neq"):
        return bool((value == wanted) == (comparison == "eq"))
    if value is None or wanted is None:
        return False
    if comparison in ("like", "ilike"):
        pattern = compile_pattern(like_pattern(wanted), "is" if comparison == "ilike" else "s")
        return pattern.fullmatch(to_text(value)) is not None
    return bool(ORDERS[comparison](value, wanted))


def like_pattern(text: str) -> str:
    quoted = "".join(char if char.isalnum() or char in " _%" else f"\\x{{{ord(char):x}}}" for char in text)
    return quoted.replace("%", ".*").replace("_", ".")


def shown(row_id: int, values: JsonObject, columns: list[Column], created: datetime, updated: datetime) -> JsonObject:
    """A row as workflows see it: every column, null where it has no value."""
    cells = {column["name"]: values.get(column["name"]) for column in columns}
    return {"id": row_id, **cells, "createdAt": iso_text(created), "updatedAt": iso_text(updated)}
