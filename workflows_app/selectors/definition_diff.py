"""How two graphs of one workflow differ, node by node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from pumpflix.lib.differences import Difference, differences
from workflows_app.engine.partial import LOOKS
from workflows_app.engine.workflow import Connection, Node
from workflows_app.engine.workflow import Workflow as Graph

Change = Literal["added", "removed", "changed", "moved"]
MOST_PLACES = 100


@dataclass(frozen=True, slots=True)
class NodeDifference:
    """`moved`: it looks or stands otherwise and does the same. `places` are at most `MOST_PLACES`."""

    node: str
    type: str
    change: Change
    places: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DefinitionDiff:
    """`wires` and `settings` as places too: a wire is `Source (1) → Target`."""

    nodes: list[NodeDifference]
    wires: list[Difference]
    settings: list[Difference]

    @property
    def is_empty(self) -> bool:
        return not (self.nodes or self.wires or self.settings)

    @property
    def working(self) -> list[NodeDifference]:
        """Those that may make a difference to a run."""
        return [node for node in self.nodes if node.change != "moved"]

    def of(self, node: str) -> NodeDifference | None:
        return next((one for one in self.nodes if one.node == node), None)


def definition_diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> DefinitionDiff:
    """Both as stored. Nodes in the order of `after`, those that went last."""
    old, new = Graph.from_n8n(dict(before)), Graph.from_n8n(dict(after))
    found = [between(old.by_name.get(name), new.by_name.get(name)) for name in [*new.by_name, *only_in(old, new)]]
    rules = ({**old.settings}, {**new.settings})
    pins = ({"pinData": old.pin_data}, {"pinData": new.pin_data})
    return DefinitionDiff(
        nodes=[one for one in found if one is not None],
        wires=wires_between(old, new),
        settings=list(islice(differences(*rules), MOST_PLACES)) + list(islice(differences(*pins), MOST_PLACES)),
    )


def only_in(old: Graph, new: Graph) -> list[str]:
    return [name for name in old.by_name if name not in new.by_name]


def between(old: Node | None, new: Node | None) -> NodeDifference | None:
    if old is None or new is None:
        one = new or old
        assert one is not None
        return NodeDifference(one.name, one.type, "added" if old is None else "removed")
    places = list(islice(differences(shown(old), shown(new)), MOST_PLACES))
    if not places:
        return None
    is_look = all(place.path.split(".")[0].split("[")[0] in LOOKS for place in places)
    return NodeDifference(new.name, new.type, "moved" if is_look else "changed", places)


def shown(node: Node) -> dict[str, Any]:
    """Without its id, which nobody wrote."""
    return {key: value for key, value in node.raw.items() if key != "id"}


def wires_between(old: Graph, new: Graph) -> list[Difference]:
    before, after = (dict.fromkeys(wire_text(wire) for wire in graph.connections) for graph in (old, new))
    gone = [Difference(wire, "removed", wire, None) for wire in before if wire not in after]
    return [*gone, *(Difference(wire, "added", None, wire) for wire in after if wire not in before)]


def wire_text(wire: Connection) -> str:
    source = f"{wire.source} ({wire.source_index + 1})" if wire.source_index else wire.source
    target = f"{wire.target} ({wire.target_index + 1})" if wire.target_index else wire.target
    kind = "" if wire.type == "main" else f" [{wire.type}]"
    return f"{source} → {target}{kind}"
