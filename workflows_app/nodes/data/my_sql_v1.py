"""MySQL, version 1."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.pairing import pair
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit import sql_tables
from workflows_app.toolkit.fields import AsGroup, Flag, Text
from workflows_app.toolkit.servers import talking
from workflows_app.toolkit.sql_fields import located, name_list
from workflows_app.toolkit.sql_runs import Done, carry_out, query_of, query_text
from workflows_app.toolkit.sql_tables import Table
from workflows_app.toolkit.sql_text import Statement

QUERYING = {"operation": ["executeQuery"]}
WRITING = {"operation": ["insert", "update"]}


class MySqlV1Options(Params):
    ignore: Flag = Field(False, title="Ignore", description="Leave rows out that are there already.")
    priority: Literal["", "LOW_PRIORITY", "HIGH_PRIORITY"] = Field(
        "",
        title="Priority",
        description="Whether an insert waits for readers, or goes before them.",
        json_schema_extra=ui(labels=["As usual", "Low", "High"]),
    )


class MySqlV1Params(Params):
    operation: Literal["executeQuery", "insert", "update"] = Field(
        "insert",
        title="Operation",
        description="What happens.",
        json_schema_extra=ui(labels=["Execute query", "Insert", "Update"]),
    )
    query: Text = Field(
        "",
        title="Query",
        description="The SQL to run.",
        json_schema_extra=ui(visible_when=QUERYING, widget="code", language="sql", rows=8),
    )
    table: Any = Field("", title="Table", description="Name of the table.", json_schema_extra=ui(visible_when=WRITING))
    update_key: Text = Field(
        "id",
        title="Key",
        description="Column that tells which row is meant.",
        json_schema_extra=ui(visible_when={"operation": ["update"]}),
    )
    columns: Text = Field(
        "",
        title="Columns",
        description="Fields of the item that are written, with commas between them.",
        json_schema_extra=ui(visible_when=WRITING),
    )
    options: Annotated[MySqlV1Options, AsGroup] = Field(
        default_factory=MySqlV1Options, title="Options", description="Finer points."
    )


Run = NodeRun[MySqlV1Params]


@register
class MySqlV1(NodeType[MySqlV1Params]):
    """Ask a MySQL or MariaDB database, or write into its tables (version 1)."""

    name = "n8n-nodes-base.mySql"
    label = "MySQL"
    group = "data"
    icon = "n-table"
    silhouette = "world"
    versions = (1,)
    credentials = ("mySql",)
    side_effects = "write"
    Params = MySqlV1Params

    def execute(self, run: Run) -> Outputs:
        with talking(run, "mysql", "mySql") as talk:
            done = carry_out(
                run,
                talk,
                lambda index: statements_of(run, index),
                dialect="mysql",
                batching="independently",
                settings={"largeNumbers": "lossy", "dates": True},
            )
        return [[item for entry in done for item in items_of(entry)]]


def items_of(entry: Done) -> Items:
    """The rows of an item's statements, or what the server tells of one without rows."""
    if len(entry) == 2:
        return [failed_item(entry[1], entry[0])]
    index, _, results = entry
    out: Items = []
    for result in results:
        rows = result.get("rows")
        shown = [result["header"]] if rows is None else rows
        out += [Item(json=row, paired=pair(index)) for row in shown]
    return out


def statements_of(run: Run, index: int) -> list[Statement]:
    """An insert writes the rows of all items at once, with the first of them."""
    params, item = run.params_for(index), run.items[index].json
    if params.operation == "executeQuery":
        return query_of(query_text(run, params.query, index), [], "mysql")
    table, columns = Table("mysql", located(params.table)), name_list(params.columns)
    if not table.name or not columns:
        raise ParameterError("The table or its columns are missing.", hint="Enter both, or check the expressions.")
    if params.operation == "insert":
        rows = [one.json for one in run.items]
        many = sql_tables.insert_many(
            table, columns, rows, skips_conflicts=params.options.ignore, priority=params.options.priority
        )
        return [many] if index == 0 else []
    key = params.update_key
    changed = {name: item.get(name) for name in columns if name != key}
    if not changed:
        raise ParameterError("There is nothing to write.", hint="Name columns besides the key.")
    return [sql_tables.update(table, changed, {key: item.get(key)})]
