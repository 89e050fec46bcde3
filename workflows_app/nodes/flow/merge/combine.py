"""Combining two or more lists of items: by fields, by position, every item with every item."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError, refuse_too_many_items
from workflows_app.engine.items import Item, Items
from workflows_app.engine.params import Params, ui
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text
from workflows_app.toolkit.joins import (
    Clash,
    KeyPair,
    Matches,
    MatchRules,
    MeltRules,
    all_pairs,
    match_items,
    melt,
    suffixed,
)  # fmt: skip


class MergeKeys(Params):
    field1: Text = Field("", title="Field of input 1", description="Field of the first input.")
    field2: Text = Field("", title="Field of input 2", description="Field of the second input.")


class MergeKeyRows(Params):
    values: Annotated[list[MergeKeys], AsList] = Field(
        default_factory=list, title="Fields to match", description="One pair of fields per row; all must be equal."
    )


class MergeClash(Params):
    resolve_clash: Text = Field(
        "", title="Same name on both sides", description="addSuffix, preferInput1, preferInput2 or preferLast."
    )
    merge_mode: Literal["deepMerge", "shallowMerge"] = Field(
        "deepMerge",
        title="Nested fields",
        description="Merge nested objects field by field, or replace them whole.",
        json_schema_extra=ui(labels=["Merge", "Replace"]),
    )
    override_empty: Flag = Field(
        False, title="Fill gaps", description="Prefer a value over an empty one, whoever wins."
    )


class MergeClashGroup(Params):
    values: Annotated[MergeClash, AsGroup] = Field(
        default_factory=lambda: MergeClash.model_validate({}), title="Rules", description="What happens to equal names."
    )


class MergeOptions(Params):
    clash_handling: Annotated[MergeClashGroup, AsGroup] = Field(
        default_factory=lambda: MergeClashGroup.model_validate({}),
        title="Equal names",
        description="What happens when both sides have a field of the same name.",
    )
    disable_dot_notation: Flag = Field(False, title="No dot notation", description="Take names with dots literally.")
    multiple_matches: Literal["all", "first"] = Field(
        "all",
        title="Several matches",
        description="One item per match, or the first match only.",
        json_schema_extra=ui(labels=["One item per match", "First match only"]),
    )
    include_unpaired: Flag = Field(False, title="Keep unpaired", description="Keep items of the longer input too.")
    fuzzy_compare: Flag = Field(
        False, title="Fuzzy comparison", description="Take 1 and '1', or nothing and empty, as equal."
    )
    empty_query_result: Literal["success", "empty"] = Field(
        "empty",
        title="When SQL finds nothing",
        description="Put out one item that says so, or no item.",
        json_schema_extra=ui(labels=["One item", "No item"]),
    )


JoinMode = Literal["keepMatches", "keepNonMatches", "keepEverything", "enrichInput1", "enrichInput2"]
OutputFrom = Literal["both", "input1", "input2"]


def melt_rules(options: MergeOptions, default: Clash = "prefer_last") -> MeltRules:
    chosen = options.clash_handling.values
    clash = {"addSuffix": "suffix", "preferInput1": "prefer_first", "": default}.get(
        chosen.resolve_clash, "prefer_last"
    )
    return MeltRules(clash=clash, deep=chosen.merge_mode == "deepMerge", fill_empty=chosen.override_empty)  # type: ignore[arg-type]


def by_fields(
    left: Items, right: Items, keys: list[KeyPair], mode: JoinMode, output_from: OutputFrom, options: MergeOptions
) -> Items:
    """A join; where no item has a field to match, nothing matches. Raises ParameterError where none is named."""
    if not keys or any(not key.left or not key.right for key in keys):
        raise ParameterError("There is no field to match.", hint="Enter the field that is equal on both sides.")
    if not left or not right:
        return one_sided(left, right, mode, output_from)
    dotted = not options.disable_dot_notation
    rules = MatchRules(dotted=dotted, loose=options.fuzzy_compare, first_only=options.multiple_matches == "first")
    found = match_items(left, right, keys, rules)
    if mode == "keepMatches":
        return matches_only(found, output_from, options)
    if mode == "keepNonMatches":
        return non_matches(found, output_from)
    return outer_join(found, mode, options)


def one_sided(left: Items, right: Items, mode: JoinMode, output_from: OutputFrom) -> Items:
    """A join with nothing on one side: no field is looked at, and nothing is added to the items."""
    if mode == "keepMatches":
        return []
    if mode == "enrichInput1" or (mode == "keepNonMatches" and output_from == "input1"):
        return left
    if mode == "enrichInput2" or (mode == "keepNonMatches" and output_from == "input2"):
        return right
    return left or right


def matches_only(found: Matches, output_from: OutputFrom, options: MergeOptions) -> Items:
    if output_from == "input1":
        return [item for item, _ in found.matched]
    if output_from == "input2":
        return found.right_matched
    return melted(found, melt_rules(options))


def melted(found: Matches, rules: MeltRules) -> Items:
    return [melt([item, match], rules) for item, matches in found.matched for match in matches]


def non_matches(found: Matches, output_from: OutputFrom) -> Items:
    if output_from == "input1":
        return found.left_only
    if output_from == "input2":
        return found.right_only
    return [
        *(
            Item(json={**item.json, "_source": "input1"}, binary=item.binary, paired=item.paired)
            for item in found.left_only
        ),
        *(
            Item(json={**item.json, "_source": "input2"}, binary=item.binary, paired=item.paired)
            for item in found.right_only
        ),
    ]


def outer_join(found: Matches, mode: JoinMode, options: MergeOptions) -> Items:
    """Matches, and the items of one side (enrich) or of both (everything) that matched nothing."""
    rules = melt_rules(options, "prefer_first" if mode == "enrichInput2" else "prefer_last")
    left = [] if mode == "enrichInput2" else found.left_only
    right = [] if mode == "enrichInput1" else found.right_only
    if rules.clash == "suffix":
        left = [suffixed(item, "1") for item in left]
        right = [suffixed(item, "2") for item in right]
    return [*melted(found, rules), *left, *right]


def by_position(inputs: list[Items], options: MergeOptions) -> Items:
    """The first of each input, the second of each, ... as long as the shortest (or longest) input goes. Of equal names
    the preferred input wins, whatever its place."""
    wins = preferred(options)
    rules = replace(melt_rules(options), clash="prefer_last") if wins else melt_rules(options)
    lengths = [len(items) for items in inputs]
    count = max(lengths, default=0) if options.include_unpaired else min(lengths, default=0)
    out = []
    for place in range(count):
        present = [(items[place], str(number + 1)) for number, items in enumerate(inputs) if place < len(items)]
        if wins:
            present.sort(key=lambda one: one[1] == wins)  # the last one wins
        out.append(melt([item for item, _ in present], rules, [mark for _, mark in present]))
    return out


def preferred(options: MergeOptions) -> str:
    """The number of the input whose fields win; empty where none is named."""
    chosen = options.clash_handling.values.resolve_clash
    return chosen.removeprefix("preferInput") if chosen.startswith("preferInput") else ""


def every_pair(left: Items, right: Items, options: MergeOptions) -> Items:
    """Each item of the left with each of the right; where the left wins, the right decides the order (as in n8n).
    Raises UserError for more than one turn may put out."""
    refuse_too_many_items(len(left) * len(right))
    rules = melt_rules(options)
    if rules.clash == "prefer_first":
        return [melt([first, second], rules) for second in right for first in left]
    return [melt([first, second], rules) for first in left for second in right]


def from_all(inputs: list[Items]) -> Items:
    return [item for items in inputs for item in items]


def branch(inputs: list[Items], chosen: int) -> Items:
    """The items of one input; 0 gives one empty item paired with everything that came in."""
    if chosen:
        return inputs[chosen - 1] if chosen <= len(inputs) else []
    return [Item(json={}, paired=all_pairs(from_all(inputs)))]
