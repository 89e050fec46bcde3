"""Switch, versions 1 and 2: one value, compared with the value of each rule; or an output number."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import conditions_v1, describe_steps
from workflows_app.toolkit.condition_fields import OLD_SECOND
from workflows_app.toolkit.dates import zone_of
from workflows_app.toolkit.fields import AsGroup, AsList, Text, Whole
from workflows_app.toolkit.routing import routed

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
        None,
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
        return routed(run, len(self.output_names(run.node)), lambda index: chosen(run, run.params_for(index)))

    def output_names(self, node: Node) -> tuple[str, ...]:
        if node.type_version < 2:
            return self.outputs
        if node.parameters.get("mode") == "expression":
            amount = node.parameters.get("outputsAmount")
            return tuple(str(number) for number in range(amount if isinstance(amount, int) and amount > 0 else 4))
        stored = node.parameters.get("rules")
        rules = stored.get("rules") if isinstance(stored, dict) else None
        return tuple(str(rule.get("outputKey") or place) for place, rule in enumerate(rules or [])) or ("0",)


def chosen(run: NodeRun[SwitchOneParams], params: SwitchOneParams) -> list[Any]:
    """What names the output of one item; empty where it is dropped."""
    if params.mode == "expression":
        return [params.output]
    default = conditions_v1.DEFAULT_OPERATION[params.data_type]
    for place, rule in enumerate(params.rules.rules):
        second = rule.value2 if rule.value2 is not None else OLD_SECOND.get(params.data_type)
        if conditions_v1.judge(
            params.data_type, rule.operation or default, params.value1, second, zone_of(run.workflow)
        ):
            return [rule.output if run.node.type_version < 2 else place]
    return [] if params.fallback_output == NO_OUTPUT else [params.fallback_output]
