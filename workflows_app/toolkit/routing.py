"""Sending items to one or several of a node's outputs."""

from collections.abc import Callable, Sequence
from typing import Any

from workflows_app.engine.errors import ParameterError, PumpFlixError
from workflows_app.engine.items import Items
from workflows_app.engine.node_type import NodeRun, Outputs, failed_item
from workflows_app.toolkit.compare import to_number


def routed(run: NodeRun[Any], count: int, choose: Callable[[int], Sequence[int]]) -> Outputs:
    """Each item at the outputs, of `count`, that `choose(index)` names. Where the node continues on error, an item
    that cannot be judged becomes its error at the first output."""
    outputs: list[Items] = [[] for _ in range(count)]
    for index, item in enumerate(run.items):
        try:
            chosen = [output_number(number, count) for number in choose(index)]
        except PumpFlixError as error:
            error.data.setdefault("itemIndex", index)
            if not run.continues_on_error:
                raise
            outputs[0].append(failed_item(error, index))
            continue
        for number in chosen:
            outputs[number].append(item)
    return outputs


def output_number(value: Any, count: int) -> int:
    """The output a value names. Raises ParameterError where there is none of that number."""
    number = to_number(value) if value is not None else -1
    if number not in range(count):
        shown = "without a number" if value is None else f"{value!s:.40}"
        raise ParameterError(f"There is no output {shown}.", hint=f"The outputs of this node are 0 to {count - 1}.")
    return int(number)
