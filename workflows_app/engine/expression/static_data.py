"""Whether code may ask for the static data of its workflow, so that it is fetched only then.

The text is searched, not parsed: what only looks like it costs a fetch that nobody needs. Code that finds the function
in a way not thought of here gets an error from the child, never data that is not there."""

import re
from functools import lru_cache

from workflows_app.engine.expression.template import is_expression

# The name itself, or a way to a name that is not written out: escapes, and what leads to names by their text.
MAY_ASK = re.compile(
    r"StaticData|\\[uUxN]|__|\b(?:this|arguments|eval|exec|compile|globals|locals|vars|getattr|f_globals|f_locals)\b",
    re.ASCII,
)


@lru_cache(maxsize=1024)
def may_ask(text: str) -> bool:
    """Of the text of a parameter: JavaScript or Python, or an expression that makes either."""
    return is_expression(text) or MAY_ASK.search(text) is not None
