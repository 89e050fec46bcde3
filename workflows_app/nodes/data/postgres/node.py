"""Postgres, versions 2 to 2.6."""

from collections.abc import Mapping
from typing import Any

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.registry import register
from workflows_app.nodes.data.postgres.params import PostgresParams
from workflows_app.toolkit import sql_tables
from workflows_app.toolkit.servers import Talk, talking
from workflows_app.toolkit.sql_fields import (
    located,
    name_list,
    needs_values,
    row_of,
    selection_of,
    without_empty_texts,
)
from workflows_app.toolkit.sql_runs import as_items, carry_out, query_of, query_text, replacements
from workflows_app.toolkit.sql_tables import Condition, Selection, Table
from workflows_app.toolkit.sql_text import Statement, Value
from workflows_app.toolkit.sql_wire import array_text, plain, wire

KINDS = "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = "
Kinds = Mapping[str, str]
Run = NodeRun[PostgresParams]


@register
class Postgres(NodeType[PostgresParams]):
    """Ask a PostgreSQL database, or write into its tables; a row is an item.

    Query parameters and values are bound, never written into the SQL.
    """

    name = "n8n-nodes-base.postgres"
    label = "Postgres"
    group = "data"
    icon = "n-table"
    silhouette = "world"
    versions = (2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6)
    credentials = ("postgres",)
    side_effects = "write"
    Params = PostgresParams

    def execute(self, run: Run) -> Outputs:
        options, operation = run.params.options, run.params.operation
        with talking(run, "postgres", "postgres") as talk:
            maker = Maker(run, talk)
            done = carry_out(
                run,
                talk,
                maker.statements,
                dialect="postgres",
                batching=options.query_batching,
                settings={"largeNumbers": options.large_numbers_output == "numbers"},
            )

        def tells_success(made: list[Statement]) -> bool:
            if operation == "select":
                return False
            return run.node.type_version < 2.3 or not all(statement.is_select for statement in made)

        return [as_items(done, len(run.items), batching=options.query_batching, tells_success=tells_success)]


class Maker:
    """Makes the statements of each item; asks once per table which columns it has."""

    def __init__(self, run: Run, talk: Talk) -> None:
        self._run = run
        self._talk = talk
        self._kinds: dict[Table, Kinds] = {}

    def statements(self, index: int) -> list[Statement]:
        params = self._run.params_for(index)
        if params.operation == "executeQuery":
            return self._query(params, index)
        table = Table("postgres", located(params.table), located(params.db_schema) or "public")
        if not table.name:
            raise ParameterError("No table is chosen.", hint="Choose one, or check the expression.")
        if params.operation == "select":
            return [sql_tables.select(table, name_list(params.options.output_columns), selection_of(params))]
        if params.operation == "deleteTable":
            return [deleting(table, params)]
        return [self._writing(table, params, index)]

    def _query(self, params: PostgresParams, index: int) -> list[Statement]:
        splits = self._run.node.type_version >= 2.5
        values = replacements(self._run, index, params.options.query_replacement, splits_results=splits)
        if params.options.replace_empty_strings:
            values = [None if value == "" else value for value in values]
        return query_of(query_text(self._run, params.query, index), values, "postgres")

    def _writing(self, table: Table, params: PostgresParams, index: int) -> Statement:
        row, match = row_of(params, self._run.items[index].json, self._run.node.type_version)
        if params.options.replace_empty_strings:
            row = without_empty_texts(row)
        kinds = self._kinds_of(table)
        unknown = next((name for name in [*row, *match] if name not in kinds), None)
        if unknown is not None:
            raise ParameterError(
                f"Column '{unknown}' does not exist in selected table",
                hint=f"Columns of {table.name}: {', '.join(kinds) or 'none; is there such a table?'}",
            )
        row = {name: fitted(value, kinds[name]) for name, value in row.items()}
        returning = name_list(params.options.output_columns)
        if params.operation == "insert":
            skips = params.options.skip_on_conflict
            return sql_tables.insert(table, row, returning=returning, skips_conflicts=skips)
        needs_values(row, match)
        if params.operation == "upsert":
            return sql_tables.upsert(table, row, match, returning=returning)
        return self._updating(table, row, match, returning)

    def _updating(self, table: Table, row: JsonObject, match: list[str], returning: list[str]) -> Statement:
        """Raises UserError where there is no such row."""
        wanted = {name: row.get(name) for name in match}
        conditions = [Condition(name, "equal", value) for name, value in wanted.items()]
        seeking = sql_tables.select(table, match, Selection(conditions, limit=1))
        if not self._rows(seeking):
            shown = ", ".join(f"{name}={value}" for name, value in wanted.items())
            raise UserError(
                "The row you are trying to update doesn't exist",
                code="row_missing",
                hint=f'No row with {shown} was found in the table "{table.name}".',
            )
        changed = {name: value for name, value in row.items() if name not in match}
        return sql_tables.update(table, changed, wanted, returning=returning)

    def _kinds_of(self, table: Table) -> Kinds:
        if table not in self._kinds:
            asking = Statement([KINDS, Value(table.schema), " AND table_name = ", Value(table.name)])
            self._kinds[table] = {str(row["column_name"]): str(row["data_type"]) for row in self._rows(asking)}
        return self._kinds[table]

    def _rows(self, statement: Statement) -> list[JsonObject]:
        answer: Any = self._talk.ask("run", {"work": [[wire(statement, "postgres")]], "together": "", "goOn": False})
        return list(answer.value[0]["results"][0]["rows"] or [])


def fitted(value: Any, kind: str) -> Any:
    """A list for an array column, and lists and objects for a JSON column, as texts that PostgreSQL reads."""
    if not isinstance(value, list):
        return value
    if kind == "ARRAY":
        return array_text(value)
    return plain(value) if kind in ("json", "jsonb") else value


def deleting(table: Table, params: PostgresParams) -> Statement:
    cascades = params.options.cascade
    if params.delete_command == "truncate":
        return sql_tables.truncate(table, restarts=params.restart_sequences, cascades=cascades)
    if params.delete_command == "drop":
        return sql_tables.drop(table, cascades=cascades)
    return sql_tables.delete(table, selection_of(params))
