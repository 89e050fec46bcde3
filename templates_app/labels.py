"""The label of a title: what a run of it touches, in a few words each. Made of the `touches` in the version's facts."""

from typing import Any

from templates_app.pages import Fact

# Key of the facts, term on the page, what is said when there is nothing; lines without a word for it are left out.
_LINES = (
    ("hosts", "Contacts", "no other server"),
    ("dynamic", "Depends on", ""),
    ("writes", "Sends or changes in", ""),
    ("reads", "Reads from", ""),
    ("files", "Handles files in", ""),
    ("code", "Runs its own code in", ""),
    ("unknown", "Cannot tell about", ""),
)


def label_of(touches: dict[str, Any]) -> list[Fact]:
    """Lines in a fixed order; a line without content is left out unless saying *nothing* is worth something."""
    return [Fact(term, text) for key, term, nothing in _LINES if (text := said(touches.get(key)) or nothing)]


def said(value: Any) -> str:
    """Lists become `a, b, c`; texts stay; anything else says nothing."""
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value)
    return value if isinstance(value, str) else ""
