"""The Tables port made real: rows of the team's data tables, written exactly once per call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from executions_app.adapters.effects import OwnEffects
from executions_app.database import Connection, pool
from executions_app.runner.session import Session
from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import CallSite, RowCondition, RowQuery
from workflows_app.toolkit.data_tables import SYSTEM, Column, compared, fit, shown

MAX_ROWS = 100_000
FIND = """
SELECT id, columns FROM workflows_app_datatable WHERE team_id = %s AND (id::text = %s OR name = %s)
ORDER BY (id::text = %s) DESC LIMIT 1
"""
CREATE = """
INSERT INTO workflows_app_datatable (id, team_id, name, columns, created_at)
VALUES (%s, %s, %s, '[]', clock_timestamp()) ON CONFLICT (team_id, name) DO NOTHING
"""
INSERT = """
INSERT INTO workflows_app_datatablerow (table_id, "values", created_at, updated_at)
VALUES (%s, %s, date_trunc('milliseconds', clock_timestamp()), date_trunc('milliseconds', clock_timestamp()))
RETURNING id, "values", created_at, updated_at
"""
UPDATE = """
UPDATE workflows_app_datatablerow
SET "values" = "values" || %s, updated_at = date_trunc('milliseconds', clock_timestamp())
WHERE id = ANY(%s) RETURNING id, "values", created_at, updated_at
"""
SELECT = 'SELECT id, "values", created_at, updated_at FROM workflows_app_datatablerow WHERE table_id = %s'
SYSTEM_COLUMNS = {"id": "id", "createdAt": "created_at", "updatedAt": "updated_at"}
CELLS = '"values"'
OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Table:
    id: UUID
    columns: list[Column]


class TablesAdapter:
    """Writers of one table wait for each other, so that two runs never insert what either of them should update."""

    def __init__(self, session: Session) -> None:
        self._team = session.claim.team_id
        self._effects = OwnEffects(session)

    def read(self, table: str, query: RowQuery) -> list[JsonObject]:
        with pool().connection() as connection:
            found = self._find(connection, table)
            return [] if found is None else rows_of(connection, found, query)

    def insert(self, site: CallSite, table: str, rows: Sequence[JsonObject]) -> list[JsonObject]:
        def work(connection: Connection) -> list[JsonObject]:
            place, values = self._fitted(connection, table, list(rows))
            made = [connection.execute(INSERT, (place.id, Jsonb(row))).fetchone() for row in values]
            return [as_row(row, place) for row in made]

        return list(self._effects.once(site, work))

    def update(self, site: CallSite, table: str, query: RowQuery, values: JsonObject) -> list[JsonObject]:
        return list(self._effects.once(site, lambda connection: self._update(connection, table, query, values)))

    def upsert(self, site: CallSite, table: str, query: RowQuery, values: JsonObject) -> list[JsonObject]:
        def work(connection: Connection) -> list[JsonObject]:
            self._fitted(connection, table, [{condition.column: condition.value for condition in query.conditions}])
            changed = self._update(connection, table, query, values)
            if changed:
                return changed
            place, (row,) = self._fitted(connection, table, [values])
            return [as_row(connection.execute(INSERT, (place.id, Jsonb(row))).fetchone(), place)]

        return list(self._effects.once(site, work))

    def delete(self, site: CallSite, table: str, query: RowQuery) -> list[JsonObject]:
        def work(connection: Connection) -> list[JsonObject]:
            place = self._find(connection, table, lock=True)
            rows = [] if place is None else rows_of(connection, place, query)
            ids = [row["id"] for row in rows]
            connection.execute("DELETE FROM workflows_app_datatablerow WHERE id = ANY(%s)", (ids,))
            return rows

        return list(self._effects.once(site, work))

    def _update(self, connection: Connection, table: str, query: RowQuery, values: JsonObject) -> list[JsonObject]:
        place, (changes,) = self._fitted(connection, table, [values])
        ids = [row["id"] for row in rows_of(connection, place, query)]
        made = {row[0]: row for row in connection.execute(UPDATE, (Jsonb(changes), ids)).fetchall()}
        return [as_row(made[row_id], place) for row_id in ids if row_id in made]

    def _find(self, connection: Connection, table: str, *, lock: bool = False) -> Table | None:
        statement = FIND + (" FOR NO KEY UPDATE" if lock else "")
        row = connection.execute(statement, (self._team, table, table, table)).fetchone()
        return None if row is None else Table(row[0], row[1])

    def _fitted(self, connection: Connection, table: str, rows: list[JsonObject]) -> tuple[Table, list[JsonObject]]:
        """The table, locked, with a column for every value of the rows; and the rows as it stores them."""
        place = self._find(connection, table, lock=True)
        if place is None:
            connection.execute(CREATE, (uuid4(), self._team, table))
            place = self._find(connection, table, lock=True)
        if place is None:
            raise RuntimeError("A data table vanished while it was written to.")
        columns, values = place.columns, []
        for row in rows:
            columns, fitting = fit(columns, row)
            values.append(fitting)
        if columns != place.columns:
            connection.execute(
                "UPDATE workflows_app_datatable SET columns = %s WHERE id = %s", (Jsonb(columns), place.id)
            )
        return Table(place.id, columns), values


def as_row(row: Any, table: Table) -> JsonObject:
    row_id, values, created, updated = row
    return shown(row_id, values, table.columns, created, updated)


def rows_of(connection: Connection, table: Table, query: RowQuery) -> list[JsonObject]:
    statement = SELECT
    values: list[Any] = [table.id]
    parts = [condition_sql(condition, table.columns) for condition in query.conditions]
    if parts:
        statement += " AND (" + (" AND " if query.needs_all else " OR ").join(text for text, _ in parts) + ")"
        values += [value for _, given in parts for value in given]
    if query.order_by:
        text, given = column_sql(query.order_by)
        statement += f" ORDER BY {text} {'DESC' if query.descending else 'ASC'} NULLS LAST, id"
        values += given
    else:
        statement += " ORDER BY id"
    statement += " LIMIT %s"
    values.append(min(query.limit or MAX_ROWS, MAX_ROWS))
    return [as_row(row, table) for row in connection.execute(statement, values).fetchall()]


def column_sql(name: str) -> tuple[str, list[Any]]:
    """A column as JSON, numbers before texts; names are values of the statement, never part of its text."""
    return (SYSTEM_COLUMNS[name], []) if name in SYSTEM else (f"NULLIF({CELLS} -> %s, 'null')", [name])


def condition_sql(condition: RowCondition, columns: list[Column]) -> tuple[str, list[Any]]:
    """One comparison as SQL with its values. Raises ParameterError for a column that is not there."""
    wanted, comparison = compared(condition, columns), condition.comparison
    name = condition.column
    if name in SYSTEM:
        return system_sql(SYSTEM_COLUMNS[name], comparison, wanted)
    if comparison in ("isEmpty", "isNotEmpty"):
        return f"COALESCE({CELLS} ->> %s, '') {'=' if comparison == 'isEmpty' else '<>'} ''", [name]
    if comparison in ("isTrue", "isFalse"):
        return f"{CELLS} -> %s = %s", [name, Jsonb(comparison == "isTrue")]
    if comparison in ("eq", "neq"):
        return f"COALESCE({CELLS} -> %s, 'null') {'=' if comparison == 'eq' else '<>'} %s", [name, Jsonb(wanted)]
    if comparison in ("like", "ilike"):
        return f"{CELLS} ->> %s {comparison.upper()} %s", [name, wanted.replace("\\", "\\\\")]
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        number = f"CASE jsonb_typeof({CELLS} -> %s) WHEN 'number' THEN ({CELLS} ->> %s)::numeric END"
        return f"{number} {OPERATORS[comparison]} %s", [name, name, wanted]
    return f'{CELLS} ->> %s COLLATE "C" {OPERATORS[comparison]} %s', [name, wanted]


def system_sql(column: str, comparison: str, wanted: Any) -> tuple[str, list[Any]]:
    """System columns are never empty, and neither true nor false."""
    if comparison in ("isEmpty", "isNotEmpty", "isTrue", "isFalse"):
        return ("TRUE" if comparison == "isNotEmpty" else "FALSE"), []
    if comparison in ("like", "ilike"):
        return f"{column}::text {comparison.upper()} %s", [wanted.replace("\\", "\\\\")]
    kind = "numeric" if column == "id" else "timestamptz"
    sign = {"eq": "=", "neq": "<>", **OPERATORS}[comparison]
    return f"{column} {sign} %s::text::{kind}", [None if wanted is None else str(wanted)]
