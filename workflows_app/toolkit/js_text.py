"""Values as JavaScript writes them into a text: `String(value)`."""

from typing import Any

from workflows_app.toolkit.compare import to_text


def js_text(value: Any) -> str:
    """Unlike `to_text`, nothing is spared: `null`, `[object Object]`, lists with commas."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, list):
        return ",".join("" if entry is None else js_text(entry) for entry in value)
    return to_text(value)
