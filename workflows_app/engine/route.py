"""What runs next. Order v1 puts a finished node's targets in front, topmost first, so a branch runs to its end before
the next begins. Order v0 appends them, and fetches the missing parents of nodes with several inputs."""

from collections import deque
from dataclasses import dataclass, field

from workflows_app.engine.events import Source
from workflows_app.engine.history import Deferred, Fed, History
from workflows_app.engine.items import Item, Outputs
from workflows_app.engine.joins import Waiting
from workflows_app.engine.plan import Compiled, CompiledNode
from workflows_app.engine.workflow import Connection

Delivered = Outputs | list[Deferred]


@dataclass(slots=True)
class Work:
    """One turn to come: a node with what lies on its inputs and where each came from."""

    node: CompiledNode
    inputs: list[Fed]
    sources: tuple[Source | None, ...]


@dataclass(slots=True)
class Router:
    """The work list and the nodes that wait for more input."""

    compiled: Compiled
    history: History
    work: deque[Work] = field(default_factory=deque)
    waiting: Waiting = field(default_factory=Waiting)

    def next(self) -> Work | None:
        """The next turn. When the list is empty, nodes still waiting run with what they have, one at a time."""
        if not self.work:
            self._release_waiting()
        return self.work.popleft() if self.work else None

    def deliver(self, finished: CompiledNode, run_index: int, outputs: Delivered) -> None:
        """Hand a finished turn's items on along its wires."""
        wires = [wire for wire in finished.outgoing if self._carries(wire, outputs)]
        if self.compiled.is_v1 and len(wires) > 1:
            wires.sort(key=self._last_first)
        for wire in wires:
            self._feed(wire, outputs[wire.source_index], run_index)

    def _carries(self, wire: Connection, outputs: Delivered) -> bool:
        """Items are needed; only v0 sends an empty list, and only into inputs above the first."""
        if wire.source_index >= len(outputs):
            return False
        return bool(len(outputs[wire.source_index])) or (not self.compiled.is_v1 and wire.target_index > 0)

    def _last_first(self, wire: Connection) -> tuple[float, float]:
        """Lowest first, then rightmost: each is put in front of the one before, so the topmost runs first."""
        x, y = self.compiled.nodes[wire.target].node.position
        return -y, -x

    def _feed(self, wire: Connection, fed: Fed, run_index: int) -> None:
        target = self.compiled.nodes[wire.target]
        source = Source(wire.source, wire.source_index, run_index)
        if target.width <= 1:
            self._enqueue(Work(target, [fed], (source,)))
            return
        was_waiting = target.name in self.waiting
        complete = self.waiting.put(target.name, target.width, wire.target_index, fed, source)
        if complete is not None:
            self._enqueue(Work(target, complete.filled, tuple(complete.sources)))
        elif not was_waiting and not self.compiled.is_v1:
            self._fetch_parents(target, wire, len(fed), run_index)

    def _enqueue(self, work: Work) -> None:
        if self.compiled.is_v1:
            self.work.appendleft(work)
        else:
            self.work.append(work)

    # waiting nodes ------------------------------------------------------------------------------------------------
    def _release_waiting(self) -> None:
        """Move the first waiting node that may run to the work list. A set without a single item is dropped, which may
        free a node looked at before."""
        found = self._first_that_may_run()
        while found is not None:
            released = self.waiting.take(found)
            if released.has_items:
                self.work.append(Work(self.compiled.nodes[found], released.filled, tuple(released.sources)))
                return
            found = self._first_that_may_run()

    def _first_that_may_run(self) -> str | None:
        return next((name for name in self.waiting if self._may_run(name)), None)

    def _may_run(self, name: str) -> bool:
        if any(parent in self.waiting for parent in self.compiled.ancestors(name) if parent != name):
            return False
        node = self.compiled.nodes[name]
        if not self.compiled.is_v1 or node.type is None or node.input_count < 2:
            return True
        required = node.type.required_inputs(node.node)
        received = self.waiting.first(name).received
        if isinstance(required, tuple):
            return len(required) < node.input_count and all(index in received for index in required)
        return required < node.input_count and len(received) >= required

    # v0 -------------------------------------------------------------------------------------------------------------
    def _fetch_parents(self, target: CompiledNode, wire: Connection, items: int, run_index: int) -> None:
        """A node began to wait: put the roots of its other inputs on the list, unless they ran, are listed, or will be
        reached from the node that just finished."""
        siblings = {out.target for out in self.compiled.nodes[wire.source].outgoing}
        for incoming in self.compiled.graph.incoming[target.name]:
            for parent in dict.fromkeys(one.source for one in incoming):
                if parent == wire.source:
                    continue
                root = self._root_to_add(parent, siblings, run_index)
                if root is None or (items == 0 and wire.source in self.compiled.ancestors(root)):
                    continue
                if self._gets_nothing(root, run_index):
                    self._enqueue(Work(self.compiled.nodes[root], [[Item(json={})]], (Source(wire.source),)))

    def _root_to_add(self, parent: str, siblings: set[str], run_index: int) -> str | None:
        listed = {work.node.name for work in self.work}
        if parent in siblings and not self._gets_nothing(parent, run_index):
            return None
        if parent in listed or parent in self.history:
            return None
        root = parent
        for name in (parent, *self.compiled.ancestors(parent)):
            if name != parent and (name in siblings or name in listed):
                return None
            if name in self.history:
                break
            root = name
        return root

    def _gets_nothing(self, name: str, run_index: int) -> bool:
        """Whether nothing has arrived on the first input of that node in this round."""
        incoming = self.compiled.graph.incoming[name]
        for wire in incoming[0] if incoming else ():
            run = self.history.run(wire.source, run_index)
            if run is not None and run.output(wire.source_index):
                return False
        return True
