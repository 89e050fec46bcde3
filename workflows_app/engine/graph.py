"""Pure questions about the wires of a workflow: who feeds whom, what can be reached, where it loops."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from workflows_app.engine.workflow import Connection, Workflow

MAIN = "main"


@dataclass(frozen=True)
class Graph:
    """The `main` wires of a workflow, by node name. Attachments (`ai_*`) are not followed."""

    names: tuple[str, ...]
    positions: Mapping[str, tuple[float, float]]
    connections: tuple[Connection, ...]

    @classmethod
    def of(cls, workflow: Workflow) -> "Graph":
        return cls(
            names=tuple(node.name for node in workflow.nodes),
            positions={node.name: node.position for node in workflow.nodes},
            connections=tuple(wire for wire in workflow.connections if wire.type == MAIN),
        )

    @cached_property
    def outgoing(self) -> dict[str, list[Connection]]:
        """Per node, its wires by output and then in stored order."""
        found: dict[str, list[Connection]] = {name: [] for name in self.names}
        for wire in self.connections:
            found[wire.source].append(wire)
        for wires in found.values():
            wires.sort(key=lambda wire: wire.source_index)
        return found

    @cached_property
    def incoming(self) -> dict[str, list[list[Connection]]]:
        """Per node, one list of wires per input; an input between others may be empty."""
        found: dict[str, list[list[Connection]]] = {name: [] for name in self.names}
        for wire in self.connections:
            inputs = found[wire.target]
            while len(inputs) <= wire.target_index:
                inputs.append([])
            inputs[wire.target_index].append(wire)
        return found

    def successors(self, name: str) -> list[str]:
        return list(dict.fromkeys(wire.target for wire in self.outgoing[name]))

    def parents(self, name: str) -> list[str]:
        """The nodes wired directly into that node."""
        return list(dict.fromkeys(wire.source for wires in self.incoming[name] for wire in wires))

    def ancestors(self, name: str) -> list[str]:
        """Every node upstream, nearest first. A node in a loop is its own ancestor."""
        return self._walk(name, self.parents)

    def reachable(self, name: str) -> list[str]:
        """Every node downstream, nearest first."""
        return self._walk(name, self.successors)

    def joins(self) -> list[str]:
        """Nodes with wires into more than one input."""
        return [name for name in self.names if sum(1 for wires in self.incoming[name] if wires) > 1]

    def roots(self) -> list[str]:
        """Nodes without an incoming wire, in stored order."""
        return [name for name in self.names if not self.incoming[name]]

    def output_towards(self, source: str, target: str) -> int | None:
        """The output of `source` from which the shortest way to `target` starts; None if there is no way."""
        seen: set[str] = set()
        layer = [target]
        while layer:
            above: list[str] = []
            for name in layer:
                for wire in (wire for wires in self.incoming[name] for wire in wires):
                    if wire.source == source:
                        return wire.source_index
                    if wire.source not in seen:
                        seen.add(wire.source)
                        above.append(wire.source)
            layer = above
        return None

    def cycles(self) -> list[list[str]]:
        """The loops: groups of nodes that can all reach one another, in stored order (Kosaraju's two walks)."""
        group_of: dict[str, str] = {}
        for root in reversed(self._finishing_order()):
            stack = [root]
            while stack:
                name = stack.pop()
                if name not in group_of:
                    group_of[name] = root
                    stack.extend(self.parents(name))
        groups: dict[str, list[str]] = {}
        for name in self.names:
            groups.setdefault(group_of[name], []).append(name)
        return [group for group in groups.values() if len(group) > 1 or group[0] in self.successors(group[0])]

    def _finishing_order(self) -> list[str]:
        """Every node, after all that it leads to but for loops."""
        order: dict[str, None] = {}
        seen: set[str] = set()
        for root in self.names:
            stack = [(root, False)]
            while stack:
                name, is_done = stack.pop()
                if is_done:
                    order[name] = None
                elif name not in seen:
                    seen.add(name)
                    stack.append((name, True))
                    stack.extend((below, False) for below in self.successors(name))
        return list(order)

    def display_order(self, start: str | None = None) -> list[str]:
        """A reading order: depth first from the start (or every root), topmost branch first, then what is left."""
        seen: dict[str, None] = {}
        for root in [start] if start else sorted(self.roots(), key=self._place):
            self._read(root, seen)
        for name in sorted(self.names, key=self._place):
            self._read(name, seen)
        return list(seen)

    def _read(self, root: str, seen: dict[str, None]) -> None:
        stack = [root]
        while stack:
            name = stack.pop()
            if name in seen:
                continue
            seen[name] = None
            stack.extend(sorted(self.successors(name), key=self._place, reverse=True))

    def _place(self, name: str) -> tuple[float, float]:
        x, y = self.positions[name]
        return y, x

    def _walk(self, name: str, step: Callable[[str], list[str]]) -> list[str]:
        seen: dict[str, None] = {}
        layer: Iterable[str] = step(name)
        while layer:
            new = [one for one in dict.fromkeys(layer) if one not in seen]
            seen.update(dict.fromkeys(new))
            layer = [one for found in new for one in step(found)]
        return list(seen)
