"""One turn of one node: run it, try again if it may, and make of a failure what the node's error policy says."""

import copy
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from workflows_app.engine import result_cache
from workflows_app.engine.deadline import Deadline, bounded
from workflows_app.engine.errors import (
    Paused,
    PumpFlixError,
    UnexpectedError,
    UserError,
    refuse_too_many_items,
)
from workflows_app.engine.events import LogWritten, NodeRunRetried, Origin, Source
from workflows_app.engine.expression.batch import BatchResolver
from workflows_app.engine.expression.scope import Scope
from workflows_app.engine.history import History
from workflows_app.engine.items import Item, Items, JsonObject, Outputs, PairedItem
from workflows_app.engine.node_type import NodeRun, Pause
from workflows_app.engine.pairing import paired_by_rule
from workflows_app.engine.plan import CALLED_TRIGGERS, CompiledNode, Plan
from workflows_app.engine.ports import LogLevel, Ports, Redact
from workflows_app.engine.retries import is_final, next_wait_s, why_not_waited
from workflows_app.engine.state import Resume

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Turn:
    """A turn about to be made. `inputs` are renumbered; `context` is the node's loop state, changed in place; `limited`
    are the ports, bounded by the time that the run has left."""

    plan: Plan
    node: CompiledNode
    run_index: int
    order: int
    inputs: list[Items]
    sources: tuple[Source | None, ...]
    history: History
    context: JsonObject
    limited: Ports
    resume: Resume | None = None
    logs: list[LogWritten] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    @property
    def seen_items(self) -> Items:
        """What `$json` stands for: input 0, in order v1 the first input that has items."""
        if self.plan.compiled.is_v1:
            for items in self.inputs:
                if items:
                    return items
        return self.inputs[0] if self.inputs else []


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a turn. `failed`: the run ends here. `outputs` is None for a turn that leaves no data."""

    outputs: Outputs | None = None
    error: JsonObject | None = None
    failed: bool = False
    pause: Pause | None = None
    skipped: bool = False
    origin: Origin = ""


def attempt(turn: Turn, ports: Ports, run_deadline: Deadline | None) -> Iterator[LogWritten | NodeRunRetried | Outcome]:
    """The events of the turn, the Outcome last. Lets Canceled and LeaseLost through."""
    settled = without_running(turn)
    if settled is not None:
        yield settled
        return
    key = cache_key(turn, ports)
    kept = None if key is None or ports.results is None else ports.results.get(key)
    if kept is not None:
        now = ports.clock.now()
        text = result_cache.age_text(kept.made_at, now)
        yield LogWritten(turn.node.name, turn.run_index, now, "info", text)
        yield replace(with_data_anyway(turn, kept.outputs), origin="cache")
        return
    if turn.node.node.retry_on_fail:
        yield from tried(turn, ports, run_deadline, key)
        return
    result = one_try(turn, ports)
    yield from turn.logs
    keep_result(turn, ports, key, result)
    yield settle(turn, result)


def cache_key(turn: Turn, ports: Ports) -> str | None:
    """The key of this turn's result, where the node asks for it to be kept."""
    if ports.results is None or turn.resume is not None or not result_cache.time_to_live_s(turn.node):
        return None
    limit = 1 if turn.node.node.execute_once else None
    inputs = [items[:limit] for items in turn.inputs]
    scope = Scope(turn.plan, turn.node, turn.history, turn.seen_items[:limit], turn.run_index, turn.sources)
    return result_cache.key_of(turn.node, turn.plan.workflow.id, inputs, BatchResolver(scope, ports))


def keep_result(turn: Turn, ports: Ports, key: str | None, result: object) -> None:
    """Only what a turn put out that went well, and that has no state of its own."""
    if key is None or ports.results is None or turn.context:
        return
    if isinstance(result, list) and result_cache.is_good(result):
        ttl_s = result_cache.time_to_live_s(turn.node)
        ports.results.put(key, turn.node.name, paired_by_rule(cast(Outputs, result), turn.inputs), ttl_s)


def tried(
    turn: Turn, ports: Ports, run_deadline: Deadline | None, key: str | None
) -> Iterator[LogWritten | NodeRunRetried | Outcome]:
    """The same for a node that may try again."""
    node = turn.node.node
    tries = max(2, node.max_tries)
    before = copy.deepcopy(turn.context)
    for number in range(1, tries + 1):
        result = one_try(turn, ports)
        yield from turn.logs
        turn.logs.clear()
        error = error_of(result)
        if error is None or number == tries or is_final(error, run_deadline):
            keep_result(turn, ports, key, result)
            yield settle(turn, result)
            return
        delay_s = next_wait_s(node.wait_between_tries_s, number, error)
        refusal = why_not_waited(delay_s, run_deadline)
        if refusal:
            yield LogWritten(turn.node.name, turn.run_index, ports.clock.now(), "warn", refusal)
            yield settle(turn, result)
            return
        yield NodeRunRetried(turn.node.name, turn.run_index, number, ports.clock.now(), error_json(error), delay_s)
        ports.clock.sleep(delay_s)
        turn.context.clear()
        turn.context.update(copy.deepcopy(before))


