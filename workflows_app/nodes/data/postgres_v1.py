"""Postgres, version 1."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit import sql_tables
from workflows_app.toolkit.fields import AsGroup, Text
from workflows_app.toolkit.paths import read
from workflows_app.toolkit.servers import talking
from workflows_app.toolkit.sql_fields import BATCHINGS, name_list
from workflows_app.toolkit.sql_runs import as_items, carry_out, query_of, query_text
from workflows_app.toolkit.sql_tables import Table
from workflows_app.toolkit.sql_text import Statement

QUERYING = {"operation": ["executeQuery"]}
WRITING = {"operation": ["insert", "update"]}
BATCHED = {"multiple": "single", "independently": "independently", "transaction": "transaction"}


class PostgresV1Fields(Params):
    mode: Literal["multiple", "independently", "transaction"] = Field(
        "multiple",
        title="Queries of several items",
        description="Sent as one, each on its own, or as one transaction.",
        json_schema_extra=ui(labels=BATCHINGS),
    )
    query_params: Text = Field(
        "",
        title="Query parameters",
        description="Fields of the item whose values stand for $1, $2 … in the query, with commas between them.",
    )
    large_numbers_output: Literal["text", "numbers"] = Field(
        "text",
        title="Large numbers as",
        description="How numeric and 64-bit columns are put out.",
        json_schema_extra=ui(labels=["Text", "Numbers"]),
    )


class PostgresV1Params(Params):
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
    db_schema: Text = Field(
        "public", alias="schema", title="Schema", description="Schema of the table.",
        json_schema_extra=ui(visible_when=WRITING),
    )  # fmt: skip
    table: Text = Field("", title="Table", description="Name of the table.", json_schema_extra=ui(visible_when=WRITING))
    update_key: Text = Field(
        "id",
        title="Key",
        description="Column that tells which row is meant; several with commas between them.",
        json_schema_extra=ui(visible_when={"operation": ["update"]}),
    )
    columns: Text = Field(
        "",
        title="Columns",
        description="Fields of the item that are written, with commas between them; id:int casts the value.",
        json_schema_extra=ui(visible_when=WRITING),
    )
    return_fields: Text = Field(
        "*",
        title="Output columns",
        description="Columns of the rows that are put out.",
        json_schema_extra=ui(visible_when=WRITING),
    )
    additional_fields: Annotated[PostgresV1Fields, AsGroup] = Field(
        default_factory=PostgresV1Fields, title="Options", description="Finer points."
    )


Run = NodeRun[PostgresV1Params]


@register
class PostgresV1(NodeType[PostgresV1Params]):
    """Ask a PostgreSQL database, or write into its tables (version 1)."""

    name = "n8n-nodes-base.postgres"
    label = "Postgres"
    group = "data"
    icon = "n-table"
    silhouette = "world"
    versions = (1,)
    credentials = ("postgres",)
    side_effects = "write"
    Params = PostgresV1Params

    def execute(self, run: Run) -> Outputs:
        fields = run.params.additional_fields
        batching = BATCHED[fields.mode]
        with talking(run, "postgres", "postgres") as talk:
            done = carry_out(
                run,
                talk,
                lambda index: statements_of(run, index),
                dialect="postgres",
                batching=batching,
                settings={"largeNumbers": fields.large_numbers_output == "numbers"},
            )
        return [as_items(done, len(run.items), batching=batching, tells_success=lambda _made: False)]


def statements_of(run: Run, index: int) -> list[Statement]:
    params, item = run.params_for(index), run.items[index].json
    if params.operation == "executeQuery":
        names = name_list(params.additional_fields.query_params)
        values = [read(item, name, None) for name in names]
        return query_of(query_text(run, params.query, index), values, "postgres")
    if not params.table:
        raise ParameterError("No table is chosen.", hint="Enter its name, or check the expression.")
    table = Table("postgres", params.table, params.db_schema)
    row, casts = row_of(params.columns, item)
    returning = name_list(params.return_fields)
    if params.operation == "insert":
        return [sql_tables.insert(table, row, returning=returning, casts=casts)]
    key, _ = row_of(params.update_key, item)
    changed = {name: value for name, value in row.items() if name not in key}
    if not changed:
        raise ParameterError("There is nothing to write.", hint="Name columns besides the key.")
    return [sql_tables.update(table, changed, key, returning=returning, casts=casts)]


def row_of(columns: str, item: JsonObject) -> tuple[JsonObject, dict[str, str]]:
    """The named fields of the item, NULL for one that it lacks, and the type that each is cast to."""
    row: dict[str, Any] = {}
    casts: dict[str, str] = {}
    for entry in name_list(columns):
        name, _, cast = entry.partition(":")
        row[name] = item.get(name)
        if cast:
            casts[name] = checked_type(cast)
    return row, casts


def checked_type(text: str) -> str:
    """A type name that may stand in a statement. Raises ParameterError."""
    words = text.replace("[]", "").replace("_", "").replace(" ", "")
    if not words.isalnum():
        raise ParameterError(f"'{text}' is no type to cast to.", hint="Write a column as id:int or at:timestamp.")
    return text
