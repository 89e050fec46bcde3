"""The registry of node types: by name and version. `register` is a decorator; a taken pair stops the start."""

from collections.abc import Iterator
from typing import Any

from workflows_app.engine.node_type import NodeType

AnyNodeType = type[NodeType[Any]]


class Registry:
    """Looks up the class that serves a (name, typeVersion)."""

    def __init__(self) -> None:
        self._types: dict[tuple[str, float], AnyNodeType] = {}
        self._instances: dict[AnyNodeType, NodeType[Any]] = {}

    def add(self, node_type: AnyNodeType) -> AnyNodeType:
        for version in node_type.versions:
            key = (node_type.name, float(version))
            if key in self._types:
                raise RuntimeError(f"{key[0]} version {key[1]} is already registered by {self._types[key].__name__}.")
            self._types[key] = node_type
        return node_type

    def find(self, name: str, version: float) -> NodeType[Any] | None:
        """The instance for exactly that version; the newest older one for a version in between; None if unknown."""
        found = self._types.get((name, float(version))) or self._nearest(name, float(version))
        if found is None:
            return None
        if found not in self._instances:
            self._instances[found] = found()
        return self._instances[found]

    def knows(self, name: str) -> bool:
        return any(key[0] == name for key in self._types)

    def versions(self, name: str) -> list[float]:
        return sorted(key[1] for key in self._types if key[0] == name)

    def newest(self, name: str) -> AnyNodeType | None:
        versions = self.versions(name)
        return self._types[(name, versions[-1])] if versions else None

    def all(self) -> Iterator[AnyNodeType]:
        """Every class once, by name and first version."""
        yield from sorted(set(self._types.values()), key=lambda t: (t.name, t.versions[0]))

    def _nearest(self, name: str, version: float) -> AnyNodeType | None:
        older = [v for v in self.versions(name) if v < version]
        return self._types[(name, older[-1])] if older else None


registry = Registry()
register = registry.add
