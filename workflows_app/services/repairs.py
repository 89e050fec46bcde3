"""What batch rewrites leave behind in workflows: wires keyed by id, wires to nodes that are gone, versions a type never
had. It is counted first; a repair lists each change it makes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows_app import nodes

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Damage:
    """How much of each kind there is, and the graph without it, with a line for each change."""

    graph: Any
    counts: Counter[str] = field(default_factory=Counter)
    changes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changes)


def examine(raw: Any) -> Damage:
    """The damage of a graph whose shape allows to tell. `raw` itself is left as it is."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("nodes"), list):
        return Damage(raw)
    named = [node for node in raw["nodes"] if isinstance(node, Mapping) and isinstance(node.get("name"), str)]
    counts: Counter[str] = Counter()
    changes: list[str] = []
    fixed = [with_possible_version(node, counts, changes) for node in raw["nodes"]]
    wires = raw.get("connections")
    if isinstance(wires, Mapping):
        wires = Rewiring(named, counts, changes).connections(wires)
    graph = {**raw, "nodes": fixed} | ({} if wires is None else {"connections": wires})
    return Damage(graph, counts, changes)


def with_possible_version(node: Any, counts: Counter[str], changes: list[str]) -> Any:
    """A type that is known here has no versions of a later generation than the newest known one."""
    kind, version = (node.get("type"), node.get("typeVersion")) if isinstance(node, Mapping) else (None, None)
    registry = nodes.load()
    if not isinstance(kind, str) or not registry.knows(kind) or not isinstance(version, int | float):
        return node
    newest = max(registry.versions(kind))
    if int(version) <= int(newest):
        return node
    counts["version"] += 1
    short = kind.rpartition(".")[2]
    changes.append(f"{node.get('name')}: version {version:g} set to {newest:g}; {short} never had {version:g}")
    return {**node, "typeVersion": int(newest) if newest == int(newest) else newest}


class Rewiring:
    """Connections by name instead of by id, without those that lead nowhere."""

    def __init__(self, named: list[Any], counts: Counter[str], changes: list[str]) -> None:
        self.names = {node["name"] for node in named}
        ids = Counter(str(node["id"]) for node in named if node.get("id"))
        self.by_id = {str(node["id"]): node["name"] for node in named if node.get("id") and ids[str(node["id"])] == 1}
        self.counts, self.changes = counts, changes

    def connections(self, wires: Mapping[str, Any]) -> Raw:
        kept: Raw = {}
        for source, by_type in wires.items():
            name = self.known(source)
            if name is None:
                self.note("missing", f"Wires of '{source}' cut: there is no such node")
            elif not isinstance(by_type, Mapping):
                kept[name] = by_type
            else:
                if name != source:
                    self.note("keyed by id", f"Wires of id '{source}' tied to '{name}'")
                self.merge(kept, name, {kind: self.outputs(name, lists) for kind, lists in by_type.items()})
        return kept

    @staticmethod
    def merge(kept: Raw, name: str, by_type: Raw) -> None:
        """Where wires were kept under name and id both, none is lost."""
        for kind, lists in by_type.items():
            former = kept.setdefault(name, {}).get(kind)
            is_both = isinstance(former, list) and isinstance(lists, list)
            kept[name][kind] = joined(former, lists) if is_both else lists

    def outputs(self, source: str, lists: Any) -> Any:
        if not isinstance(lists, list):
            return lists
        return [[tied for wire in wires if (tied := self.wire(source, wire)) is not None] if isinstance(wires, list)
                else wires for wires in lists]  # fmt: skip

    def wire(self, source: str, wire: Any) -> Any:
        """The wire, tied to a name; None where there is no such node."""
        if not isinstance(wire, Mapping) or not isinstance(wire.get("node"), str):
            return wire
        name = self.known(wire["node"])
        if name is None:
            self.note("missing", f"Wire from '{source}' to '{wire['node']}' cut: there is no such node")
            return None
        if name != wire["node"]:
            self.note("keyed by id", f"Wire from '{source}' to id '{wire['node']}' tied to '{name}'")
            return {**wire, "node": name}
        return wire

    def known(self, key: str) -> str | None:
        return key if key in self.names else self.by_id.get(key)

    def note(self, kind: str, line: str) -> None:
        self.counts[kind] += 1
        self.changes.append(line)


def joined(former: list[Any], lists: list[Any]) -> list[Any]:
    """Output by output, the wires of both, each once."""
    out = []
    for place in range(max(len(former), len(lists))):
        both = [wire for part in (former, lists) if place < len(part) for wire in part[place] or []]
        out.append([wire for index, wire in enumerate(both) if wire not in both[:index]])
    return out
