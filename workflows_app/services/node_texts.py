"""The very text of nodes as they were written, so that what is not known here leaves as it came, byte for byte."""

import json
import re
from collections.abc import Iterable, Mapping
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

import orjson

SPACE = re.compile(r"[ \t\r\n]*")
DECODER = json.JSONDecoder()


def texts_of_nodes(text: str, names: Iterable[str]) -> dict[str, str]:
    """Text by node name for the nodes called `names`, from the JSON text of a workflow or of an envelope around it."""
    wanted = set(names)
    if not wanted:
        return {}
    found: dict[str, str] = {}
    whole = members(text, 0)
    start = whole.get("nodes")
    if start is None and "workflow" in whole and text[whole["workflow"]] == "{":
        start = members(text, whole["workflow"]).get("nodes")
    for begin, end in elements(text, start) if start is not None else ():
        node = DECODER.raw_decode(text, begin)[0]
        if isinstance(node, dict) and node.get("name") in wanted:
            found[node["name"]] = text[begin:end]
    return found


def members(text: str, at: int) -> dict[str, int]:
    """Where the value of each key of the object at `at` begins; nothing for anything else."""
    at = skip(text, at)
    found: dict[str, int] = {}
    if text[at : at + 1] != "{":
        return found
    at = skip(text, at + 1)
    while text[at] == '"':
        key, at = scanstring(text, at + 1)
        at = skip(text, skip(text, at) + 1)
        found[key] = at
        at = skip(text, DECODER.raw_decode(text, at)[1])
        if text[at] != ",":
            break
        at = skip(text, at + 1)
    return found


def elements(text: str, at: int) -> list[tuple[int, int]]:
    """Begin and end of each value of the list at `at`."""
    found: list[tuple[int, int]] = []
    if text[at] != "[":
        return found
    at = skip(text, at + 1)
    while text[at] != "]":
        end = DECODER.raw_decode(text, at)[1]
        found.append((at, end))
        at = skip(text, end)
        if text[at] == ",":
            at = skip(text, at + 1)
    return found


def skip(text: str, at: int) -> int:
    match = SPACE.match(text, at)
    return match.end() if match else at


def written(graph: Mapping[str, Any], kept: Mapping[str, str], draft: Mapping[str, Any] | None = None) -> bytes:
    """The graph as JSON. A node that is in the draft it was made of (or here) what its kept text says leaves as that
    text: what it names are credentials of where it came from, never ours."""
    drafted = {node.get("name"): node for node in (draft or graph).get("nodes") or []}
    nodes = [
        as_kept(node, drafted.get(node.get("name"), node), kept.get(str(node.get("name")), ""))
        for node in graph.get("nodes") or []
    ]
    return orjson.dumps({**graph, "nodes": nodes}, option=orjson.OPT_INDENT_2)


def as_kept(node: dict[str, Any], drafted: dict[str, Any], text: str) -> Any:
    return orjson.Fragment(text.encode()) if text and json.loads(text) == drafted else node
