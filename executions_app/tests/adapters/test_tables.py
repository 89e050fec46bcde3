"""Data tables: one contract for the database and for memory, and what only the database promises."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from executions_app.adapters.tables import TablesAdapter
from executions_app.adapters.tables_in_memory import MemoryTables
from executions_app.models import NodeEffect
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts, elsewhere
from workflows_app.engine.errors import LeaseLost, ParameterError
from workflows_app.engine.ports import CallSite, RowCondition, RowQuery, Tables
from workflows_app.models import DataTable, DataTableRow

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

PEOPLE = [
    {"name": "Ada", "age": 36, "ok": True, "note": "50% off_now"},
    {"name": "Bob", "age": 7, "ok": False, "note": ""},
    {"name": "Cy"},
]
ALL = RowQuery()
COMPARISONS: list[tuple[str, Any, Any, list[str]]] = [
    ("name", "eq", "Ada", ["Ada"]),
    ("name", "neq", "Ada", ["Bob", "Cy"]),
    ("age", "eq", "36", ["Ada"]),
    ("age", "eq", None, ["Cy"]),
    ("age", "gt", 7, ["Ada"]),
    ("age", "gte", 7, ["Ada", "Bob"]),
    ("age", "lt", 36, ["Bob"]),
    ("age", "lte", None, []),
    ("name", "lt", "Bz", ["Ada", "Bob"]),
    ("name", "like", "A%", ["Ada"]),
    ("name", "like", "a%", []),
    ("name", "ilike", "_D_", ["Ada"]),
    ("note", "isEmpty", None, ["Bob", "Cy"]),
    ("note", "isNotEmpty", None, ["Ada"]),
    ("ok", "isTrue", None, ["Ada"]),
    ("ok", "isFalse", None, ["Bob"]),
    ("id", "gt", 0, ["Ada", "Bob", "Cy"]),
    ("id", "isEmpty", None, []),
    ("createdAt", "gt", "2020-01-01", ["Ada", "Bob", "Cy"]),
    ("updatedAt", "lt", "2020-01-01", []),
]


def site(call: int = 0, item: int = 0) -> CallSite:
    return CallSite("Table", 0, item, call)


def where(column: str, comparison: Any, value: Any = None, **rest: Any) -> RowQuery:
    return RowQuery((RowCondition(column, comparison, value),), **rest)


def names(rows: list[dict[str, Any]]) -> list[Any]:
    return [row["name"] for row in rows]


@pytest.fixture(params=["database", "memory"])
def tables(request: pytest.FixtureRequest) -> Iterator[Tables]:
    if request.param == "memory":
        yield MemoryTables()
        return
    parts = request.getfixturevalue("parts")
    yield TablesAdapter(parts.open(execution_of()))


def test_rows_are_found(tables: Tables) -> None:
    tables.insert(site(), "people", PEOPLE)
    found = {one[:3]: names(tables.read("people", where(*one[:3]))) for one in COMPARISONS}
    assert found == {one[:3]: one[3] for one in COMPARISONS}


def test_rows_come_back_with_every_column_and_a_number(tables: Tables) -> None:
    made = tables.insert(site(), "people", PEOPLE)
    assert [set(row) for row in made] == [{"id", "createdAt", "updatedAt", "name", "age", "ok", "note"}] * 3
    assert made[2]["age"] is None
    assert tables.read("people", ALL) == made
    assert made[0]["createdAt"].endswith("Z")


def test_conditions_join_by_and_or_by_or(tables: Tables) -> None:
    tables.insert(site(), "people", PEOPLE)
    both = (RowCondition("age", "gt", 1), RowCondition("ok", "isFalse"))
    assert names(tables.read("people", RowQuery(both, needs_all=True))) == ["Bob"]
    assert names(tables.read("people", RowQuery(both))) == ["Ada", "Bob"]


@pytest.mark.parametrize("column, found", [("age", ["Ada", "Bob", "Cy"]), ("name", ["Cy", "Bob", "Ada"])])
def test_rows_are_sorted_and_cut(tables: Tables, column: str, found: list[str]) -> None:
    tables.insert(site(), "people", PEOPLE)
    assert names(tables.read("people", RowQuery(order_by=column, descending=True))) == found
    assert names(tables.read("people", RowQuery(order_by=column, descending=True, limit=1))) == found[:1]


def test_an_update_changes_what_fits_and_leaves_the_rest(tables: Tables) -> None:
    tables.insert(site(), "people", PEOPLE)
    changed = tables.update(site(1), "people", where("name", "eq", "Ada"), {"age": 37, "seen": True})
    assert [(row["name"], row["age"], row["seen"]) for row in changed] == [("Ada", 37, True)]
    assert tables.read("people", where("name", "eq", "Bob"))[0]["age"] == 7


def test_an_update_tells_of_its_rows_in_the_order_that_was_asked_for(tables: Tables) -> None:
    tables.insert(site(), "people", PEOPLE)
    query = RowQuery(order_by="name", descending=True, limit=2)
    changed = tables.update(site(1), "people", query, {"ok": True})
    assert [(row["name"], row["age"], row["ok"]) for row in changed] == [("Cy", None, True), ("Bob", 7, True)]
    assert [row["ok"] for row in tables.read("people", ALL)] == [True, True, True]
    assert changed == list(reversed(tables.read("people", where("name", "neq", "Ada"))))


def test_an_update_of_nothing_changes_nothing(tables: Tables) -> None:
    tables.insert(site(), "people", PEOPLE)
    before = tables.read("people", ALL)
    assert tables.update(site(1), "people", where("name", "eq", "Nobody"), {"age": 1}) == []
    assert tables.read("people", ALL) == before


def test_an_upsert_inserts_only_what_is_not_there(tables: Tables) -> None:
    first = tables.upsert(site(), "people", where("name", "eq", "Ada"), {"name": "Ada", "age": 1})
    second = tables.upsert(site(1), "people", where("name", "eq", "Ada"), {"name": "Ada", "age": 2})
    assert (first[0]["id"], first[0]["age"], second[0]["age"]) == (second[0]["id"], 1, 2)
    assert len(tables.read("people", ALL)) == 1


def test_deleted_rows_are_gone_and_told(tables: Tables) -> None:
    tables.insert(site(), "people", PEOPLE)
    assert names(tables.delete(site(1), "people", where("ok", "isFalse"))) == ["Bob"]
    assert names(tables.read("people", ALL)) == ["Ada", "Cy"]


def test_a_table_that_is_not_there_has_no_rows(tables: Tables) -> None:
    assert tables.read("nothing", ALL) == []
    assert tables.delete(site(), "nothing", ALL) == []


def test_a_wrong_value_or_column_changes_nothing(tables: Tables) -> None:
    tables.insert(site(), "people", PEOPLE)
    with pytest.raises(ParameterError):
        tables.insert(site(1), "people", [{"age": 1}, {"age": "many"}])
    with pytest.raises(ParameterError):
        tables.read("people", where("nmae", "eq", 1))
    assert len(tables.read("people", ALL)) == 3


def test_texts_that_postgresql_cannot_hold_are_mended(tables: Tables) -> None:
    made = tables.insert(site(), "odd", [{"a'; drop table x; --": "\x00\ud800'%s"}])
    assert made[0]["a'; drop table x; --"] == "\ufffd?'%s"
    assert tables.read("odd", where("a'; drop table x; --", "like", "%'%")) == made


def test_a_repeat_of_a_call_reads_its_first_result(parts: Parts) -> None:
    session = parts.open(execution_of())
    first = TablesAdapter(session).insert(site(), "people", PEOPLE[:1])
    assert TablesAdapter(session).insert(site(), "people", PEOPLE[:1]) == first
    assert DataTableRow.objects.count() == 1
    assert NodeEffect.objects.count() == 1


def test_many_rows_are_changed_by_one_statement(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement each took seconds of everybody's who writes to the table."""
    tables = TablesAdapter(parts.open(execution_of()))
    tables.insert(site(), "people", PEOPLE)
    statements: list[str] = []
    execute = Connection.execute

    def counted(connection: Any, query: Any, *given: Any, **named: Any) -> Any:
        statements.append(str(query))
        return execute(connection, query, *given, **named)

    monkeypatch.setattr(Connection, "execute", counted)
    assert len(tables.update(site(1), "people", ALL, {"age": 1})) == 3
    assert len([text for text in statements if "UPDATE workflows_app_datatablerow" in text]) == 1


def test_a_worker_that_lost_its_lease_writes_nothing(parts: Parts) -> None:
    execution = execution_of()
    session = parts.open(execution)
    elsewhere(execution)
    with pytest.raises(LeaseLost):
        TablesAdapter(session).insert(site(), "people", PEOPLE)
    assert DataTableRow.objects.count() == 0


def test_tables_of_another_team_are_not_found(parts: Parts) -> None:
    mine = TablesAdapter(parts.open(execution_of()))
    mine.insert(site(), "people", PEOPLE)
    table = DataTable.objects.get()
    assert len(mine.read(str(table.pk), ALL)) == 3
    theirs = TablesAdapter(parts.open(execution_of()))
    assert theirs.read("people", ALL) == theirs.read(str(table.pk), ALL) == []
