"""Sort: put items in order, by fields, at random, or by code."""

import random
from functools import cmp_to_key
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.engine.items import Item, Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.ports import CodeCall
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.compare import less_than, same
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text

CODE_TIMEOUT_S = 60.0
Row = tuple[list[Any], Item]


class SortField(Params):
    field_name: Text = Field("", title="Field", description="Field to sort by.")
    order: Literal["ascending", "descending"] = Field(
        "ascending",
        title="Order",
        description="Smallest or largest first.",
        json_schema_extra=ui(labels=["Smallest first", "Largest first"]),
    )


class SortFields(Params):
    sort_field: Annotated[list[SortField], AsList] = Field(
        default_factory=list, title="Fields", description="The first field decides; the next ones break ties."
    )


class SortOptions(Params):
    disable_dot_notation: Flag = Field(False, title="No dot notation", description="Take names with dots literally.")


class SortParams(Params):
    type: Literal["simple", "random", "code"] = Field(
        "simple",
        title="Sort",
        description="By fields, in a random order, or by code of your own.",
        json_schema_extra=ui(labels=["By fields", "At random", "By code"]),
    )
    sort_fields_ui: Annotated[SortFields, AsGroup] = Field(
        default_factory=lambda: SortFields.model_validate({}),
        title="Fields",
        description="What to sort by.",
        json_schema_extra=ui(visible_when={"type": ["simple"]}),
    )
    code: Text = Field(
        "",
        title="Code",
        description="JavaScript that compares items a and b and returns a number: below 0 puts a first.",
        json_schema_extra=ui(
            widget="code", language="javascript", rows=8, no_expression=True, visible_when={"type": ["code"]}
        ),
    )
    options: Annotated[SortOptions, AsGroup] = Field(
        default_factory=lambda: SortOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Sort(NodeType[SortParams]):
    """Put the items in order."""

    name = "n8n-nodes-base.sort"
    label = "Sort"
    group = "transform"
    icon = "n-sort"
    Params = SortParams

    def describe(self, node: Node) -> str:
        return describe.sort(node)

    def execute(self, run: NodeRun[SortParams]) -> Outputs:
        params = run.params
        if params.type == "random":
            # Seeded with what this run is, so that a repeat after a crash gives the same order.
            seed = f"{run.execution_id}/{run.node.name}/{run.run_index}"
            return [random.Random(seed).sample(run.items, len(run.items))]  # noqa: S311 - an order, not a secret
        if params.type == "code":
            return [sorted_by_code(run, params.code)]
        return [sorted_by_fields(run.items, params)]


def sorted_by_fields(items: Items, params: SortParams) -> Items:
    """Stable. Texts are compared without regard to case, everything else as JavaScript's `<` does."""
    fields = params.sort_fields_ui.sort_field
    dotted = not params.options.disable_dot_notation
    if not fields:
        raise ParameterError("There is no field to sort by.", hint="Add a field.")
    for field in fields:
        if items and all(paths.read(item.json, field.field_name, dotted=dotted) is paths.MISSING for item in items):
            raise ParameterError(
                f"No item has a field '{field.field_name}'.", hint="Check the spelling, upper and lower case included."
            )
    directions = [1 if field.order == "ascending" else -1 for field in fields]
    rows = [([value_of(item.json, field.field_name, dotted) for field in fields], item) for item in items]

    def compared(first: Row, second: Row) -> int:
        return order_of(first[0], second[0], directions)

    return [item for _, item in sorted(rows, key=cmp_to_key(compared))]


def value_of(json: dict[str, Any], name: str, dotted: bool) -> Any:
    value = paths.read(json, name, paths.MISSING, dotted=dotted)
    return value.lower() if isinstance(value, str) else value


def order_of(left: list[Any], right: list[Any], directions: list[int]) -> int:
    for first, second, direction in zip(left, right, directions, strict=True):
        if first is second or same(first, second):
            continue
        return -direction if less(first, second) else direction
    return 0


def less(first: Any, second: Any) -> bool:
    """An absent value is not less than anything, and nothing is less than it."""
    return first is not paths.MISSING and second is not paths.MISSING and less_than(first, second)


WRAPPER = """const __compare = (a, b) => {
%s
};
const __rows = $input.all().map((item, index) => ({ item, index }));
__rows.sort((x, y) => __compare(x.item, y.item));
return __rows.map(({ index }) => ({ json: { index } }));
"""


def sorted_by_code(run: NodeRun[SortParams], code: str) -> Items:
    """The comparison runs in the code child, on its own copies; only the new order comes back."""
    if "return" not in code:
        raise ParameterError(
            "The code never returns anything.", hint="End it with: return a number below, above or equal to 0."
        )
    header = {"kind": "code", "language": "javaScript", "mode": "runOnceForAllItems", "code": WRAPPER % code}
    answer = run.code(CodeCall(header, orjson.dumps(run.resolver.scope()), CODE_TIMEOUT_S))
    if answer.get("error"):
        error = answer["error"]
        raise UserError(
            f"The code failed: {error.get('message')}", code="code_failed", hint=str(error.get("description") or "")
        )
    order = [int(entry["json"]["index"]) for entry in answer.get("output") or []]
    if sorted(order) != list(range(len(run.items))):
        raise UserError(
            "The code did not give a complete order.", code="code_failed", hint="Return a number for every pair."
        )
    return [run.items[index] for index in order]
