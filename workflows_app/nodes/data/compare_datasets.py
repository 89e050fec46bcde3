"""Compare Datasets: what is only in one list, what is the same, what differs."""

from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.compare import loosely_equal, same
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text
from workflows_app.toolkit.joins import KeyPair, MatchRules, all_pairs, check_fields, match_items


class CompareKeys(Params):
    field1: Text = Field("", title="Field of A", description="Field of the first list.")
    field2: Text = Field("", title="Field of B", description="Field of the second list.")


class CompareKeyRows(Params):
    values: Annotated[list[CompareKeys], AsList] = Field(
        default_factory=list, title="Fields to match", description="One pair of fields per row; all must be equal."
    )


class CompareOptions(Params):
    skip_fields: Text = Field("", title="Fields to skip", description="Differences in these fields do not count.")
    fuzzy_compare: Flag = Field(False, title="Fuzzy comparison", description="Take 1 and '1' as equal (before 2.1).")
    disable_dot_notation: Flag = Field(False, title="No dot notation", description="Take names with dots literally.")
    multiple_matches: Literal["first", "all"] = Field(
        "first",
        title="Several matches",
        description="Compare with the first match only, or with all.",
        json_schema_extra=ui(labels=["First match only", "All matches"]),
    )


class CompareDatasetsParams(Params):
    merge_by_fields: Annotated[CompareKeyRows, AsGroup] = Field(
        default_factory=lambda: CompareKeyRows.model_validate({}),
        title="Fields to match",
        description="What tells which items belong together.",
    )
    resolve: Literal["", "preferInput1", "preferInput2", "mix", "includeBoth"] = Field(
        "",
        title="Where they differ",
        description="What goes to the third output.",
        json_schema_extra=ui(labels=["By version", "The item of A", "The item of B", "A mix", "Both, field by field"]),
    )
    fuzzy_compare: Flag = Field(False, title="Fuzzy comparison", description="Take 1 and '1' as equal.")
    prefer_when_mix: Literal["input1", "input2"] = Field(
        "input1",
        title="Prefer",
        description="Whose item is the base of a mix.",
        json_schema_extra=ui(labels=["A", "B"]),
    )
    except_when_mix: Text = Field("", title="Except for", description="Fields taken from the other list.")
    options: Annotated[CompareOptions, AsGroup] = Field(
        default_factory=lambda: CompareOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class CompareDatasets(NodeType[CompareDatasetsParams]):
    """Compare two lists: only in A, the same, different, only in B."""

    name = "n8n-nodes-base.compareDatasets"
    label = "Compare lists"
    group = "data"
    icon = "n-compare"
    versions = (1, 2, 2.1, 2.2, 2.3)
    inputs = ("a", "b")
    outputs = ("onlyA", "same", "different", "onlyB")
    Params = CompareDatasetsParams

    def describe(self, node: Node) -> str:
        return describe.compare_datasets(node)

    def execute(self, run: NodeRun[CompareDatasetsParams]) -> Outputs:
        left, right = [*run.inputs, [], []][:2]
        params, version = run.params, run.node.type_version
        keys = [KeyPair(row.field1, row.field2) for row in params.merge_by_fields.values]
        if not keys or any(not key.left or not key.right for key in keys):
            raise ParameterError("There is no field to match.", hint="Enter the field that tells items apart.")
        dotted = not params.options.disable_dot_notation
        if version < 2.2 or (left and right):
            check_fields(left, [key.left for key in keys], "input A", dotted=dotted)
            check_fields(right, [key.right for key in keys], "input B", dotted=dotted)
        loose = params.fuzzy_compare or params.options.fuzzy_compare
        rules = MatchRules(dotted=dotted, loose=loose, first_only=params.options.multiple_matches == "first")
        found = match_items(left, right, keys, rules)
        alike: Items = []
        different: Items = []
        for item, matches in found.matched:
            for match in matches:
                compared = Comparison(item, match, keys, params, version)
                (different if compared.differs else alike).append(compared.item())
        return [found.left_only, alike, different, found.right_only]


class Comparison:
    """Two items that belong together, field by field."""

    def __init__(
        self, left: Item, right: Item, keys: list[KeyPair], params: CompareDatasetsParams, version: float
    ) -> None:
        self.left, self.right, self.keys, self.params = left, right, keys, params
        self.dotted = not params.options.disable_dot_notation
        self.resolve = params.resolve or ("includeBoth" if version >= 2 else "preferInput2")
        self.same: JsonObject = {}
        self.different: JsonObject = {}
        self.skipped: JsonObject = {}
        equal = loosely_equal if params.fuzzy_compare or params.options.fuzzy_compare else same
        self.differs = False
        first, second = self.without_skipped(left.json), self.without_skipped(right.json)
        for name in dict.fromkeys([*left.json, *right.json]):
            if name in left.json and name in right.json and equal(left.json[name], right.json[name]):
                self.same[name] = left.json[name]
            elif name in first or name in second:
                # Listed even where only a skipped part differs; but only what is left decides whether the items differ.
                self.different[name] = {"inputA": first.get(name), "inputB": second.get(name)}
                self.differs |= not (name in first and name in second and equal(first[name], second[name]))

    def without_skipped(self, json: JsonObject) -> JsonObject:
        """A copy without the fields that do not count."""
        out = dict(json)
        for path in paths.names(self.params.options.skip_fields):
            paths.remove(out, path, dotted=self.dotted)
        return out

    def item(self) -> Item:
        pairs = all_pairs([self.left, self.right])
        if not self.differs or self.resolve == "preferInput1":
            return Item(json=self.left.json, binary=self.left.binary, paired=pairs)
        if self.resolve == "preferInput2":
            return Item(json=self.right.json, binary=self.right.binary, paired=pairs)
        if self.resolve == "mix":
            return Item(json=self.mixed(), binary={**self.right.binary, **self.left.binary}, paired=pairs)
        return Item(json=self.both(), paired=pairs)

    def mixed(self) -> JsonObject:
        base, other = self.left.json, self.right.json
        if self.params.prefer_when_mix == "input2":
            base, other = other, base
        out = dict(base)
        for name in paths.names(self.params.except_when_mix):
            value = paths.read(other, name, dotted=self.dotted)
            if value is not paths.MISSING:
                paths.write(out, name, value, dotted=self.dotted)
        return out

    def both(self) -> JsonObject:
        """`{keys, same, different, skipped?}`, each difference with the value of either side."""
        for path in paths.names(self.params.options.skip_fields):
            self.add_skipped(path)
        out: JsonObject = {"keys": self.key_values(), "same": self.same, "different": self.different}
        return out | ({"skipped": self.skipped} if self.skipped else {})

    def key_values(self) -> JsonObject:
        return {
            key.left if key.left == key.right else f"{key.left}, {key.right}": value
            for key in self.keys
            if (value := paths.read(self.left.json, key.left, dotted=self.dotted)) is not paths.MISSING
        }

    def add_skipped(self, path: str) -> None:
        """Under the outermost field: `a.b` is listed as `a: {inputA: {b: ...}, inputB: {b: ...}}`."""
        steps = paths.split(path) if self.dotted else [path]
        for side, json in (("inputA", self.left.json), ("inputB", self.right.json)):
            value: Any = paths.read(json, path, dotted=self.dotted)
            if value is paths.MISSING:
                continue
            place = self.skipped.setdefault(steps[0], {})
            if len(steps) == 1 or path in json:
                place[side] = value
            else:
                paths.write(place.setdefault(side, {}), ".".join(steps[1:]), value)
