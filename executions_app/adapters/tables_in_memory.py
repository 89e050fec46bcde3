"""Data tables of a run without a database: samples, rehearsals, the command line. Gone with the run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from workflows_app.engine.items import JsonObject
from workflows_app.engine.ports import CallSite, RowQuery
from workflows_app.toolkit.compare import iso_text
from workflows_app.toolkit.data_tables import Column, fit, matches


@dataclass(slots=True)
class KeptTable:
    columns: list[Column] = field(default_factory=list)
    rows: list[JsonObject] = field(default_factory=list)
    next_id: int = 1


class MemoryTables:
    """`start` has the rows that tables begin with, by name."""

    def __init__(
        self,
        start: Mapping[str, Sequence[JsonObject]] | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._now = now
        self._lock = Lock()
        self._tables: dict[str, KeptTable] = {}
        for name, rows in (start or {}).items():
            for row in rows:
                self._add(name, row)

    def read(self, table: str, query: RowQuery) -> list[JsonObject]:
        with self._lock:
            return [self._shown(table, row) for row in self._found(table, query)]

    def insert(self, site: CallSite, table: str, rows: Sequence[JsonObject]) -> list[JsonObject]:  # noqa: ARG002
        with self._lock:
            for row in rows:
                self._fit(table, row)
            added = [self._add(table, row) for row in rows]
            return [self._shown(table, row) for row in added]

    def update(self, site: CallSite, table: str, query: RowQuery, values: JsonObject) -> list[JsonObject]:  # noqa: ARG002
        with self._lock:
            return self._change(table, query, values)

    def upsert(self, site: CallSite, table: str, query: RowQuery, values: JsonObject) -> list[JsonObject]:  # noqa: ARG002
        with self._lock:
            self._fit(table, {condition.column: condition.value for condition in query.conditions})
            return self._change(table, query, values) or [self._shown(table, self._add(table, values))]

    def delete(self, site: CallSite, table: str, query: RowQuery) -> list[JsonObject]:  # noqa: ARG002
        with self._lock:
            gone = self._found(table, query)
            kept = self._table(table)
            kept.rows = [row for row in kept.rows if row not in gone]
            return [self._shown(table, row) for row in gone]

    def _table(self, name: str) -> KeptTable:
        return self._tables.setdefault(name, KeptTable())

    def _fit(self, name: str, values: JsonObject) -> JsonObject:
        table = self._table(name)
        table.columns, fitting = fit(table.columns, values)
        return fitting

    def _add(self, name: str, values: JsonObject) -> JsonObject:
        fitting, table, now = self._fit(name, values), self._table(name), iso_text(self._now())
        row = {"id": table.next_id, **fitting, "createdAt": now, "updatedAt": now}
        table.next_id += 1
        table.rows.append(row)
        return row

    def _change(self, name: str, query: RowQuery, values: JsonObject) -> list[JsonObject]:
        fitting, found = self._fit(name, values), self._found(name, query)
        for row in found:
            row.update(fitting, updatedAt=iso_text(self._now()))
        return [self._shown(name, row) for row in found]

    def _found(self, name: str, query: RowQuery) -> list[JsonObject]:
        table = self._tables.get(name)
        if table is None:
            return []
        rows = [row for row in table.rows if matches(row, query, table.columns)]
        if query.order_by:
            rows.sort(key=lambda row: order_key(row.get(query.order_by)), reverse=query.descending)
            rows.sort(key=lambda row: row.get(query.order_by) is None)
        return rows[: query.limit] if query.limit else rows

    def _shown(self, name: str, row: JsonObject) -> JsonObject:
        cells = {column["name"]: row.get(column["name"]) for column in self._table(name).columns}
        return {"id": row["id"], **cells, "createdAt": row["createdAt"], "updatedAt": row["updatedAt"]}


def order_key(value: Any) -> tuple[bool, Any]:
    return (isinstance(value, str), value) if value is not None else (False, 0)
