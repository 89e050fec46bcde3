"""Parameter models for conditions, shared by the node types that branch or filter."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, field_validator

from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.params import Params, ui
from workflows_app.toolkit import conditions, conditions_v1
from workflows_app.toolkit.conditions import Condition, Rules
from workflows_app.toolkit.dates import zone_of
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text
from workflows_app.toolkit.paths import MISSING


class ConditionOperator(Params):
    type: Text = Field("string", title="Type", description="The type both sides are compared as.")
    operation: Text = Field("equals", title="Comparison", description="How the two sides are compared.")
    right_type: Text = Field(
        "", title="Type of the second value", description="Set where the second value has another type."
    )
    single_value: Flag = Field(False, title="One value", description="The comparison looks at the first value only.")


class ConditionRow(Params):
    id: Text = Field("", title="Id", description="Identifies the row in the editor.")
    left_value: Any = Field(None, title="First value", description="The value that is judged, usually an expression.")
    right_value: Any = Field(None, title="Second value", description="What it is compared with.")
    operator: ConditionOperator = Field(
        default_factory=lambda: ConditionOperator.model_validate({}),
        title="Comparison",
        description="Type and kind of the comparison.",
        json_schema_extra=ui(widget="operator"),
    )

    def sides(self) -> tuple[Any, Any]:
        """Both values; `MISSING` where an expression yielded nothing."""
        given = self.model_fields_set
        return (
            self.left_value if "left_value" in given else MISSING,
            self.right_value if "right_value" in given else MISSING,
        )


class ConditionSettings(Params):
    case_sensitive: Flag = Field(True, title="Case sensitive", description="Whether upper and lower case differ.")
    type_validation: Text = Field(
        "", title="Types", description="strict refuses values of another type, anything else converts them."
    )
    version: int = Field(0, title="Version", description="Version of the comparison rules; 0 follows the node.")


class ConditionSet(Params):
    options: Annotated[ConditionSettings, AsGroup] = Field(
        default_factory=lambda: ConditionSettings.model_validate({}),
        title="Rules",
        description="How strictly values are compared.",
    )
    conditions: Annotated[list[ConditionRow], AsList] = Field(
        default_factory=list, title="Conditions", description="One comparison per row."
    )
    combinator: Literal["and", "or"] = Field(
        "and",
        title="Combine",
        description="Whether all rows must hold, or any one of them.",
        json_schema_extra=ui(labels=["All hold", "Any holds"]),
    )

    @field_validator("combinator", mode="before")
    @classmethod
    def lower_case(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value or "and"

    def holds(self, run: NodeRun[Any], *, loose: bool, ignore_case: bool = False, item: int = 0) -> bool:
        """Whether the item these values were resolved for passes. `loose` and `ignore_case` are options of the node."""
        rows = [
            Condition(*row.sides(), row.operator.type, row.operator.operation, row.operator.right_type)
            for row in self.conditions
        ]
        strict = not loose and self.options.type_validation == "strict"
        case_sensitive = self.options.case_sensitive and not ignore_case
        version = self.options.version or (2 if run.node.type_version >= 2.2 else 1)
        rules = Rules(case_sensitive, strict, version, zone_of(run.workflow), item)
        return conditions.holds(rows, self.combinator, rules)


class ConditionOptions(Params):
    ignore_case: Flag = Field(False, title="Ignore case", description="Treat upper and lower case as the same.")
    loose_type_validation: Flag = Field(
        False, title="Convert types where required", description="Convert values before comparing (version 2.0)."
    )


class ConditionParams(Params):
    """The parameters of a node that asks one set of conditions of every item."""

    conditions: Annotated[ConditionSet, AsGroup] = Field(
        default_factory=lambda: ConditionSet.model_validate({}),
        title="Conditions",
        description="What an item must fulfil to pass.",
        json_schema_extra=ui(widget="conditions"),
    )
    loose_type_validation: Flag = Field(
        False, title="Convert types where required", description="Convert values to the type of the comparison first."
    )
    options: Annotated[ConditionOptions, AsGroup] = Field(
        default_factory=lambda: ConditionOptions.model_validate({}),
        title="Options",
        description="Finer points of the comparison.",
    )


P = TypeVar("P", bound=ConditionParams)


def passes(run: NodeRun[P], index: int) -> bool:
    """Whether that item passes. Where the node continues on error, an item that cannot be judged does not."""
    try:
        params = run.params_for(index)
        loose = params.loose_type_validation or params.options.loose_type_validation
        return params.conditions.holds(run, loose=loose, ignore_case=params.options.ignore_case, item=index)
    except PumpFlixError as error:
        error.data.setdefault("itemIndex", index)
        if not run.continues_on_error:
            raise
        return False


class OldCondition(Params):
    value1: Any = Field(None, title="First value", description="The value that is judged.")
    operation: Text = Field(
        "", title="Comparison", description="How the two values are compared; empty is the type's default."
    )
    value2: Any = Field(None, title="Second value", description="What it is compared with.")


class OldConditionSet(Params):
    boolean: Annotated[list[OldCondition], AsList] = Field(
        default_factory=list, title="Boolean", description="Comparisons of true and false."
    )
    date_time: Annotated[list[OldCondition], AsList] = Field(
        default_factory=list, title="Date and time", description="Comparisons of moments."
    )
    number: Annotated[list[OldCondition], AsList] = Field(
        default_factory=list, title="Number", description="Comparisons of numbers."
    )
    string: Annotated[list[OldCondition], AsList] = Field(
        default_factory=list, title="Text", description="Comparisons of texts."
    )

    def holds(self, run: NodeRun[Any], *, any_of: bool) -> bool:
        """Whether the item passes; the first row that decides ends the judgement."""
        zone = zone_of(run.workflow)
        for kind in conditions_v1.DEFAULT_OPERATION:
            for row in getattr(self, "date_time" if kind == "dateTime" else kind):
                operation = row.operation or conditions_v1.DEFAULT_OPERATION[kind]
                second = row.value2 if row.value2 is not None else OLD_SECOND.get(kind)
                if conditions_v1.judge(kind, operation, row.value1, second, zone) == any_of:
                    return any_of
        return not any_of


OLD_SECOND: dict[str, Any] = {"boolean": False, "number": 0, "string": ""}
"""What an absent second value means, by type."""