def without_running(turn: Turn) -> Outcome | None:
    """Turns settled without calling the node type: disabled, pinned, items from outside for a trigger, no input."""
    node = turn.node
    first = turn.inputs[0] if turn.inputs else []
    if node.node.disabled:
        return Outcome(outputs=[first], skipped=True)
    if node.name in turn.plan.pinned:
        outputs = paired_by_rule([list(turn.plan.pinned[node.name])], turn.inputs)
        return replace(with_data_anyway(turn, outputs), origin="pinned")
    if turn.resume is not None and turn.resume.decision in ("happened", "skip"):
        given = first if turn.resume.items is None else turn.resume.items
        return Outcome(outputs=[given], skipped=turn.resume.decision == "skip")
    if (
        node.type is not None
        and node.type.trigger
        and turn.plan.mode != "manual"
        and node.node.type not in CALLED_TRIGGERS
    ):
        return Outcome(outputs=[first])
    if not turn.seen_items:
        return with_data_anyway(turn, None)
    return None


def one_try(turn: Turn, ports: Ports) -> Outputs | Pause | PumpFlixError | None:
    try:
        return redacted(call(turn, within_limits(turn)), ports)
    except PumpFlixError as error:
        return redacted_error(error, ports)
    except Paused as paused:
        return Pause("workflow", paused.resume_at)
    except Exception as error:  # a node's defect must end its own run only
        logger.exception("Node type %s failed unexpectedly", turn.node.node.type)
        return redacted_error(
            UnexpectedError(
                f"{turn.node.name} failed in a way it should not: {type(error).__name__}: {error}",
                hint="This is a defect of the node, not of your workflow. It has been reported.",
            ),
            ports,
        )


def redacted(result: Outputs | Pause | None, ports: Ports) -> Outputs | Pause | None:
    """What the node made, without any secret that it was given. Items that hold none stay the objects they are."""
    if not ports.redact or not isinstance(result, list):
        return result
    return [[redacted_item(item, ports.redact) for item in items] for items in result]


def redacted_item(item: Item, redact: Redact) -> Item:
    json, error = redact(item.json), redact(item.error)
    return item if json is item.json and error is item.error else replace(item, json=json, error=error)


def redacted_error(error: PumpFlixError, ports: Ports) -> PumpFlixError:
    if ports.redact:
        error.message, error.hint = ports.redact(error.message), ports.redact(error.hint)
        error.data = ports.redact(error.data)
    return error


def within_limits(turn: Turn) -> Ports:
    limit_s, ports = own_setting(turn.node, "timeoutS"), turn.limited
    if isinstance(limit_s, int | float) and limit_s > 0:
        ports = bounded(ports, Deadline.after(ports.clock, float(limit_s), turn.node.name))
    return ports


def own_setting(node: CompiledNode, name: str) -> Any:
    """A setting n8n does not have: `timeoutS`, `onCrash`, `cacheS`."""
    return node.own_settings.get(name)


def call(turn: Turn, ports: Ports) -> Outputs | Pause | None:
    """Let the node type do its work. Raises whatever it raises."""
    node_type = turn.node.type
    if node_type is None:
        raise UserError(
            f"{turn.node.name} is of type '{turn.node.node.type}', which is not available here.",
            code="node_type_unknown",
            hint="Replace the node, disable it, or remove it. Its settings are kept.",
        )
    if node_type.needs_permission and not ports.permits(node_type.name):
        raise UserError(
            f"{turn.node.name} is of type '{node_type.label}', which is switched off here.",
            code="node_type_switched_off",
            hint=f"An administrator can switch it on: '{short_name(node_type.name)}' in PUMPFLIX_RISKY_NODES.",
        )
    limit = 1 if turn.node.node.execute_once else None
    inputs = [items[:limit] for items in turn.inputs]
    while len(inputs) < turn.node.input_count:
        inputs.append([])
    seen = turn.seen_items[:limit] if limit else turn.seen_items
    scope = Scope(turn.plan, turn.node, turn.history, seen, turn.run_index, turn.sources, clock=ports.clock)

    def log(level: LogLevel, text: str, item: int | None) -> None:
        said = ports.redact(text) if ports.redact else text
        turn.logs.append(LogWritten(turn.node.name, turn.run_index, ports.clock.now(), level, said, item))

    run = NodeRun(
        node=turn.node.node,
        workflow=turn.plan.workflow,
        run_index=turn.run_index,
        inputs=inputs,
        model=node_type.Params,
        resolver=BatchResolver(scope, ports),
        ports=ports,
        log=log,
        mode=turn.plan.mode,
        execution_id=turn.plan.execution_id,
        timezone=turn.plan.zone,
        context=turn.context,
        resumed_with=turn.resume.items if turn.resume else None,
        is_resumed=turn.resume is not None,
        is_first_start=turn.node.name == turn.plan.start and turn.run_index == 0,
        earlier=lambda run_index: earlier_input(turn, run_index),
        known_labels=turn.history.labels,
    )
    turn.sources = turn.sources[: len(turn.inputs)]
    outputs = node_type.execute(run)
    turn.hints = run.hints
    if isinstance(outputs, list):
        refuse_too_many_items(sum(map(len, outputs)))
    return outputs


