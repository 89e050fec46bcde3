"""Statements on one table, composed for either dialect: names are quoted, values are bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.toolkit.sql_text import Dialect, Placeholder, Statement, Value, names_text, quoted

Piece = str | Value | Placeholder

OPERATORS = {"equal": "=", "=": "=", "!=": "!=", "<>": "!=", "LIKE": "LIKE", "ILIKE": "ILIKE", ">": ">", "<": "<",
             ">=": ">=", "<=": "<="}  # fmt: skip
WITHOUT_VALUE = ("IS NULL", "IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Table:
    """`schema` is empty for a table of the current database."""

    dialect: Dialect
    name: str
    schema: str = ""

    @property
    def text(self) -> str:
        own = quoted(self.name, self.dialect)
        return f"{quoted(self.schema, self.dialect)}.{own}" if self.schema else own

    def column(self, name: str) -> str:
        return quoted(name, self.dialect)

    def columns(self, names: Sequence[str]) -> str:
        return names_text(list(names) or ["*"], self.dialect)


@dataclass(frozen=True, slots=True)
class Condition:
    column: str
    condition: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows, in which order: `order` has pairs of a column and whether it descends; no limit means every row."""

    conditions: Sequence[Condition] = ()
    needs_all: bool = True
    order: Sequence[tuple[str, bool]] = ()
    limit: int | None = None


def select(table: Table, columns: Sequence[str], selection: Selection, *, is_distinct: bool = False) -> Statement:
    distinct = "DISTINCT " if is_distinct else ""
    pieces: list[Piece] = [f"SELECT {distinct}{table.columns(columns)} FROM {table.text}", *where(table, selection)]  # noqa: S608  names are quoted
    if selection.order:
        keys = [f"{table.column(name)} {'DESC' if descends else 'ASC'}" for name, descends in selection.order]
        pieces.append(f" ORDER BY {', '.join(keys)}")
    if selection.limit is not None:
        pieces += [" LIMIT ", Value(selection.limit)]
    return Statement(pieces, ["select"])


def where(table: Table, selection: Selection) -> list[Piece]:
    """Nothing where there is no condition. Raises ParameterError for one that is not known."""
    out: list[Piece] = []
    for condition in selection.conditions:
        out.append(" WHERE " if not out else " AND " if selection.needs_all else " OR ")
        name = condition.condition.strip() or "equal"
        if name.upper() in WITHOUT_VALUE:
            out.append(f"{table.column(condition.column)} {name.upper()}")
            continue
        operator = OPERATORS.get(name.upper() if name != "equal" else name)
        if operator is None:
            raise ParameterError(
                f"'{name}' is no way to compare here.",
                hint=f"Use one of {', '.join([*OPERATORS, *WITHOUT_VALUE])}.",
            )
        out += [f"{table.column(condition.column)} {operator} ", Value(condition.value)]
    return out


def delete(table: Table, selection: Selection) -> Statement:
    return Statement([f"DELETE FROM {table.text}", *where(table, selection)], ["delete"])  # noqa: S608  names are quoted


def truncate(table: Table, *, restarts: bool = False, cascades: bool = False) -> Statement:
    more = (" RESTART IDENTITY" if restarts else "") + (" CASCADE" if cascades else "")
    return Statement([f"TRUNCATE TABLE {table.text}{more}"], ["truncate"])


def drop(table: Table, *, cascades: bool = False) -> Statement:
    return Statement([f"DROP TABLE IF EXISTS {table.text}{' CASCADE' if cascades else ''}"], ["drop"])


def insert(
    table: Table,
    row: Mapping[str, Any],
    *,
    returning: Sequence[str] | None = None,
    skips_conflicts: bool = False,
    priority: str = "",
    casts: Mapping[str, str] | None = None,
) -> Statement:
    """`returning` is None where the dialect has no such thing; an empty row takes every column's default."""
    is_postgres = table.dialect == "postgres"
    verb = f"INSERT {priority} IGNORE" if skips_conflicts and not is_postgres else f"INSERT {priority}"
    pieces: list[Piece] = [f"{' '.join(verb.split())} INTO {table.text}"]
    if row:
        pieces += [f" ({table.columns(list(row))}) VALUES (", *values_of(row, casts or {}), ")"]
    else:
        pieces.append(" DEFAULT VALUES" if is_postgres else " () VALUES ()")
    if skips_conflicts and is_postgres:
        pieces.append(" ON CONFLICT DO NOTHING")
    return Statement([*pieces, *returned(table, returning)], ["insert"])


def insert_many(
    table: Table, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, skips_conflicts: bool, priority: str
) -> Statement:
    """All rows in one statement; a row that lacks a column gets NULL."""
    verb = " ".join(f"INSERT {priority} {'IGNORE' if skips_conflicts else ''}".split())
    pieces: list[Piece] = [f"{verb} INTO {table.text} ({table.columns(columns)}) VALUES "]
    for number, row in enumerate(rows):
        pieces += [", (" if number else "(", *values_of({name: row.get(name) for name in columns}, {}), ")"]
    return Statement(pieces, ["insert"])


def upsert(
    table: Table, row: Mapping[str, Any], match: Sequence[str], *, returning: Sequence[str] | None = None
) -> Statement:
    """Insert the row, or change the one that has the same values in `match`."""
    changed = [name for name in row if name not in match]
    pieces: list[Piece] = [f"INSERT INTO {table.text} ({table.columns(list(row))}) VALUES (", *values_of(row, {}), ")"]  # noqa: S608  names are quoted
    if table.dialect == "postgres":
        sets = ", ".join(f"{table.column(name)} = EXCLUDED.{table.column(name)}" for name in changed)
        pieces.append(f" ON CONFLICT ({table.columns(match)}) DO UPDATE SET {sets}")
    else:
        sets = ", ".join(f"{table.column(name)} = VALUES({table.column(name)})" for name in changed)
        pieces.append(f" ON DUPLICATE KEY UPDATE {sets}")
    return Statement([*pieces, *returned(table, returning)], ["insert"])


def update(
    table: Table, row: Mapping[str, Any], match: Mapping[str, Any], *, returning: Sequence[str] | None = None,
    casts: Mapping[str, str] | None = None,
) -> Statement:  # fmt: skip
    """Set the columns of `row` where every column of `match` has its value."""
    pieces: list[Piece] = [f"UPDATE {table.text} SET "]  # noqa: S608  names are quoted
    for number, (name, value) in enumerate(row.items()):
        cast = (casts or {}).get(name)
        pieces += [f"{', ' if number else ''}{table.column(name)} = ", Value(value), f"::{cast}" if cast else ""]
    conditions = [Condition(name, "equal" if value is not None else "IS NULL", value) for name, value in match.items()]
    return Statement([*pieces, *where(table, Selection(conditions)), *returned(table, returning)], ["update"])


def values_of(row: Mapping[str, Any], casts: Mapping[str, str]) -> list[Piece]:
    out: list[Piece] = []
    for name, value in row.items():
        out += [", " if out else "", Value(value), f"::{casts[name]}" if name in casts else ""]
    return out


def returned(table: Table, columns: Sequence[str] | None) -> list[Piece]:
    return [] if columns is None else [f" RETURNING {table.columns(columns)}"]
