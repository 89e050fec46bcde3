"""Rename Keys: give fields other names, one by one or by pattern."""

import copy
from typing import Annotated, Any

from pydantic import Field

from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe_steps, paths
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text, Whole
from workflows_app.toolkit.replace import replace_first

EVERY_LEVEL = -1


class RenameKey(Params):
    current_key: Text = Field("", title="Field", description="The name now; dots lead into nested fields.")
    new_key: Text = Field("", title="New name", description="The name it gets; dots make nested fields.")


class RenameKeyList(Params):
    key: Annotated[list[RenameKey], AsList] = Field(
        default_factory=list, title="Fields", description="One field per row."
    )


class RenamePatternOptions(Params):
    case_insensitive: Flag = Field(False, title="Ignore case", description="Treat upper and lower case as the same.")
    depth: Whole = Field(
        EVERY_LEVEL, title="Depth", description="Levels of nested fields to go into; 0 for the top, -1 for all."
    )


class RenamePattern(Params):
    search_regex: Text = Field("", title="Pattern", description="Regular expression that a name is searched for.")
    replace_regex: Text = Field(
        "", title="New text", description="Put in place of the first match; $1 is the first group."
    )
    options: Annotated[RenamePatternOptions, AsGroup] = Field(
        default_factory=lambda: RenamePatternOptions.model_validate({}), title="Options", description="Finer points."
    )


class RenamePatterns(Params):
    replacements: Annotated[list[RenamePattern], AsList] = Field(
        default_factory=list, title="Patterns", description="One pattern per row."
    )


class RenameOptions(Params):
    regex_replacement: Annotated[RenamePatterns, AsGroup] = Field(
        default_factory=lambda: RenamePatterns.model_validate({}),
        title="By pattern",
        description="Names that are changed by a regular expression.",
    )


class RenameKeysParams(Params):
    keys: Annotated[RenameKeyList, AsGroup] = Field(
        default_factory=lambda: RenameKeyList.model_validate({}), title="Fields", description="What is renamed."
    )
    additional_options: Annotated[RenameOptions, AsGroup] = Field(
        default_factory=lambda: RenameOptions.model_validate({}), title="More", description="Renaming by pattern."
    )


@register
class RenameKeys(NodeType[RenameKeysParams]):
    """Give fields other names."""

    name = "n8n-nodes-base.renameKeys"
    label = "Rename fields"
    group = "transform"
    icon = "n-set"
    Params = RenameKeysParams

    def describe(self, node: Node) -> str:
        return describe_steps.rename(node)

    def execute(self, run: NodeRun[RenameKeysParams]) -> Outputs:
        return [run.map(lambda item, params, _: Item(renamed(item.json, params), dict(item.binary)))]


def renamed(json: JsonObject, params: RenameKeysParams) -> JsonObject:
    out: Any = copy.deepcopy(json)
    for row in params.keys.key:
        if not row.current_key or not row.new_key or row.current_key == row.new_key:
            continue
        value = paths.read(out, row.current_key)
        if value is not paths.MISSING:
            paths.write(out, row.new_key, value)
            paths.remove(out, row.current_key)
    for pattern in params.additional_options.regex_replacement.replacements:
        if pattern.search_regex:
            out = by_pattern(out, pattern, 0)
    return dict(out)


def by_pattern(value: Any, pattern: RenamePattern, level: int) -> Any:
    """The first match in each name of this level changed, and in those below as deep as the pattern goes. A list is a
    level too."""
    depth = pattern.options.depth
    if EVERY_LEVEL < depth < level:
        return value
    if isinstance(value, list):
        return [by_pattern(entry, pattern, level + 1) for entry in value]
    if not isinstance(value, dict):
        return value
    flags = "i" if pattern.options.case_insensitive else ""
    return {
        replace_first(pattern.search_regex, name, pattern.replace_regex, flags=flags): by_pattern(
            inner, pattern, level + 1
        )
        for name, inner in value.items()
    }
