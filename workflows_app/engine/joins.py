"""Nodes with several inputs wait here until their inputs are together. Each waiting set holds one turn's worth."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from workflows_app.engine.events import Source
from workflows_app.engine.history import Fed


@dataclass(slots=True)
class InputSet:
    """What has arrived for one turn: None marks an input that has received nothing yet."""

    inputs: list[Fed | None]
    sources: list[Source | None]

    @property
    def is_complete(self) -> bool:
        return all(fed is not None for fed in self.inputs)

    @property
    def filled(self) -> list[Fed]:
        """The inputs with an empty list where nothing came."""
        return [[] if fed is None else fed for fed in self.inputs]

    @property
    def received(self) -> list[int]:
        """The inputs that received something, an empty list included."""
        return [index for index, fed in enumerate(self.inputs) if fed is not None]

    @property
    def has_items(self) -> bool:
        return any(fed is not None and len(fed) > 0 for fed in self.inputs)


@dataclass(slots=True)
class Waiting:
    """The waiting sets of each node, oldest first; nodes in the order they began to wait."""

    sets: dict[str, list[InputSet]] = field(default_factory=dict)

    def __contains__(self, node: str) -> bool:
        return node in self.sets

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.sets))

    def put(self, node: str, width: int, input_index: int, fed: Fed | None, source: Source | None) -> InputSet | None:
        """Add to the first set that lacks this input, or open a new one. A set that is now complete is taken out and
        returned."""
        sets = self.sets.setdefault(node, [])
        into = next((one for one in sets if one.inputs[input_index] is None), None)
        if into is None:
            into = InputSet([None] * width, [None] * width)
            sets.append(into)
        into.inputs[input_index] = fed
        into.sources[input_index] = source
        if not into.is_complete:
            return None
        self._remove(node, into)
        return into

    def first(self, node: str) -> InputSet:
        return self.sets[node][0]

    def take(self, node: str) -> InputSet:
        taken = self.sets[node][0]
        self._remove(node, taken)
        return taken

    def _remove(self, node: str, taken: InputSet) -> None:
        left = [one for one in self.sets[node] if one is not taken]
        if left:
            self.sets[node] = left
        else:
            del self.sets[node]
