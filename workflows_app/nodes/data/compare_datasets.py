"""Compare Datasets: what is only in one list, what is the same, what differs."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.compare import loosely_equal, same, type_of
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
        if not dotted and "." in params.options.skip_fields:
            raise ParameterError(
                f"'{params.options.skip_fields}' has a dot, but dot notation is off.",
                hint="Switch it on, or skip whole fields.",
            )
        if version < 2.2:
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


Equal = Callable[[Any, Any], bool]


def equal_or_nothing(left: Any, right: Any) -> bool:
    """Loosely equal; from version 2.1 on null is zero, too."""
    pair = (left, right)
    return loosely_equal(left, right) or (None in pair and any(type_of(v) != "boolean" and v in (0, "0") for v in pair))


class Comparison:
    """Two items that belong together, field by field."""

    def __init__(
        self, left: Item, right: Item, keys: list[KeyPair], params: CompareDatasetsParams, version: float
    ) -> None:
        self.left, self.right, self.keys, self.params = left, right, keys, params
        self.dotted = not params.options.disable_dot_notation
        self.resolve = params.resolve or ("includeBoth" if version >= 2 else "preferInput2")
        self.sides = ("inputA", "inputB") if version >= 2 else ("input1", "input2")
        self.same: JsonObject = {}
        self.different: JsonObject = {}
        self.skipped: JsonObject = {}
        equal = same
        if params.fuzzy_compare or params.options.fuzzy_compare:
            equal = loosely_equal if version < 2.1 else equal_or_nothing
        self.sort_fields(equal)
        self.differs = self.is_different(equal)

    def sort_fields(self, equal: Equal) -> None:
        """What is the same and what is different, each field in full or, where it is skipped in part, without that."""
        left, right = self.left.json, self.right.json
        first, second = self.without_skipped(left), self.without_skipped(right)
        for name in dict.fromkeys([*left, *right]):
            if name in left and name in right and equal(left[name], right[name]):
                self.same[name] = left[name]
            elif name in first or name in second:
                self.different[name] = dict(zip(self.sides, (first.get(name), second.get(name)), strict=True))

    def is_different(self, equal: Equal) -> bool:
        """Whether what counts differs. A fuzzy comparison asks for the fields of the first item only."""
        first, second = self.without_skipped(self.left.json), self.without_skipped(self.right.json)
        if equal is same:
            return not same(first, second)
        return any(not equal(value, second.get(name)) for name, value in first.items())

    def without_skipped(self, json: JsonObject) -> JsonObject:
        """A copy without the fields that do not count."""
        out = dict(json)
        for path in paths.names(self.params.options.skip_fields):
            paths.remove(out, path, dotted=self.dotted)
        return out

    def item(self) -> Item:
        if self.resolve == "preferInput2":
            return self.right
        if self.resolve == "preferInput1":
            return self.left
        pairs = all_pairs([self.left, self.right])
        if not self.differs:
            return Item(json=self.left.json, binary=self.left.binary, paired=pairs)
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
        """By the name of the first list; a key inside another field is not listed."""
        return {key.left: self.left.json[key.left] for key in self.keys if key.left in self.left.json}

    def add_skipped(self, path: str) -> None:
        """Under the outermost field: `a.b` is listed as `a: {inputA: {b: ...}, inputB: {b: ...}}`."""
        steps = paths.split(path) if self.dotted else [path]
        values = [paths.read(one.json, path, dotted=self.dotted) for one in (self.left, self.right)]
        if all(value is paths.MISSING for value in values):
            return
        for side, json, found in zip(self.sides, (self.left.json, self.right.json), values, strict=True):
            value: Any = None if found is paths.MISSING else found
            place = self.skipped.setdefault(steps[0], {})
            if len(steps) == 1 or path in json:
                place[side] = value
            else:
                paths.write(place.setdefault(side, {}), ".".join(steps[1:]), value)
