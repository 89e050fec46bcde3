"""Comparing with the items of earlier runs: values seen before, numbers and dates that were passed."""

from collections.abc import Callable
from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Outputs
from workflows_app.engine.node_type import NodeRun
from workflows_app.engine.ports import SeenAnswer
from workflows_app.nodes.transform.remove_duplicates.params import RemoveDuplicatesParams
from workflows_app.toolkit.compare import is_nan, to_number, to_text
from workflows_app.toolkit.dates import parse_date, zone_named

Run = NodeRun[RemoveDuplicatesParams]
FULL_FROM = 0.5


def kept_and_discarded(run: Run) -> Outputs:
    """New items, then the others, in the order of the input. Items of this run that share a new value are all new."""
    params = run.params
    site, scope = run.site(), scope_of(run)
    if params.logic == "removeItemsWithAlreadySeenKeyValues":
        keys = [to_text(one.dedupe_value) for _, one in run.each()]
        limit = params.options.history_size
        if len(set(keys)) > limit:
            raise ParameterError(
                f"These are {len(set(keys))} values, and only {limit} are remembered.",
                hint="Raise the number of values to remember, or work on fewer items at a time.",
            )
        answer = run.seen.values(site, scope, keys, limit=limit)
        warn_when_full(run, answer, limit)
    elif params.logic == "removeItemsUpToStoredIncrementalKey":
        answer = run.seen.latest(site, scope, "number", read_each(run, number_of))
    else:
        answer = run.seen.latest(site, scope, "date", read_each(run, seconds_of))
    return split(run.items, answer)


def forget(run: Run) -> None:
    run.seen.clear(run.site(), scope_of(run))


def scope_of(run: Run) -> str:
    return "workflow" if run.params.options.scope == "workflow" else f"node:{run.node.name}"


def split(items: list[Item], answer: SeenAnswer) -> Outputs:
    outputs: Outputs = [[], []]
    for item, is_new in zip(items, answer.is_new, strict=True):
        outputs[0 if is_new else 1].append(item)
    return outputs


def read_each(run: Run, read: Callable[[Run, RemoveDuplicatesParams], float]) -> list[float]:
    found = []
    for index, (_, params) in enumerate(run.each()):
        try:
            found.append(read(run, params))
        except ParameterError as error:
            error.data.setdefault("itemIndex", index)
            raise
    return found


def number_of(_: Run, params: RemoveDuplicatesParams) -> float:
    value = params.incremental_dedupe_value
    number = to_number(value)
    if is_nan(number) or value is None or value == "" or isinstance(value, bool):
        raise ParameterError(
            f"The value {shown(value)} is not a number.", hint="Choose a field that holds a number in every item."
        )
    return number


def seconds_of(run: Run, params: RemoveDuplicatesParams) -> float:
    value = params.date_dedupe_value
    moment = parse_date(value, zone_named(run.timezone))
    if moment is None:
        raise ParameterError(
            f"The value {shown(value)} is not a date.", hint="Choose a field that holds a date in every item."
        )
    return moment.timestamp()


def shown(value: Any) -> str:
    return f"'{to_text(value)[:60]}'"


def warn_when_full(run: Run, answer: SeenAnswer, limit: int) -> None:
    if answer.kept > limit * FULL_FROM:
        run.hints.append(
            f"{answer.kept} of {limit} values are remembered. The oldest are forgotten beyond that, and then count as "
            "new again."
        )
