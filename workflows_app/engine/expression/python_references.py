"""Which nodes a piece of Python reads, so that only that much is sent to the child: `_("A").all()`, `_node["A"].json`.

The text is searched, not parsed: a name in a comment sends too much, never too little. A name that is computed means
every node. The search takes time linear in the text."""

import re
from collections.abc import Mapping
from typing import Any

from workflows_app.engine.expression.references import LATEST, PAIRED, STATIC, References, Use

CALL = re.compile(r"(?<![\w.])_(?:getPairedItem)?[ \t]*\(")
NAMED = re.compile(
    r"""(?<![\w.])_[ \t]*\(\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)')\s*\)(?:[ \t]*\.[ \t]*(\w+)(\(\s*[^)\s])?)?""", re.ASCII
)
NODE = re.compile(r"""(?<![\w.])_node\b(?:\[\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)')\s*\]|\.(\w+))?""")
PREVIOUS = re.compile(r"(?<![\w.])_input\b(?!\s*\.\s*(?:all|first|last|item)\b)")
PARAMETER = re.compile(r"(?<![\w.])_parameter\b")
EVERY = References({}, every=True)


def is_python(parameters: Mapping[str, Any]) -> bool:
    """Whether the code of a node with these stored parameters is Python in the form that can refer to nodes."""
    return parameters.get("language") == "python"


def of_code(code: str) -> References:
    """The references of the Python source of a whole Code node."""
    named = {match.start(): match for match in NAMED.finditer(code)}
    if any(match.start() not in named for match in CALL.finditer(code)):
        return EVERY
    found = References({}, parameters=PARAMETER.search(code) is not None, previous=PREVIOUS.search(code) is not None)
    for match in named.values():
        found = found | References({match[1] or match[2] or "": use_of(match[3], has_arguments=bool(match[4]))})
    for match in NODE.finditer(code):
        name = match[1] or match[2] or match[3]
        found = found | (References({name: Use()}) if name else EVERY)
    return found


def use_of(member: str | None, *, has_arguments: bool) -> Use:
    """What `_("A")` is used for, by the member that follows it."""
    if member in STATIC:
        return Use(items=False)
    if member == "itemMatching":
        return Use(pairs=True)
    if member in LATEST and not has_arguments:
        return Use(pairs=member in PAIRED)
    return Use(pairs=True, all_runs=True)
