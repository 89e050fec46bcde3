"""Data Table, versions 1 and 1.1."""

import re
from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.ports import RowCondition, RowQuery
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.data.data_table.params import DataTableParams
from workflows_app.toolkit import describe_steps
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.data_tables import SYSTEM

OUR_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@register
class DataTable(NodeType[DataTableParams]):
    """Keep rows in a data table of the team: insert, find, change, delete."""

    name = "n8n-nodes-base.dataTable"
    label = "Data table"
    group = "data"
    icon = "n-table"
    silhouette = "keep"
    versions = (1, 1.1)
    side_effects = "write"
    Params = DataTableParams

    def describe(self, node: Node) -> str:
        return describe_steps.data_table(node)

    def execute(self, run: NodeRun[DataTableParams]) -> Outputs:
        def work(item: Item, params: DataTableParams, index: int) -> Items:
            if params.operation in ("rowExists", "rowNotExists"):
                rows = run.tables.read(table_of(params), query_of(params, limit=1))
                return [item] if bool(rows) == (params.operation == "rowExists") else []
            rows = changed(run, item, params, index)
            if params.operation in ("insert", "append") and params.options.optimize_bulk:
                return [Item(json=item.json)]
            return [Item(json=row) for row in rows]

        return [run.map(work)]


def changed(run: NodeRun[DataTableParams], item: Item, params: DataTableParams, index: int) -> list[JsonObject]:
    """The rows that were read, written or deleted."""
    tables, table, operation = run.tables, table_of(params), params.operation
    if operation in ("insert", "append"):
        return tables.insert(run.site(index), table, [values_of(item, params)])
    if operation == "get":
        return tables.read(table, query_of(params, limit=0 if params.return_all else params.limit))
    query = query_of(params)
    if not query.conditions:
        raise ParameterError(
            "There is no condition, so every row would be meant.", hint="Add a condition that picks the rows."
        )
    if params.options.dry_run:
        return tables.read(table, query)
    if operation == "deleteRows":
        return tables.delete(run.site(index), table, query)
    write = tables.update if operation == "update" else tables.upsert
    return write(run.site(index), table, query, values_of(item, params))


def table_of(params: DataTableParams) -> str:
    """The name or id. An id that is not one of ours comes from another server: there the shown name is what counts."""
    chosen = params.data_table_id
    if isinstance(chosen, dict):
        value = to_text(chosen.get("value"))
        chosen = value if OUR_ID.fullmatch(value) else chosen.get("cachedResultName") or value
    name = to_text(chosen).strip()
    if not name:
        raise ParameterError("No data table is chosen.", hint="Choose one, or enter the name of a new one.")
    return name


def query_of(params: DataTableParams, *, limit: int = 0) -> RowQuery:
    conditions = tuple(
        RowCondition(row.key_name, row.condition, row.key_value) for row in params.filters.conditions if row.key_name
    )
    is_sorted = params.order_by and params.operation == "get"
    return RowQuery(
        conditions,
        needs_all=params.match_type == "allConditions",
        limit=limit,
        order_by=params.order_by_column if is_sorted else "",
        descending=params.order_by_direction == "DESC",
    )


def values_of(item: Item, params: DataTableParams) -> JsonObject:
    """What is written; values that nothing was entered for are left alone."""
    given: Any = item.json if params.columns.mapping_mode == "autoMapInputData" else params.columns.value
    values = {name: value for name, value in (given or {}).items() if name not in SYSTEM}
    if not values:
        raise ParameterError("There are no values to write.", hint="Enter a value for at least one column.")
    return values
