"""Parameters of MySQL, versions 2 to 2.4."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, Flag, Whole
from workflows_app.toolkit.sql_fields import BATCHINGS, ON_A_TABLE, SqlTableParams


class MySqlOptions(Params):
    connection_timeout_millis: Whole = Field(
        30_000, ge=0, title="Connection timeout", description="Milliseconds to wait for the server."
    )
    connection_limit: Whole = Field(
        10, ge=0, title="Connections", description="Kept from n8n; each turn uses one connection."
    )
    query_batching: Literal["single", "independently", "transaction"] = Field(
        "single",
        title="Queries of several items",
        description="Sent as one, each on its own, or as one transaction.",
        json_schema_extra=ui(labels=BATCHINGS),
    )
    query_replacement: Any = Field(
        None,
        title="Query parameters",
        description="Values for $1, $2 … in the query: a list, or a text with commas. They are escaped as values.",
    )
    output_columns: Any = Field(
        None, title="Output columns", description="Columns of the rows that are put out; all if empty."
    )
    large_numbers_output: Literal["numbers", "text"] = Field(
        "text",
        title="Large numbers as",
        description="64-bit numbers that JSON cannot hold exactly are put out as text in either case.",
        json_schema_extra=ui(labels=["Numbers", "Text"]),
    )
    decimal_numbers: Flag = Field(
        False, title="Decimals as numbers", description="Put out decimal columns as numbers instead of text."
    )
    priority: Literal["", "LOW_PRIORITY", "HIGH_PRIORITY"] = Field(
        "",
        title="Priority",
        description="Whether an insert waits for readers, or goes before them.",
        json_schema_extra=ui(labels=["As usual", "Low", "High"]),
    )
    replace_empty_strings: Flag = Field(False, title="Empty text is nothing", description="Write NULL for empty text.")
    select_distinct: Flag = Field(False, title="Distinct", description="Leave repeated rows out.")
    detailed_output: Flag = Field(
        False, title="Details", description="Put out each statement with what the server tells of it."
    )
    skip_on_conflict: Flag = Field(
        False, title="Skip on conflict", description="Leave rows out that are there already."
    )


class MySqlParams(SqlTableParams):
    table: Any = Field(
        "", title="Table", description="Name of the table.", json_schema_extra=ui(visible_when=ON_A_TABLE)
    )
    options: Annotated[MySqlOptions, AsGroup] = Field(
        default_factory=MySqlOptions, title="Options", description="Finer points."
    )
