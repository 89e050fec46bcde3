"""Requests of many items under way at once: what goes out is made in the node's own thread and in order, so is what
comes of the answers; only the waiting is shared out."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any, TypeVar

from workflows_app.engine.errors import PumpFlixError
from workflows_app.engine.items import Item, Items, JsonObject
from workflows_app.engine.node_type import NodeRun, P, paired

T = TypeVar("T")
Prepare = Callable[[Item, P, int], Callable[[], T]]
Collect = Callable[[T, int], Item | JsonObject | list[Item] | None]
Failed = Callable[[PumpFlixError, int], Item]

AHEAD = 4


def map_side_by_side(
    run: NodeRun[P], prepare: "Prepare[P, T]", collect: "Collect[T]", failed: Failed, *, resolving: Any
) -> Items:  # fmt: skip
    """As `run.map`, with the calls that `prepare` gives made a few at a time. `resolving` is a lock, held while
    parameters are read: a resolver serves one thread. After a failure that stops the node nothing more is sent."""
    out: Items = []
    for index, outcome in enumerate(outcomes(run, prepare, resolving)):
        try:
            made = collect(outcome(), index)
        except PumpFlixError as error:
            if not run.continues_on_error:
                error.data.setdefault("itemIndex", index)
                raise
            made = failed(error, index)
        out.extend(paired(made, index))
    return out


def outcomes(run: NodeRun[P], prepare: "Prepare[P, T]", resolving: Any) -> Iterator[Callable[[], T]]:
    """For every item in order, what gives its answer or raises what went wrong with it."""

    def call_of(index: int) -> Callable[[], T]:
        try:
            with resolving:
                params = run.params_for(index)
            return prepare(run.items[index], params, index)
        except PumpFlixError as error:
            return raising(error)

    width = min(run.http_width, len(run.items))
    if width <= 1:
        yield from (call_of(index) for index in range(len(run.items)))
        return
    waiting: deque[Future[T]] = deque()
    executor = ThreadPoolExecutor(width, thread_name_prefix="node-requests")
    try:
        for index in count():
            while waiting and (index >= len(run.items) or len(waiting) >= width * AHEAD):
                yield waiting.popleft().result
            if index >= len(run.items):
                return
            waiting.append(executor.submit(call_of(index)))
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def raising(error: PumpFlixError) -> Callable[[], Any]:
    def call() -> Any:
        raise error

    return call
