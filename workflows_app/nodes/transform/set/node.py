"""Set (Edit Fields), versions 3 to 3.5."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.transform.set.fields import (
    Assignment,
    Selection,
    Written,
    composed,
    raw_fields,
    typed_value,
)  # fmt: skip
from workflows_app.toolkit import describe
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text, Whole
from workflows_app.toolkit.paths import MISSING


class SetAssignment(Params):
    id: Text = Field("", title="Id", description="Identifies the row in the editor.")
    name: Text = Field("", title="Name", description="Field to write; dots make nested fields.")
    value: Any = Field(None, title="Value", description="What to write.")
    type: Text = Field("string", title="Type", description="string, number, boolean, array or object.")


class SetAssignments(Params):
    assignments: Annotated[list[SetAssignment], AsList] = Field(
        default_factory=list, title="Fields", description="One field per row."
    )


class SetField(Params):
    name: Text = Field("", title="Name", description="Field to write; dots make nested fields.")
    type: Text = Field("stringValue", title="Type", description="Which of the values below is used.")
    string_value: Any = Field("", title="Text", description="The value of a text field.")
    number_value: Any = Field("", title="Number", description="The value of a number field.")
    boolean_value: Any = Field("true", title="Boolean", description="The value of a true or false field.")
    array_value: Any = Field("[]", title="List", description="The value of a list field.")
    object_value: Any = Field("{}", title="Object", description="The value of an object field.")


class SetFields(Params):
    values: Annotated[list[SetField], AsList] = Field(
        default_factory=list, title="Fields", description="One field per row (before version 3.3)."
    )


class SetOptions(Params):
    dot_notation: Flag = Field(True, title="Dot notation", description="Read a dot in a name as a nested field.")
    ignore_conversion_errors: Flag = Field(
        False, title="Ignore conversion errors", description="Write a value that does not fit its type as it is."
    )
    strip_binary: Flag = Field(False, title="Drop files", description="Leave the files of the item behind (from 3.4).")
    include_binary: Flag = Field(False, title="Keep files", description="Pass the files of the item on (before 3.4).")


NO_FIELDS = SetFields.model_validate({})
NO_OPTIONS = SetOptions.model_validate({})


class SetParams(Params):
    mode: Literal["manual", "raw"] = Field(
        "manual",
        title="Mode",
        description="Fill in fields one by one, or write the whole item as JSON.",
        json_schema_extra=ui(labels=["Field by field", "JSON"]),
    )
    assignments: Annotated[SetAssignments, AsGroup] = Field(
        default_factory=lambda: SetAssignments.model_validate({}),
        title="Fields to set",
        description="Name, type and value of each field.",
        json_schema_extra=ui(widget="assignments", visible_when={"mode": ["manual"]}),
    )
    fields: Annotated[SetFields, AsGroup] = Field(
        default_factory=lambda: NO_FIELDS,
        title="Fields to set (before 3.3)",
        description="The older form of the same list.",
        json_schema_extra=ui(widget="hidden"),
    )
    json_output: Any = Field(
        "{}",
        title="JSON",
        description="The fields to write, as one JSON object.",
        json_schema_extra=ui(widget="code", language="json", rows=8, json_text=True, visible_when={"mode": ["raw"]}),
    )
    include_other_fields: Flag = Field(
        False, title="Keep other fields", description="Keep the fields that came in beside those that are set."
    )
    include: Literal["all", "none", "selected", "except"] = Field(
        "all",
        title="Which of them",
        description="All other fields, a selection, or all but a selection.",
        json_schema_extra=ui(
            labels=["All", "None", "Only some", "All but some"], visible_when={"includeOtherFields": [True]}
        ),
    )
    include_fields: Text = Field(
        "", title="Fields to keep", description="Names, separated by commas.",
        json_schema_extra=ui(visible_when={"include": ["selected"]}),
    )  # fmt: skip
    exclude_fields: Text = Field(
        "", title="Fields to drop", description="Names, separated by commas.",
        json_schema_extra=ui(visible_when={"include": ["except"]}),
    )  # fmt: skip
    duplicate_item: Flag = Field(
        False, title="Repeat items", description="Put each item out several times, for trying things out."
    )
    duplicate_count: Whole = Field(0, ge=0, le=1000, title="Repeats", description="How many more times.")
    options: Annotated[SetOptions, AsGroup] = Field(
        default_factory=lambda: NO_OPTIONS, title="Options", description="Finer points."
    )


@register
class Set(NodeType[SetParams]):
    """Write fields of each item: add, change, rename or keep only some."""

    name = "n8n-nodes-base.set"
    label = "Edit fields"
    group = "transform"
    icon = "n-set"
    versions = (3, 3.1, 3.2, 3.3, 3.4, 3.5)
    Params = SetParams

    def describe(self, node: Node) -> str:
        return describe.set_fields(node)

    def execute(self, run: NodeRun[SetParams]) -> Outputs:
        version = run.node.type_version
        stored = run.node.parameters

        def work(item: Item, params: SetParams, _: int) -> Items:
            fields, chosen = new_fields(params, version, stored), selection(params, version)
            made = composed(item, fields, chosen, keep_files=keeps_files(params, version, chosen))
            copies = params.duplicate_count if params.duplicate_item and run.mode == "manual" else 0
            return [made, *(Item(json=dict(made.json), binary=dict(made.binary)) for _ in range(copies))]

        return [run.map(work)]


def selection(params: SetParams, version: float) -> Selection:
    """Before 3.3 `include` alone decides; later it counts only where other fields are kept at all."""
    include = params.include if version < 3.3 or params.include_other_fields else "none"
    chosen = params.include_fields if include == "selected" else params.exclude_fields
    names = tuple(name for part in chosen.split(",") if (name := part.strip())) if chosen else ()
    return Selection(include, names, params.options.dot_notation)


def keeps_files(params: SetParams, version: float, chosen: Selection) -> bool:
    if version < 3.4:
        return params.options.include_binary
    return not params.options.strip_binary and chosen.include != "none"


def stored_rows(parameters: JsonObject) -> list[JsonObject]:
    """The rows before 3.3 as they are stored."""
    rows = (parameters.get("fields") or {}).get("values") if isinstance(parameters.get("fields"), dict) else None
    return rows if isinstance(rows, list) else []


def new_fields(params: SetParams, version: float, stored: JsonObject) -> JsonObject:
    """The fields to write, in order; a later row of the same name wins."""
    if params.mode == "raw":
        yielded_nothing = "jsonOutput" in stored and "json_output" not in params.model_fields_set
        return raw_fields(None if yielded_nothing else params.json_output, "The JSON")
    out: JsonObject = {}
    for entry in assignments(params, version, stored):
        out[entry.name] = typed_value(entry, ignore_errors=params.options.ignore_conversion_errors, version=version)
    return out


def assignments(params: SetParams, version: float, stored: JsonObject) -> Sequence[Written]:
    if version >= 3.3:
        return params.assignments.assignments
    rows = stored_rows(stored)
    return [
        Assignment(row.name, row.type.removesuffix("Value"), value_of(row, rows[number : number + 1]))
        for number, row in enumerate(params.fields.values)
    ]


def value_of(row: SetField, stored: list[JsonObject]) -> Any:
    """The value of the row's type; `MISSING` where it was stored and is gone: an expression that yielded nothing."""
    name = f"{row.type.removesuffix('Value')}_value"
    was_entered = bool(stored) and row.type in stored[0]
    return MISSING if was_entered and name not in row.model_fields_set else getattr(row, name, None)
