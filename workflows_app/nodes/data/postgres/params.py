"""Parameters of Postgres, versions 2 to 2.6."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, Flag, Whole
from workflows_app.toolkit.sql_fields import BATCHINGS, DELETING, ON_A_TABLE, SqlTableParams


class PostgresOptions(Params):
    cascade: Flag = Field(
        False, title="Cascade", description="Also empty or delete what depends on the table, such as views."
    )
    connection_timeout: Whole = Field(
        30, ge=0, title="Connection timeout", description="Seconds to wait for the server."
    )
    delay_closing_idle_connection: Whole = Field(
        0, ge=0, title="Keep idle connections", description="Kept from n8n; connections are closed after each turn."
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
        description="Values for $1, $2 … in the query: a list, or a text with commas. They are bound, never pasted.",
    )
    treat_query_parameters_in_single_quotes_as_text: Flag = Field(
        False, title="Leave $1 in quotes alone", description="Always so here: $1 inside quotes is text."
    )
    output_columns: Any = Field(
        None, title="Output columns", description="Columns of the rows that are put out; all if empty."
    )
    large_numbers_output: Literal["text", "numbers"] = Field(
        "text",
        title="Large numbers as",
        description="How numeric and 64-bit columns are put out; numbers lose digits beyond 16.",
        json_schema_extra=ui(labels=["Text", "Numbers"]),
    )
    skip_on_conflict: Flag = Field(
        False, title="Skip on conflict", description="Leave rows out that are there already."
    )
    replace_empty_strings: Flag = Field(False, title="Empty text is nothing", description="Write NULL for empty text.")


class PostgresParams(SqlTableParams):
    db_schema: Any = Field(
        "public", alias="schema", title="Schema", description="Schema of the table.",
        json_schema_extra=ui(visible_when=ON_A_TABLE),
    )  # fmt: skip
    table: Any = Field(
        "", title="Table", description="Name of the table.", json_schema_extra=ui(visible_when=ON_A_TABLE)
    )
    restart_sequences: Flag = Field(
        False,
        title="Restart sequences",
        description="Let numbered columns begin anew.",
        json_schema_extra=ui(visible_when={**DELETING, "deleteCommand": ["truncate"]}),
    )
    options: Annotated[PostgresOptions, AsGroup] = Field(
        default_factory=PostgresOptions, title="Options", description="Finer points."
    )
