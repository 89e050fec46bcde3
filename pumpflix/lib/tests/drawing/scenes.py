"""Scenes written as their graphs: `"Start:1 -> Split:40 -> Merge; Split.1 -> Merge"`. The number is the item count."""

import re

from pumpflix.lib.drawing import DrawnNode, Scene, Wire

TOKEN = re.compile(r"^(?P<name>[^.:]+)(?:\.(?P<output>\d+))?(?::(?P<count>\d+))?$")


def scene(text: str, **looks: dict[str, object]) -> Scene:
    """`looks` gives further fields of a node by its name."""
    counts: dict[str, int | None] = {}
    wires = []
    for chain in text.split(";"):
        before = None
        for token in chain.split("->"):
            part = TOKEN.match(token.strip())
            assert part, token
            name = part["name"]
            counts[name] = int(part["count"]) if part["count"] else counts.get(name)
            if before:
                wires.append(Wire(before["name"], name, output=int(before["output"] or 0)))
            before = part
    nodes = tuple(DrawnNode(name, name, count=count, **looks.get(name, {})) for name, count in counts.items())
    return Scene(nodes, tuple(wires))
