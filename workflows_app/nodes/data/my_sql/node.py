"""MySQL, versions 2 to 2.4."""

from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.pairing import pair
from workflows_app.engine.registry import register
from workflows_app.nodes.data.my_sql.params import MySqlParams
from workflows_app.toolkit import sql_tables
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.servers import talking
from workflows_app.toolkit.sql_fields import (
    located,
    name_list,
    needs_values,
    row_of,
    selection_of,
    without_empty_texts,
)
from workflows_app.toolkit.sql_runs import Done, as_items, carry_out, not_a_list, parts, query_of, query_text
from workflows_app.toolkit.sql_tables import Table
from workflows_app.toolkit.sql_text import Statement

Run = NodeRun[MySqlParams]
# Every version has the columns as versions 2 and 2.1 of Postgres have them.
COLUMNS_AS_IN = 2.0


@register
class MySql(NodeType[MySqlParams]):
    """Ask a MySQL or MariaDB database, or write into its tables; a row is an item.

    Query parameters and values are escaped as values, never pasted as they are.
    """

    name = "n8n-nodes-base.mySql"
    label = "MySQL"
    group = "data"
    icon = "n-table"
    silhouette = "world"
    versions = (2, 2.1, 2.2, 2.3, 2.4)
    credentials = ("mySql",)
    side_effects = "write"
    Params = MySqlParams

    def execute(self, run: Run) -> Outputs:
        options, operation = run.params.options, run.params.operation
        with talking(run, "mysql", "mySql") as talk:
            done = carry_out(
                run,
                talk,
                lambda index: statements_of(run, index),
                dialect="mysql",
                batching=options.query_batching,
                settings={"decimals": options.decimal_numbers},
            )
        if options.detailed_output:
            return [details(done)]
        tells = operation != "select"
        return [
            as_items(
                done,
                len(run.items),
                batching=options.query_batching,
                tells_success=lambda made: tells and not all(statement.is_select for statement in made),
            )
        ]


def statements_of(run: Run, index: int) -> list[Statement]:
    params = run.params_for(index)
    options = params.options
    if params.operation == "executeQuery":
        values = values_of(options.query_replacement)
        if options.replace_empty_strings:
            values = [None if value == "" else value for value in values]
        return query_of(query_text(run, params.query, index), values, "mysql")
    table = Table("mysql", located(params.table))
    if not table.name:
        raise ParameterError("No table is chosen.", hint="Choose one, or check the expression.")
    if params.operation == "select":
        columns = name_list(options.output_columns)
        return [sql_tables.select(table, columns, selection_of(params), is_distinct=options.select_distinct)]
    if params.operation == "deleteTable":
        return [deleting(table, params)]
    row, match = row_of(params, run.items[index].json, COLUMNS_AS_IN)
    return [writing(table, params, without_empty_texts(row) if options.replace_empty_strings else row, match)]


def values_of(given: Any) -> list[Any]:
    """A list as it is; a text split at its commas, with numbers in it as numbers."""
    if isinstance(given, list):
        return given
    if isinstance(given, dict):
        raise not_a_list()
    return [as_number(part) for part in parts(given)]


def as_number(text: str) -> Any:
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if to_text(value) == text:
            return value
    return text


def deleting(table: Table, params: MySqlParams) -> Statement:
    if params.delete_command == "truncate":
        return sql_tables.truncate(table)
    return sql_tables.drop(table) if params.delete_command == "drop" else sql_tables.delete(table, selection_of(params))


def writing(table: Table, params: MySqlParams, row: JsonObject, match: list[str]) -> Statement:
    options = params.options
    if params.operation == "insert":
        return sql_tables.insert(table, row, skips_conflicts=options.skip_on_conflict, priority=options.priority)
    needs_values(row, match)
    if params.operation == "upsert":
        return sql_tables.upsert(table, row, match)
    wanted = {name: row.get(name) for name in match}
    return sql_tables.update(table, {name: value for name, value in row.items() if name not in match}, wanted)


def details(done: list[Done]) -> Items:
    """Each statement with its rows, or with what the server tells of it."""
    out: Items = []
    for entry in done:
        if len(entry) == 2:
            out += as_items([entry], 1, batching="independently", tells_success=lambda _made: False)
            continue
        index, made, results = entry
        for number, result in enumerate(results):
            text = made[min(number, len(made) - 1)].text
            data = result.get("rows") if result.get("rows") is not None else result.get("header")
            out.append(Item(json={"sql": text, "data": data}, paired=pair(index)))
    return out
