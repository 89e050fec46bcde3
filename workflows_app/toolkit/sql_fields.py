"""Parameters that the nodes of SQL databases share: rows to choose, an order, and values for columns."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import JsonObject
from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text, Whole
from workflows_app.toolkit.sql_tables import Condition, Selection

DELETING = {"operation": ["deleteTable"]}
CHOOSING = {"operation": ["select", "deleteTable"]}
SELECTING = {"operation": ["select"]}
QUERYING = {"operation": ["executeQuery"]}
MATCHING = {"operation": ["update", "upsert"]}
WRITING = {"operation": ["insert", "update", "upsert"]}
ON_A_TABLE = {"operation": ["deleteTable", "insert", "select", "update", "upsert"]}

Operation = Literal["deleteTable", "executeQuery", "insert", "upsert", "select", "update"]
OPERATIONS = ["Delete", "Execute query", "Insert", "Insert or update", "Select", "Update"]
BATCHINGS = ["All in one", "Each on its own", "As one transaction"]


class SqlCondition(Params):
    column: Any = Field("", title="Column", description="Column to compare.")
    condition: Text = Field(
        "equal",
        title="Condition",
        description="How: equal, !=, LIKE, >, <, >=, <=, IS NULL or IS NOT NULL.",
        json_schema_extra=ui(placeholder="equal"),
    )
    value: Any = Field("", title="Value", description="What it is compared with; % and _ stand for anything in LIKE.")


class SqlConditions(Params):
    values: Annotated[list[SqlCondition], AsList] = Field(
        default_factory=list, title="Conditions", description="One comparison per row."
    )


class SqlOrderKey(Params):
    column: Any = Field("", title="Column", description="Column to sort by.")
    direction: Text = Field("ASC", title="Direction", description="ASC for upwards, DESC for downwards.")


class SqlOrder(Params):
    values: Annotated[list[SqlOrderKey], AsList] = Field(
        default_factory=list, title="Order", description="Columns to sort by, the most important first."
    )


class SqlColumnValue(Params):
    column: Any = Field("", title="Column", description="Column to write.")
    value: Any = Field("", title="Value", description="What is written into it.")


class SqlColumnValues(Params):
    values: Annotated[list[SqlColumnValue], AsList] = Field(
        default_factory=list, title="Values", description="A value per column."
    )


class SqlColumns(Params):
    mapping_mode: Literal["defineBelow", "autoMapInputData"] = Field(
        "defineBelow",
        title="Values",
        description="Values entered here, or the fields of the item with the names of columns.",
        json_schema_extra=ui(labels=["Entered here", "From the fields of the item"]),
    )
    value: Any = Field(None, title="Values", description="A value for each column.")
    matching_columns: Annotated[list[Any], AsList] = Field(
        default_factory=list, title="Columns to match on", description="They tell which row is meant."
    )


class SqlTableParams(Params):
    """What a node of one table asks, whatever the database."""

    resource: Literal["database"] = Field("database", title="Resource", description="What is worked on.")
    operation: Operation = Field(
        "insert", title="Operation", description="What happens.", json_schema_extra=ui(labels=OPERATIONS)
    )
    query: Text = Field(
        "",
        title="Query",
        description="The SQL to run; $1, $2 … stand for the query parameters.",
        json_schema_extra=ui(visible_when=QUERYING, widget="code", language="sql", rows=8),
    )
    delete_command: Literal["truncate", "delete", "drop"] = Field(
        "truncate",
        title="Command",
        description="Empty the table, delete some rows, or delete the table itself.",
        json_schema_extra=ui(labels=["Empty it", "Delete rows", "Delete the table"], visible_when=DELETING),
    )
    where: Annotated[SqlConditions, AsGroup] = Field(
        default_factory=SqlConditions, title="Rows", description="Which rows; all where there is no condition.",
        json_schema_extra=ui(visible_when=CHOOSING),
    )  # fmt: skip
    combine_conditions: Literal["AND", "OR"] = Field(
        "AND",
        title="Rows must meet",
        description="Every condition, or one of them.",
        json_schema_extra=ui(labels=["Every condition", "One of them"], visible_when=CHOOSING),
    )
    return_all: Flag = Field(
        False, title="Every row", description="Put out all rows.", json_schema_extra=ui(visible_when=SELECTING)
    )
    limit: Whole = Field(
        50, ge=0, title="Limit", description="Most rows to put out.",
        json_schema_extra=ui(visible_when={**SELECTING, "returnAll": [False]}),
    )  # fmt: skip
    sort: Annotated[SqlOrder, AsGroup] = Field(
        default_factory=SqlOrder, title="Order", description="In which order the rows come.",
        json_schema_extra=ui(visible_when=SELECTING),
    )  # fmt: skip
    columns: Annotated[SqlColumns, AsGroup] = Field(
        default_factory=lambda: SqlColumns.model_validate({}),
        title="Columns",
        description="What is written, from version 2.2 on.",
        json_schema_extra=ui(visible_when=WRITING),
    )
    data_mode: Literal["autoMapInputData", "defineBelow"] = Field(
        "autoMapInputData",
        title="Values",
        description="Where the values come from, in versions 2 and 2.1.",
        json_schema_extra=ui(labels=["From the fields of the item", "Entered here"], visible_when=WRITING),
    )
    values_to_send: Annotated[SqlColumnValues, AsGroup] = Field(
        default_factory=SqlColumnValues, title="Values to send", description="Values in versions 2 and 2.1.",
        json_schema_extra=ui(visible_when={**WRITING, "dataMode": ["defineBelow"]}),
    )  # fmt: skip
    column_to_match_on: Any = Field(
        "", title="Column to match on", description="Tells which row is meant, in versions 2 and 2.1.",
        json_schema_extra=ui(visible_when=MATCHING),
    )  # fmt: skip
    value_to_match_on: Any = Field(
        "", title="Value to match on", description="Its value in that row.",
        json_schema_extra=ui(visible_when={**MATCHING, "dataMode": ["defineBelow"]}),
    )  # fmt: skip


def located(value: Any) -> str:
    """A name, also where it is chosen from a list: n8n stores that with how it was chosen."""
    chosen = value.get("value") if isinstance(value, dict) else value
    return to_text(chosen).strip() if chosen is not None else ""


def name_list(value: Any) -> list[str]:
    """Names in a list, or in a text with commas."""
    if isinstance(value, list):
        return [located(entry) for entry in value if located(entry)]
    return [part.strip() for part in to_text(value or "").split(",") if part.strip()]


def selection_of(params: SqlTableParams) -> Selection:
    conditions = [Condition(located(one.column), one.condition, one.value) for one in params.where.values]
    return Selection(
        conditions,
        needs_all=params.combine_conditions != "OR",
        order=[(located(one.column), one.direction.upper() == "DESC") for one in params.sort.values],
        limit=None if params.return_all else params.limit,
    )


def row_of(params: SqlTableParams, item: JsonObject, version: float) -> tuple[JsonObject, list[str]]:
    """What is written, by column, and the columns that tell which row is meant."""
    if version >= 2.2:
        columns = params.columns
        match = [located(name) for name in columns.matching_columns]
        if columns.mapping_mode == "autoMapInputData":
            return dict(item), match
        return (dict(columns.value) if isinstance(columns.value, dict) else {}), match
    match_on = located(params.column_to_match_on)
    match = [match_on] if match_on and params.operation != "insert" else []
    if params.data_mode == "autoMapInputData":
        return dict(item), match
    row = {located(one.column): one.value for one in params.values_to_send.values}
    return {**row, **({match_on: params.value_to_match_on} if match else {})}, match


def without_empty_texts(values: JsonObject) -> JsonObject:
    return {name: None if value == "" else value for name, value in values.items()}


def needs_values(row: JsonObject, match: Sequence[str]) -> None:
    """Raises ParameterError where there is nothing to write, or no column to find the row by."""
    if not match:
        raise ParameterError("No column to match on is chosen.", hint="Choose a column that tells which row is meant.")
    if not any(name not in match for name in row):
        raise ParameterError(
            "There is nothing to write.",
            hint="Give the item fields with the names of columns, or enter values in the node.",
        )
