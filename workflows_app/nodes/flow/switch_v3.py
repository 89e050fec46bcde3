"""Switch, version 3: one set of typed conditions per output; or an output number."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe_steps
from workflows_app.toolkit.condition_fields import ConditionSet
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text, Whole
from workflows_app.toolkit.routing import routed

MAX_OUTPUTS = 100


class SwitchRule(Params):
    conditions: Annotated[ConditionSet, AsGroup] = Field(
        default_factory=lambda: ConditionSet.model_validate({}),
        title="Conditions",
        description="Items for which they hold go to the output of this rule.",
        json_schema_extra=ui(widget="conditions"),
    )
    rename_output: Flag = Field(False, title="Name the output", description="Give the output a name of its own.")
    output_key: Text = Field("", title="Output name", description="Shown at the output.")


class SwitchRules(Params):
    values: Annotated[list[SwitchRule], AsList] = Field(
        default_factory=list, title="Rules", description="One output per rule, in this order."
    )


class SwitchOptions(Params):
    fallback_output: Any = Field(
        "none",
        title="Otherwise",
        description="Where items go that no rule fits: none drops them, extra adds an output, a number is an output.",
    )
    rename_fallback_output: Text = Field("", title="Name of the extra output", description="Shown at the extra output.")
    ignore_case: Flag = Field(False, title="Ignore case", description="Treat upper and lower case as the same.")
    loose_type_validation: Flag = Field(
        False, title="Convert types where required", description="Convert values before comparing (before 3.2)."
    )
    all_matching_outputs: Flag = Field(
        False, title="All that fit", description="Send an item to every output whose rule fits, not just the first."
    )


class SwitchParams(Params):
    mode: Literal["rules", "expression"] = Field(
        "rules",
        title="Decide by",
        description="Rules, or an expression that gives the number of the output.",
        json_schema_extra=ui(labels=["Rules", "Expression"]),
    )
    rules: Annotated[SwitchRules, AsGroup] = Field(
        default_factory=lambda: SwitchRules.model_validate({}),
        title="Rules",
        description="Conditions and the output they lead to.",
        json_schema_extra=ui(visible_when={"mode": ["rules"]}),
    )
    number_outputs: Whole = Field(
        4,
        ge=1,
        le=MAX_OUTPUTS,
        title="Outputs",
        description="How many outputs there are.",
        json_schema_extra=ui(visible_when={"mode": ["expression"]}),
    )
    output: Any = Field(
        None,
        title="Output",
        description="Number of the output, from 0.",
        json_schema_extra=ui(visible_when={"mode": ["expression"]}),
    )
    loose_type_validation: Flag = Field(
        False, title="Convert types where required", description="Convert values to the type of the comparison first."
    )
    options: Annotated[SwitchOptions, AsGroup] = Field(
        default_factory=lambda: SwitchOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Switch(NodeType[SwitchParams]):
    """Send each item to one of several outputs, by rules or by number."""

    name = "n8n-nodes-base.switch"
    label = "Switch"
    group = "flow"
    icon = "n-switch"
    silhouette = "choice"
    versions = (3, 3.1, 3.2, 3.3, 3.4)
    outputs = ("0",)
    Params = SwitchParams

    def describe(self, node: Node) -> str:
        return describe_steps.switch(node)

    def execute(self, run: NodeRun[SwitchParams]) -> Outputs:
        count = len(self.output_names(run.node))
        return routed(run, count, lambda index: chosen(run, run.params_for(index), index, count))

    def output_names(self, node: Node) -> tuple[str, ...]:
        """At least one, so that there is a place for items that failed."""
        if node.parameters.get("mode") == "expression":
            amount = node.parameters.get("numberOutputs")
            count = amount if isinstance(amount, int) and 0 < amount <= MAX_OUTPUTS else 4
            return tuple(str(number) for number in range(count))
        names = [rule_name(rule, place) for place, rule in enumerate(stored_rules(node))]
        options = node.parameters.get("options")
        if isinstance(options, dict) and options.get("fallbackOutput") == "extra":
            names.append(str(options.get("renameFallbackOutput") or "Otherwise"))
        return tuple(names) or ("0",)


def stored_rules(node: Node) -> list[JsonObject]:
    group = node.parameters.get("rules")
    rules = group.get("values") if isinstance(group, dict) else None
    return [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []


def rule_name(rule: JsonObject, place: int) -> str:
    return str(rule["outputKey"]) if rule.get("renameOutput") and rule.get("outputKey") else str(place)


def chosen(run: NodeRun[SwitchParams], params: SwitchParams, index: int, count: int) -> list[Any]:
    """What names the outputs one item goes to. Without rules there is nothing to fall back from."""
    if params.mode == "expression":
        return [params.output]
    options = params.options
    loose = params.loose_type_validation or options.loose_type_validation
    fitting = []
    for place, rule in enumerate(params.rules.values):
        if rule.conditions.holds(run, loose=loose, ignore_case=options.ignore_case, item=index):
            fitting.append(place)
            if not options.all_matching_outputs:
                break
    return fitting or (fallback(options.fallback_output, count) if params.rules.values else [])


def fallback(stored: Any, count: int) -> list[Any]:
    if stored in (None, "", "none"):
        return []
    return [count - 1 if stored == "extra" else stored]
