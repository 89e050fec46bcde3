"""What is drawn: nodes and wires as plain values, with the order in which a run passes through them."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class DrawnNode:
    """`count` is the number of items the node put out (None: it has not run). `x`, `y` are the author's positions.
    `verdict` says what this instance makes of a node that is brought along, in a word."""

    id: str
    label: str
    role: str = "shape"
    icon: str = "n-app"
    count: int | None = None
    status: str = ""
    x: float | None = None
    y: float | None = None
    is_disabled: bool = False
    is_placeholder: bool = False
    verdict: str = ""


@dataclass(frozen=True)
class Wire:
    """`source` and `target` are node ids; `count` is the number of items on it, `label` the name of the output."""

    source: str
    target: str
    output: int = 0
    label: str = ""
    count: int | None = None


@dataclass(frozen=True)
class Scene:
    """Nodes in the author's order. Wires to nodes that are not there are left out by `known_wires`."""

    nodes: tuple[DrawnNode, ...]
    wires: tuple[Wire, ...] = ()
    _index: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._index.update({node.id: place for place, node in enumerate(self.nodes)})

    @cached_property
    def known_wires(self) -> tuple[Wire, ...]:
        return tuple(wire for wire in self.wires if wire.source in self._index and wire.target in self._index)

    @cached_property
    def back_wires(self) -> frozenset[Wire]:
        """Wires that close a loop, seen from the triggers: without them the scene has no cycle."""
        leaving: dict[str, list[Wire]] = {node.id: [] for node in self.nodes}
        for wire in self.known_wires:
            leaving[wire.source].append(wire)
        closed: set[str] = set()
        found: set[Wire] = set()
        for start in self._starts():
            if start not in closed:
                found |= _loops_from(start, leaving, closed)
        return frozenset(found)

    @cached_property
    def forward_wires(self) -> tuple[Wire, ...]:
        return tuple(wire for wire in self.known_wires if wire not in self.back_wires)

    @cached_property
    def depth(self) -> dict[str, int]:
        """Column of each node: the longest way from a start, loops not counted."""
        depth = {node.id: 0 for node in self.nodes}
        missing = {node.id: 0 for node in self.nodes}
        leaving: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for wire in self.forward_wires:
            missing[wire.target] += 1
            leaving[wire.source].append(wire.target)
        ready = deque(name for name, count in missing.items() if count == 0)
        while ready:
            name = ready.popleft()
            for target in leaving[name]:
                depth[target] = max(depth[target], depth[name] + 1)
                missing[target] -= 1
                if missing[target] == 0:
                    ready.append(target)
        return depth

    @cached_property
    def columns(self) -> list[list[DrawnNode]]:
        """Nodes by depth; inside a column from top to bottom as the author placed them, else in their order."""
        columns: list[list[DrawnNode]] = [[] for _ in range(max(self.depth.values(), default=0) + 1)]
        for node in self.nodes:
            columns[self.depth[node.id]].append(node)
        for column in columns:
            column.sort(key=lambda node: (node.y or 0.0, self._index[node.id]))
        return columns

    def trails(self, *, most: int) -> Iterator[list[str]]:
        """Up to `most` ways from a start to an end along forward wires."""
        leaving: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for wire in self.forward_wires:
            leaving[wire.source].append(wire.target)
        reached = {wire.target for wire in self.forward_wires}
        pending = [[node.id] for node in reversed(self.nodes) if node.id not in reached]
        found = 0
        while pending and found < most:
            trail = pending.pop()
            targets = leaving[trail[-1]]
            if not targets:
                found += 1
                yield trail
            pending.extend([*trail, target] for target in reversed(targets))

    def _starts(self) -> list[str]:
        reached = {wire.target for wire in self.known_wires}
        return sorted(
            (node.id for node in self.nodes),
            key=lambda name: (name in reached, self.nodes[self._index[name]].role != "trigger", self._index[name]),
        )


def _loops_from(start: str, leaving: dict[str, list[Wire]], closed: set[str]) -> set[Wire]:
    """Depth-first walk without recursion (graphs may be thousands long); wires to an open node close a loop."""
    found: set[Wire] = set()
    is_open = {start}
    stack: list[tuple[str, Iterator[Wire]]] = [(start, iter(leaving[start]))]
    while stack:
        name, wires = stack[-1]
        wire = next(wires, None)
        if wire is None:
            stack.pop()
            is_open.discard(name)
            closed.add(name)
        elif wire.target in is_open:
            found.add(wire)
        elif wire.target not in closed:
            is_open.add(wire.target)
            stack.append((wire.target, iter(leaving[wire.target])))
    return found
