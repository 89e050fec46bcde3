"""Parameters of Data Table."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.engine.ports import Comparison
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text, Whole

FILTERED = ["get", "update", "upsert", "deleteRows", "rowExists", "rowNotExists"]
WRITING = ["insert", "update", "upsert"]
COMPARISONS = [
    "Equals", "Does not equal", "Is more than", "Is at least", "Is less than", "Is at most", "Is like",
    "Is like, in any case", "Is empty", "Is not empty", "Is true", "Is false",
]  # fmt: skip


class DataTableCondition(Params):
    key_name: Text = Field("", title="Column", description="Column to compare.")
    condition: Comparison = Field(
        "eq",
        title="Condition",
        description="How the column is compared.",
        json_schema_extra=ui(labels=COMPARISONS),
    )
    key_value: Any = Field("", title="Value", description="What it is compared with.")


class DataTableFilters(Params):
    conditions: Annotated[list[DataTableCondition], AsList] = Field(
        default_factory=list, title="Conditions", description="One comparison per row."
    )


class DataTableColumns(Params):
    mapping_mode: Literal["autoMapInputData", "defineBelow"] = Field(
        "defineBelow",
        title="Values",
        description="Fields of the item with the names of columns, or values entered here.",
        json_schema_extra=ui(labels=["From the fields of the item", "Entered here"]),
    )
    value: Any = Field(None, title="Values", description="A value for each column.")


class DataTableOptions(Params):
    dry_run: Flag = Field(False, title="Dry run", description="Put out the rows that would change; change nothing.")
    optimize_bulk: Flag = Field(False, title="Fast insert", description="Put out the items as they came in.")


class DataTableParams(Params):
    resource: Literal["row"] = Field("row", title="Resource", description="What is worked on.")
    operation: Literal["insert", "append", "get", "update", "upsert", "deleteRows", "rowExists", "rowNotExists"] = (
        Field(
            "insert",
            title="Operation",
            description="What happens to the rows.",
            json_schema_extra=ui(
                labels=[
                    "Insert",
                    "Insert (older name)",
                    "Get",
                    "Update",
                    "Update or insert",
                    "Delete",
                    "Go on if a row exists",
                    "Go on if no row exists",
                ]
            ),
        )
    )
    data_table_id: Any = Field(
        "",
        title="Data table",
        description="The table, by name or id. One that is not there yet is made by the first write.",
        json_schema_extra=ui(widget="resource", options_from="dataTables"),
    )
    match_type: Literal["anyCondition", "allConditions"] = Field(
        "anyCondition",
        title="Rows must meet",
        description="One of the conditions, or all of them.",
        json_schema_extra=ui(labels=["Any condition", "All conditions"], visible_when={"operation": FILTERED}),
    )
    filters: Annotated[DataTableFilters, AsGroup] = Field(
        default_factory=lambda: DataTableFilters.model_validate({}),
        title="Conditions",
        description="Which rows are meant.",
        json_schema_extra=ui(visible_when={"operation": FILTERED}),
    )
    return_all: Flag = Field(
        False, title="All rows", description="No limit.", json_schema_extra=ui(visible_when={"operation": ["get"]})
    )
    limit: Whole = Field(
        50,
        ge=1,
        title="Limit",
        description="Most rows to get.",
        json_schema_extra=ui(visible_when={"returnAll": [False]}),
    )
    order_by: Flag = Field(
        False, title="Sort", description="Sort the rows.", json_schema_extra=ui(visible_when={"operation": ["get"]})
    )
    order_by_column: Text = Field(
        "createdAt",
        title="Sort by",
        description="Column that decides the order.",
        json_schema_extra=ui(visible_when={"orderBy": [True]}),
    )
    order_by_direction: Literal["ASC", "DESC"] = Field(
        "DESC",
        title="Direction",
        description="Smallest or largest first.",
        json_schema_extra=ui(labels=["Ascending", "Descending"], visible_when={"orderBy": [True]}),
    )
    columns: Annotated[DataTableColumns, AsGroup] = Field(
        default_factory=lambda: DataTableColumns.model_validate({}),
        title="Values",
        description="What is written.",
        json_schema_extra=ui(visible_when={"operation": WRITING}),
    )
    options: Annotated[DataTableOptions, AsGroup] = Field(
        default_factory=lambda: DataTableOptions.model_validate({}), title="Options", description="Finer points."
    )
