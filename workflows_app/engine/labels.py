"""Labels of a run: a few short values noted beside it (`$execution.customData`, Execution Data), to find it by later.

A turn keeps the labels it sets in its context, where they are stored with it; a replay finds them there."""

from collections.abc import Mapping

from workflows_app.engine.items import JsonObject

MAX_LABELS = 10
MAX_KEY = 50
MAX_VALUE = 512
IN_CONTEXT = "customData"


def fits(known: Mapping[str, str], key: str) -> bool:
    """Whether a run with these labels can have this one too."""
    return key in known or len(known) < MAX_LABELS


def take(context: JsonObject, known: dict[str, str]) -> dict[str, str]:
    """Move what a turn has set out of its context into the labels of the run; what was taken over."""
    taken: dict[str, str] = {}
    for key, value in context.pop(IN_CONTEXT, {}).items():
        if fits(known, key):
            known[key] = taken[key] = value
    return taken
