"""What Python code sees of other nodes: ``_("Name")`` and ``_node["Name"]``."""

from typing import Any

from pumpflix.lib.sandbox.py_values import Array, Record, wrapped


class ScopeError(Exception):
    """The code asked for data that is not there. The message says what to change."""


class Nodes:
    """The nodes of one call's scope. Items are wrapped once, so that a change to one is seen wherever it is read."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._entries: dict[str, dict[str, Any]] = data.get("nodes") or {}
        self._known: list[str] = data.get("knownNodes") or list(self._entries)
        self._wrapped: dict[tuple[str, int, int], Array] = {}

    def entry(self, name: str) -> dict[str, Any]:
        if name not in self._known and name not in self._entries:
            raise ScopeError(f"There is no node '{name}' in this workflow. Check the name in _(\"{name}\").")
        return self._entries.get(name) or {}

    def is_executed(self, name: str) -> bool:
        entry = self.entry(name)
        return bool(entry.get("executed", bool(entry.get("runs"))))

    def run_index(self, name: str) -> int:
        return len(self.entry(name).get("runs") or []) - 1

    def items(self, name: str, output: int | None = None, run: int | None = None) -> Array:
        """Items of one output of one run; the last run and the output that leads here unless told."""
        entry = self.entry(name)
        if not self.is_executed(name):
            raise ScopeError(f"The node '{name}' has not run yet. Connect it before this node, or run it first.")
        runs = entry.get("runs") or []
        run = len(runs) - 1 if run is None or run == -1 else run
        if not 0 <= run < len(runs):
            raise ScopeError(f"The node '{name}' has no run {run}; it ran {len(runs)} times.")
        outputs = runs[run] or []
        output = int(entry.get("defaultOutput") or 0) if output is None else output
        if output > 0 and output >= len(outputs):
            raise ScopeError(f"The node '{name}' has no output {output}.")
        place = (name, run, output)
        if place not in self._wrapped:
            self._wrapped[place] = wrapped(outputs[output] if output < len(outputs) else [])
        return self._wrapped[place]

    def paired(self, name: str, index: int) -> Any:
        """The item of that node which the current item with this index came from."""
        entry = self.entry(name)
        pairs = entry.get("pairs")
        if not pairs:
            found = self.items(name)
            return found[index] if 0 <= index < len(found) else None
        pair = pairs[index] if 0 <= index < len(pairs) else None
        if pair is None:
            raise ScopeError(f"The node '{name}' has no item that belongs to the current item {index}.")
        if pair.get("error"):
            error = pair["error"]
            raise ScopeError(" ".join(str(error[key]) for key in ("message", "description") if error.get(key)))
        if "value" in pair:
            return wrapped(pair["value"])
        return self.items(name, pair.get("output") or 0, pair["run"])[pair["item"]]


class NodeReference:
    """``_("Name")``, seen from the item with one index."""

    def __init__(self, nodes: Nodes, name: str, index: int) -> None:
        self._nodes = nodes
        self._name = name
        self._index = index
        nodes.entry(name)

    def all(self, branch: int | None = None, run: int | None = None) -> Array:
        return self._nodes.items(self._name, branch, run)

    def first(self, branch: int | None = None, run: int | None = None) -> Any:
        return next(iter(self.all(branch, run)), None)

    def last(self, branch: int | None = None, run: int | None = None) -> Any:
        return next(reversed(self.all(branch, run)), None)

    def pairedItem(self, index: int | None = None) -> Any:  # noqa: N802 - n8n's name
        return self._nodes.paired(self._name, self._index if index is None else index)

    def itemMatching(self, index: int) -> Any:  # noqa: N802 - n8n's name
        return self._nodes.paired(self._name, index)

    @property
    def item(self) -> Any:
        return self.pairedItem()

    @property
    def params(self) -> Record:
        return Record(wrapped(self._nodes.entry(self._name).get("parameters") or {}))

    @property
    def context(self) -> Record:
        return Record(wrapped(self._nodes.entry(self._name).get("context") or {}))

    @property
    def isExecuted(self) -> bool:  # noqa: N802 - n8n's name
        return self._nodes.is_executed(self._name)

    def __repr__(self) -> str:
        return f'_("{self._name}")'


class OldNodeReference:
    """``_node["Name"]``: the item with the current index of that node's last run."""

    def __init__(self, nodes: Nodes, name: str, index: int) -> None:
        self._nodes = nodes
        self._name = name
        self._index = index
        nodes.entry(name)

    def _item(self) -> Record:
        found = self._nodes.items(self._name)
        if self._index >= len(found):
            raise ScopeError(f"The node '{self._name}' put out no item with index {self._index}.")
        return found[self._index]  # type: ignore[no-any-return]

    @property
    def json(self) -> Any:
        return self._item().get("json")

    @property
    def data(self) -> Any:
        return self.json

    @property
    def binary(self) -> Any:
        return self._item().get("binary") or Record()

    @property
    def runIndex(self) -> int:  # noqa: N802 - n8n's name
        return self._nodes.run_index(self._name)

    @property
    def parameter(self) -> Record:
        return NodeReference(self._nodes, self._name, self._index).params

    @property
    def context(self) -> Record:
        return NodeReference(self._nodes, self._name, self._index).context


class OldNodes:
    """``_node``: a node by its name."""

    def __init__(self, nodes: Nodes, index: int) -> None:
        self._nodes = nodes
        self._index = index

    def __getitem__(self, name: str) -> OldNodeReference:
        return OldNodeReference(self._nodes, name, self._index)

    def __getattr__(self, name: str) -> OldNodeReference:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]
