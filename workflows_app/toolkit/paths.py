"""Dot notation: `a.b[0]["x y"].c`. Reading, writing and removing in JSON values, with the rules n8n users know: a key
that contains the whole text wins over the path, a missing step reads as nothing, writing makes the steps it needs."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import JsonObject

MAX_INDEX = 100_000
MAX_STEPS = 200
STEP = re.compile(r"""\[(?:"([^"]*)"|'([^']*)'|([^\]]*))\]|([^.\[]+|\[)""")
MISSING: Any = object()
"""What `read` returns by default where there is no value; null is a value."""


def split(path: str) -> list[str]:
    """The steps of a path. Empty steps (`a..b`) are ignored; an opening bracket that is never closed is text."""
    found = STEP.finditer(path) if "[" in path else ()
    steps = [step for match in found for step in match.groups() if step is not None] if "[" in path else path.split(".")
    steps = [step for step in steps if step != ""] or [path]
    if len(steps) > MAX_STEPS:
        raise ParameterError(f"The path '{path[:40]}...' has more than {MAX_STEPS} steps.", hint="Use a shorter path.")
    return steps


def step_into(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step, MISSING)
    if isinstance(value, list):
        if step.isdigit():
            return value[int(step)] if int(step) < len(value) else MISSING
        return len(value) if step == "length" else MISSING
    if isinstance(value, str):
        if step == "length":
            return len(value)
        return value[int(step)] if step.isdigit() and int(step) < len(value) else MISSING
    return MISSING


def read(value: Any, path: str, default: Any = MISSING, *, dotted: bool = True) -> Any:
    """What is at `path`, else `default`. With `dotted=False` the path is one key."""
    if isinstance(value, Mapping) and path in value:
        return value[path]
    if not dotted:
        return default
    for step in split(path):
        value = step_into(value, step)
        if value is MISSING:
            return default
    return value


def write(target: JsonObject, path: str, value: Any, *, dotted: bool = True) -> None:
    """Put `value` at `path` inside `target`, making objects (or lists, before a number) on the way. What is not
    an object or list on the way is replaced. Containers on the way are copied, so a shallow copy of an item is
    enough before writing to it."""
    if not dotted or path in target:
        target[path] = value
        return
    if "." not in path and "[" not in path:
        put(target, path, value)
        return
    steps = split(path)
    place: Any = target
    for here, after in pairwise(steps):
        inner = own_copy(step_into(place, here), after)
        put(place, here, inner)
        place = inner
    put(place, steps[-1], value)


def own_copy(inner: Any, after: str) -> Any:
    """The same container as a copy of its own, or a new one that can hold the step that comes after."""
    if isinstance(inner, dict):
        return dict(inner)
    if isinstance(inner, list):
        return list(inner)
    return [] if after.isdigit() else {}


def put(place: Any, step: str, value: Any) -> None:
    """Set one step; a list grows with nulls up to the index. A text key on a list has no place in JSON: dropped."""
    if isinstance(place, dict):
        place[step] = value
    elif step.isdigit():
        index = int(step)
        if index > MAX_INDEX:
            raise ParameterError(f"List index {index} is too large.", hint=f"Use an index up to {MAX_INDEX}.")
        place.extend([None] * (index + 1 - len(place)))
        place[index] = value


def remove(target: JsonObject, path: str, *, dotted: bool = True) -> None:
    """Take away what is at `path`; nothing happens where there is nothing. A list entry becomes null. Containers
    on the way are copied."""
    if path in target:
        del target[path]
        return
    if not dotted:
        return
    *way, last = split(path)
    if read(target, path) is MISSING:
        return
    place: Any = target
    for step in way:
        inner = own_copy(step_into(place, step), step)
        put(place, step, inner)
        place = inner
    if isinstance(place, dict):
        place.pop(last, None)
    elif isinstance(place, list) and last.isdigit() and int(last) < len(place):
        place[int(last)] = None


def last_step(path: str) -> str:
    """The name a value gets when its path is not kept: the text after the last dot."""
    return path.rsplit(".", 1)[-1]


def names(text: Any) -> list[str]:
    """A comma separated list of field names, or a list of them, without blanks. A leading `$json.` is forgiven."""
    parts = text if isinstance(text, list) else str(text or "").split(",")
    cleaned = (str(part).strip().removeprefix("$json.") for part in parts)
    return [part for part in cleaned if part]
