"""A trigger that looks for something new, outside any execution."""

from typing import Any

from workflows_app.engine.errors import UserError
from workflows_app.engine.expression.batch import BatchResolver
from workflows_app.engine.expression.scope import Scope
from workflows_app.engine.history import History
from workflows_app.engine.items import JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Polled
from workflows_app.engine.plan import Plan
from workflows_app.engine.ports import LogLevel, Ports


def look(plan: Plan, ports: Ports, state: JsonObject) -> Polled:
    """What the start node of the plan finds that was not there when `state` was made. Raises PumpFlixError."""
    return type_of(plan).poll(run_of(plan, ports), state)


def settle(plan: Plan, ports: Ports, state: JsonObject) -> JsonObject:
    """What there is to do once the items are stored; the state to keep. Raises PumpFlixError."""
    return type_of(plan).settle(run_of(plan, ports), state)


def type_of(plan: Plan) -> NodeType[Any]:
    node = plan.compiled.nodes[plan.start]
    if node.type is None or not node.type.is_polled():
        raise UserError(
            f"{plan.start} is of type '{node.node.type}', which does not look for anything.",
            code="trigger_not_polled",
            hint="Switch the workflow off and on again.",
        )
    return node.type


def run_of(plan: Plan, ports: Ports) -> NodeRun[Any]:
    node = plan.compiled.nodes[plan.start]
    scope = Scope(plan, node, History(), [], 0, ())
    return NodeRun(
        node=node.node,
        workflow=plan.workflow,
        run_index=0,
        inputs=[[]],
        model=type_of(plan).Params,
        resolver=BatchResolver(scope, ports),
        ports=ports,
        log=unheard,
        mode=plan.mode,
        timezone=plan.zone,
    )


def unheard(level: LogLevel, text: str, item: int | None) -> None:
    """Nothing runs yet that could have a log."""
