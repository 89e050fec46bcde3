"""The parameters of Remove Duplicates."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, Flag, Text, Whole

Compare = Literal["allFields", "allFieldsExcept", "selectedFields"]
Logic = Literal[
    "removeItemsWithAlreadySeenKeyValues", "removeItemsUpToStoredIncrementalKey", "removeItemsUpToStoredDate"
]
EARLIER = "removeItemsSeenInPreviousExecutions"


class RemoveDuplicatesOptions(Params):
    disable_dot_notation: Flag = Field(False, title="No dot notation", description="Take names with dots literally.")
    remove_other_fields: Flag = Field(False, title="Drop other fields", description="Keep only the compared fields.")
    scope: Literal["node", "workflow"] = Field(
        "node",
        title="History of",
        description="This node alone, or all such nodes of the workflow together.",
        json_schema_extra=ui(labels=["This node", "The workflow"]),
    )
    history_size: Whole = Field(
        10_000,
        ge=1,
        le=1_000_000,
        title="Values to remember",
        description="How many values are kept at most; the oldest go first.",
    )


class RemoveDuplicatesParams(Params):
    operation: Literal[
        "removeDuplicateInputItems", "removeItemsSeenInPreviousExecutions", "clearDeduplicationHistory"
    ] = Field(
        "removeDuplicateInputItems",
        title="Compare with",
        description="The other items of this run, or the items of earlier runs.",
        json_schema_extra=ui(labels=["Items of this run", "Items of earlier runs", "Forget earlier runs"]),
    )  # fmt: skip
    compare: Compare = Field(
        "allFields",
        title="Compare",
        description="Which fields must be the same.",
        json_schema_extra=ui(
            labels=["All fields", "All but some", "Only some"],
            visible_when={"operation": ["removeDuplicateInputItems"]},
        ),
    )
    fields_to_exclude: Any = Field(
        "", title="Fields to leave out", description="Names, separated by commas.",
        json_schema_extra=ui(visible_when={"compare": ["allFieldsExcept"]}),
    )  # fmt: skip
    fields_to_compare: Any = Field(
        "", title="Fields to compare", description="Names, separated by commas.",
        json_schema_extra=ui(visible_when={"compare": ["selectedFields"]}),
    )  # fmt: skip
    logic: Logic = Field(
        "removeItemsWithAlreadySeenKeyValues",
        title="Keep items whose",
        description="How an item is told from those of earlier runs.",
        json_schema_extra=ui(
            labels=["Value is new", "Value is higher than any before", "Date is later than any before"],
            visible_when={"operation": [EARLIER]},
        ),
    )
    dedupe_value: Any = Field(
        "",
        title="Value",
        description="What tells the item from others.",
        json_schema_extra=ui(visible_when={"logic": ["removeItemsWithAlreadySeenKeyValues"]}),
    )
    incremental_dedupe_value: Any = Field(
        "",
        title="Number",
        description="A number that grows from item to item.",
        json_schema_extra=ui(visible_when={"logic": ["removeItemsUpToStoredIncrementalKey"]}),
    )
    date_dedupe_value: Any = Field(
        "",
        title="Date",
        description="The date of the item.",
        json_schema_extra=ui(visible_when={"logic": ["removeItemsUpToStoredDate"]}),
    )
    mode: Text = Field(
        "cleanDatabase",
        title="Forget",
        description="What to forget: everything that was remembered.",
        json_schema_extra=ui(visible_when={"operation": ["clearDeduplicationHistory"]}),
    )
    options: Annotated[RemoveDuplicatesOptions, AsGroup] = Field(
        default_factory=lambda: RemoveDuplicatesOptions.model_validate({}), title="Options", description="Finer points."
    )
