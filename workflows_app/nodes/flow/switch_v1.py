"""Switch, versions 1 and 2: one value, compared with the value of each rule; or an output number."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError, PumpFlixError
from workflows_app.engine.items import Items
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import conditions_v1, describe_steps
from workflows_app.toolkit.condition_fields import OLD_SECOND
from workflows_app.toolkit.dates import zone_of
from workflows_app.toolkit.fields import AsGroup, AsList, Text, Whole

NO_OUTPUT = -1


class SwitchOneRule(Params):
    operation: Text = Field("", title="Comparison", description="How the values are compared; empty is the default.")
    value2: Any = Field(None, title="Value", description="What the value of the item is compared with.")
    output: Whole = Field(0, title="Output", description="Number of the output, from 0 (version 1).")
    output_key: Text = Field("", title="Output name", description="Name of the output (version 2).")


class SwitchOneRules(Params):
    rules: Annotated[list[SwitchOneRule], AsList] = Field(
        default_factory=list, title="Rules", description="The first rule that holds decides."
    )


class SwitchOneParams(Params):
    mode: Literal["rules", "expression"] = Field(
        "rules",
        title="Decide by",
        description="Rules, or an expression that gives the number of the output.",
        json_schema_extra=ui(labels=["Rules", "Expression"]),
    )
    output: Any = Field(
        0,
        title="Output",
        description="Number of the output, from 0.",
        json_schema_extra=ui(visible_when={"mode": ["expression"]}),
    )
    outputs_amount: Whole = Field(
        4,
        ge=1,
        le=100,
        title="Outputs",
        description="How many outputs there are (version 2).",
        json_schema_extra=ui(visible_when={"mode": ["expression"]}),
    )
    data_type: Literal["boolean", "dateTime", "number", "string"] = Field(
        "number",
        title="Type",
        description="The type of the values.",
        json_schema_extra=ui(labels=["Boolean", "Date and time", "Number", "Text"], visible_when={"mode": ["rules"]}),
    )
    value1: Any = Field(
        None,
        title="Value",
        description="The value that is judged.",
        json_schema_extra=ui(visible_when={"mode": ["rules"]}),
    )
    rules: Annotated[SwitchOneRules, AsGroup] = Field(
        default_factory=lambda: SwitchOneRules.model_validate({}),
        title="Rules",
        description="What the value is compared with, and where the item goes.",
        json_schema_extra=ui(visible_when={"mode": ["rules"]}),
    )
    fallback_output: Whole = Field(
        NO_OUTPUT,
        title="Otherwise",
        description="Output for items that no rule fits; -1 drops them.",
        json_schema_extra=ui(visible_when={"mode": ["rules"]}),
    )


@register
class SwitchOne(NodeType[SwitchOneParams]):
    """Send each item to one of several outputs (versions 1 and 2)."""

    name = "n8n-nodes-base.switch"
    label = "Switch"
    group = "flow"
    icon = "n-switch"
    silhouette = "choice"
    versions = (1, 2)
    outputs = ("0", "1", "2", "3")
    Params = SwitchOneParams

    def describe(self, node: Node) -> str:
        return describe_steps.switch(node)

    def execute(self, run: NodeRun[SwitchOneParams]) -> Outputs:
        outputs: list[Items] = [[] for _ in self.output_names(run.node)]
        for index, item in enumerate(run.items):
            try:
                chosen = self.choose(run, run.params_for(index))
                check_range(chosen, len(outputs))
            except PumpFlixError as error:
                error.data.setdefault("itemIndex", index)
                if not run.continues_on_error:
                    raise
                outputs[0].append(failed_item(error, index))
                continue
            if chosen != NO_OUTPUT:
                outputs[chosen].append(item)
        return outputs

    def choose(self, run: NodeRun[SwitchOneParams], params: SwitchOneParams) -> int:
        if params.mode == "expression":
            return output_number(params.output)
        rules, zone = params.rules.rules, zone_of(run.workflow)
        default = conditions_v1.DEFAULT_OPERATION[params.data_type]
        for place, rule in enumerate(rules):
            second = rule.value2 if rule.value2 is not None else OLD_SECOND.get(params.data_type)
            if conditions_v1.judge(params.data_type, rule.operation or default, params.value1, second, zone):
                return rule.output if run.node.type_version < 2 else first_named(rules, place)
        return params.fallback_output

    def output_names(self, node: Node) -> tuple[str, ...]:
        if node.type_version < 2:
            return self.outputs
        if node.parameters.get("mode") == "expression":
            amount = node.parameters.get("outputsAmount")
            return tuple(str(number) for number in range(amount if isinstance(amount, int) and amount > 0 else 4))
        stored = node.parameters.get("rules")
        rules = stored.get("rules") if isinstance(stored, dict) else None
        return tuple(str(rule.get("outputKey") or place) for place, rule in enumerate(rules or [])) or ("0",)


def first_named(rules: list[SwitchOneRule], place: int) -> int:
    """Rules that name the same output share the one of the first of them."""
    key = rules[place].output_key
    return next(number for number, rule in enumerate(rules) if rule.output_key == key) if key else place


def output_number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(
            f"'{str(value)[:40]}' is not the number of an output.", hint="Make the expression give a number from 0 up."
        ) from None


def check_range(chosen: int, count: int) -> None:
    if not NO_OUTPUT <= chosen < count:
        raise ParameterError(f"There is no output {chosen}.", hint=f"The outputs of this node are 0 to {count - 1}.")