def short_name(type_name: str) -> str:
    """`executeCommand`, without the package."""
    return type_name.rpartition(".")[2]


def earlier_input(turn: Turn, run_index: int) -> tuple[Items, int]:
    """Items of an earlier turn's input 0. Their source becomes one more source of this turn, so that items put out
    again can be followed back past the loop."""
    data = turn.history.run(turn.node.name, run_index)
    source = data.sources[0] if data is not None and data.sources else None
    if source is None:
        return (turn.plan.items if turn.node.name == turn.plan.start and run_index == 0 else []), 0
    fed_by = turn.history.run(source.node, source.run_index)
    missing = (None,) * (len(turn.inputs) - len(turn.sources))
    turn.sources = (*turn.sources, *missing, source)
    return fed_by.output(source.output) if fed_by is not None else [], len(turn.sources) - 1


def error_of(result: Outputs | Pause | PumpFlixError | None) -> PumpFlixError | JsonObject | None:
    """The failure in a result: raised, or marked on the first item of a node that continues on error."""
    if isinstance(result, PumpFlixError):
        return result
    if isinstance(result, list) and result and result[0]:
        return result[0][0].error
    return None


def error_json(error: PumpFlixError | JsonObject) -> JsonObject:
    return error.to_json() if isinstance(error, PumpFlixError) else error


# what becomes of the result -------------------------------------------------------------------------------------------
def settle(turn: Turn, result: Outputs | Pause | PumpFlixError | None) -> Outcome:
    if isinstance(result, Pause):
        return Outcome(pause=result)
    if isinstance(result, PumpFlixError):
        return settle_error(turn, result)
    if result is None:
        return with_data_anyway(turn, None)
    outputs = paired_by_rule(result, turn.inputs)
    if turn.node.node.on_error == "continueErrorOutput":
        outputs = with_error_output(turn, outputs)
    if any_error(outputs):
        outputs = [[shown_error(item) for item in items] for items in outputs]
    return with_data_anyway(turn, outputs)


def settle_error(turn: Turn, error: PumpFlixError) -> Outcome:
    """`continueRegularOutput` passes the input on; `continueErrorOutput` sends it with the error to the last output."""
    policy = turn.node.node.on_error
    if policy == "stopWorkflow":
        return Outcome(error=error.to_json(), failed=True)
    first = turn.inputs[0] if turn.inputs else []
    if policy == "continueRegularOutput":
        return replace(with_data_anyway(turn, [first]), error=error.to_json())
    outputs: Outputs = [[] for _ in range(turn.node.output_count)]
    outputs[-1] = [Item({**item.json, "error": error.message}, item.binary, item.paired) for item in first]
    return replace(with_data_anyway(turn, outputs), error=error.to_json())


def with_error_output(turn: Turn, outputs: Outputs) -> Outputs:
    """Failed items leave their output for the last one, with the fields of the item they came from."""
    count = turn.node.output_count
    kept: Outputs = [[] for _ in range(count)]
    for index, items in enumerate(outputs[: count - 1]):
        for item in items:
            if has_failed(item):
                kept[-1].append(Item({**source_json(turn, item), **shown_error(item).json}, item.binary, item.paired))
            else:
                kept[index].append(item)
    return kept


def has_failed(item: Item) -> bool:
    """Marked by the engine, or in the shape older nodes give their errors: `{error}` or `{error, message}`."""
    if item.error is not None:
        return True
    return bool(item.json.get("error")) and set(item.json) in ({"error"}, {"error", "message"})


def source_json(turn: Turn, item: Item) -> JsonObject:
    pair = item.paired[0] if item.paired else None
    if pair is None or pair.input >= len(turn.inputs) or pair.item >= len(turn.inputs[pair.input]):
        return {}
    return turn.inputs[pair.input][pair.item].json


def any_error(outputs: Outputs) -> bool:
    for items in outputs:
        for item in items:
            if item.error is not None:
                return True
    return False


def shown_error(item: Item) -> Item:
    """An item marked as failed shows its error in its data."""
    if item.error is None or "error" in item.json:
        return item
    return replace(item, json={"error": item.error.get("message", "")})


def with_data_anyway(turn: Turn, outputs: Outputs | None) -> Outcome:
    """`alwaysOutputData`: one empty item, paired with every input item, where the first output is empty."""
    if not turn.node.node.always_output_data or (outputs and outputs[0]):
        return Outcome(outputs=outputs)
    pairs = tuple(PairedItem(i, number) for number, items in enumerate(turn.inputs) for i in range(len(items)))
    return Outcome(outputs=[[Item(json={}, paired=pairs)], *(outputs or [[]])[1:]])
