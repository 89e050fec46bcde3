"""Letting another node type do the work of an older one, found by name in the registry: no node imports a node."""

from collections.abc import Callable, Mapping
from typing import Any

from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun, Outputs, Pause, Resolver
from workflows_app.engine.params import Params
from workflows_app.engine.registry import registry
from workflows_app.engine.workflow import Node

Translate = Callable[[JsonObject], JsonObject]


class Translated:
    """The resolver of a run with every resolved set of parameters changed to what the other type expects."""

    def __init__(self, inner: Resolver, translate: Translate) -> None:
        self._inner = inner
        self._translate = translate
        self.is_constant = inner.is_constant

    def resolve(self, item: int) -> JsonObject:
        return self._translate(self._inner.resolve(item))

    def filled(self, model: type[Params], item: int) -> None:
        """Every item is translated, then validated."""

    def resolve_value(self, value: Any, item: int, extra: Mapping[str, Any] | None = None) -> Any:
        return self._inner.resolve_value(value, item, extra)

    def scope(self) -> JsonObject:
        return self._inner.scope()

    def surroundings(self) -> JsonObject:
        return self._inner.surroundings()


def run_as(run: NodeRun[Any], name: str, version: float, translate: Translate) -> Outputs | Pause | None:
    """What the node type `name` makes of this run. Its errors and hints are this run's own."""
    node_type = registry.find(name, version)
    if node_type is None:
        raise RuntimeError(f"{run.node.type} needs {name}, which is not registered.")
    inner: NodeRun[Any] = NodeRun(
        node=Node({**run.node.raw, "type": name, "typeVersion": version}),
        workflow=run.workflow,
        run_index=run.run_index,
        inputs=run.inputs,
        model=node_type.Params,
        resolver=Translated(run.resolver, translate),
        ports=run.ports,
        log=run.log,
        mode=run.mode,
        execution_id=run.execution_id,
        timezone=run.timezone,
        context=run.context,
        earlier=run.earlier_input,
    )
    outputs = node_type.execute(inner)
    run.hints.extend(inner.hints)
    return outputs
