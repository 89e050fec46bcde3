"""What every node has put out so far in one execution. Large outputs may leave memory: a run is kept as its items, or
as a way to load them again."""

from collections.abc import Callable

from workflows_app.engine.events import Source
from workflows_app.engine.items import Item, Items, JsonObject, Outputs

Load = Callable[[], Outputs | None]


class RunData:
    """One turn of one node: where its inputs came from and what it put out, loaded when first read."""

    __slots__ = ("_load", "_outputs", "sources")

    def __init__(
        self, sources: tuple[Source | None, ...], outputs: Outputs | None = None, load: Load | None = None
    ) -> None:
        self.sources = sources
        self._outputs = outputs
        self._load = load

    @property
    def outputs(self) -> Outputs:
        """One list per output; empty for a turn that left no data."""
        if self._outputs is None and self._load is not None:
            self._outputs = self._load() or []
        return self._outputs or []

    def output(self, index: int) -> Items:
        outputs = self.outputs
        return outputs[index] if index < len(outputs) else []

    def offload(self, load: Load) -> None:
        """Let go of the items; they are loaded again when something reads them."""
        self._outputs, self._load = None, load


class Deferred:
    """The items of one output of a recorded run, with their count known and their content not yet loaded."""

    __slots__ = ("_count", "_data", "_output")

    def __init__(self, data: RunData, output: int, count: int) -> None:
        self._data = data
        self._output = output
        self._count = count

    def __len__(self) -> int:
        return self._count

    def load(self) -> Items:
        return self._data.output(self._output)


Fed = Items | Deferred
"""What lies on an input: items, or items still to be loaded."""


def loaded(fed: Fed) -> Items:
    return fed.load() if isinstance(fed, Deferred) else fed


class History:
    """Runs by node name, in the order they happened. Also the loop state (`context`) of each node, and the labels."""

    def __init__(self) -> None:
        self._runs: dict[str, list[RunData]] = {}
        self.contexts: dict[str, JsonObject] = {}
        self.labels: dict[str, str] = {}

    def add(self, node: str, run: RunData) -> None:
        self._runs.setdefault(node, []).append(run)

    def runs(self, node: str) -> list[RunData]:
        return self._runs.get(node, [])

    def __contains__(self, node: str) -> bool:
        return node in self._runs

    def run(self, node: str, index: int) -> RunData | None:
        runs = self._runs.get(node, [])
        return runs[index] if 0 <= index < len(runs) else None

    def last(self, node: str) -> RunData | None:
        runs = self._runs.get(node)
        return runs[-1] if runs else None

    def item(self, source: Source, item: int) -> Item | None:
        run = self.run(source.node, source.run_index)
        items = run.output(source.output) if run is not None else []
        return items[item] if 0 <= item < len(items) else None

    def offload(self, node: str, index: int, load: Load) -> None:
        run = self.run(node, index)
        if run is not None:
            run.offload(load)
