"""Paired items: which item came from which. `renumbered` and `paired_by_rule` keep the links while a run goes on,
`Walk` follows them back from an item to the node an expression names."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workflows_app.engine.errors import ExpressionError
from workflows_app.engine.events import Source
from workflows_app.engine.history import History
from workflows_app.engine.items import Item, Items, Outputs, PairedItem

_MOST_KEPT = 2**17
_kept: list[tuple[PairedItem, ...]] = []
_growing = threading.Lock()


def pair(index: int, input_index: int = 0) -> tuple[PairedItem, ...]:
    """The link to one place. For input 0 it is the same object every time, so equal links are told by identity."""
    if input_index == 0 and index < _MOST_KEPT:
        return _kept[index] if index < len(_kept) else _grown(index)
    return (PairedItem(index, input_index),)


def _grown(index: int) -> tuple[PairedItem, ...]:
    with _growing:
        _kept.extend((PairedItem(place),) for place in range(len(_kept), max(2 * len(_kept), index + 1, 256)))
    return _kept[index]


def renumbered(items: Items, input_index: int) -> Items:
    """The same items, each paired with its own place in this input, so that what a node passes on is linked to what it
    received. An item whose link already says so is not copied."""
    links = links_to(len(items)) if input_index == 0 else [pair(index, input_index) for index in range(len(items))]
    return [
        item if item.paired is link and item.error is None else Item(item.json, item.binary, link)
        for item, link in zip(items, links, strict=False)
    ]


def links_to(count: int) -> Sequence[tuple[PairedItem, ...]]:
    """The links to that many places of input 0, and maybe to more: all that are kept, without a copy."""
    if count <= len(_kept):
        return _kept
    return [pair(index) for index in range(count)]


def paired_by_rule(outputs: Outputs, inputs: Sequence[Items | None]) -> Outputs:
    """Fill in missing links where they are certain: one input item, or one output with as many items as the input."""
    if len(inputs) != 1 or inputs[0] is None:
        return outputs
    received = len(inputs[0])
    is_single = received == 1
    if not is_single and not (len(outputs) == 1 and len(outputs[0]) == received):
        return outputs
    if is_linked(outputs):
        return outputs
    return [
        [
            item if item.paired is not None else linked(item, 0 if is_single else index)
            for index, item in enumerate(items)
        ]
        for items in outputs
    ]


def is_linked(outputs: Outputs) -> bool:
    for items in outputs:
        for item in items:
            if item.paired is None:
                return False
    return True


def linked(item: Item, index: int) -> Item:
    """A copy of the item that says it came from that place of input 0."""
    return Item(item.json, item.binary, pair(index), item.error)


@dataclass(frozen=True, slots=True)
class Link:
    """A step still to take: from an item of `node`, whose inputs came from `sources`, along `pair`."""

    node: str
    sources: Sequence[Source | None]
    pair: PairedItem


class Walk:
    """Ways back from the items of one node run. `sources` says where each of its inputs came from."""

    def __init__(self, history: History, node: str, items: Items, sources: Sequence[Source | None]) -> None:
        self._history = history
        self._node = node
        self._items = items
        self._sources = sources

    def item(self, target: str, item: int) -> Item:
        source, index = self.find(target, item)
        found = self._history.item(source, index)
        assert found is not None
        return found

    def find(self, target: str, item: int) -> tuple[Source, int]:
        """Where in `target` the item came from: the run and output, and the place there. Every link of an item that has
        several is followed; they must lead to one and the same item. Raises ExpressionError naming the node that broke
        the chain."""
        if target not in self._history:
            raise broken("not_executed", target, self._node, item)
        pairs = self._items[item].paired if item < len(self._items) else pair(item)
        straight = self._straight(target, pairs or ())
        if straight is not None:
            return straight
        links = [Link(self._node, self._sources, one) for one in reversed(pairs or ())]
        trouble: ExpressionError | None = None
        found: set[tuple[Source, int]] = set()
        seen: set[tuple[Source, int]] = set()
        while links:
            link = links.pop()
            place = self._place(link, target, item)
            if isinstance(place, ExpressionError):
                trouble = trouble or place
            elif place[0].node == target:
                found.add(place)
                if len(found) > 1:
                    raise broken("several", target, self._node, item)
            elif place not in seen:
                seen.add(place)
                more = self._links(place)
                links.extend(more)
                if not more:
                    trouble = trouble or broken("no_info", target, place[0].node, item)
        if found:
            return found.pop()
        raise trouble or broken("no_info", target, self._node, item)

    def _straight(self, target: str, pairs: tuple[PairedItem, ...]) -> tuple[Source, int] | None:
        """The common case, item by item: one link each, all the way. None where it is not as simple as that."""
        sources = self._sources
        while len(pairs) == 1:
            link = pairs[0]
            source = sources[link.input] if link.input < len(sources) else None
            run = self._history.run(source.node, source.run_index) if source is not None else None
            if source is None or run is None:
                return None
            items = run.output(source.output)
            if link.item >= len(items):
                return None
            if source.node == target:
                return source, link.item
            pairs, sources = items[link.item].paired or (), run.sources
        return None

    def _place(self, link: Link, target: str, item: int) -> tuple[Source, int] | ExpressionError:
        """The item a link points to."""
        if not link.sources:
            return broken("no_connection", target, link.node, item)
        source = link.sources[link.pair.input] if link.pair.input < len(link.sources) else None
        if source is None:
            return broken("no_info", target, link.node, item)
        if self._history.item(source, link.pair.item) is None:
            return broken("no_item", target, source.node, item)
        return source, link.pair.item

    def _links(self, place: tuple[Source, int]) -> list[Link]:
        source, index = place
        run = self._history.run(source.node, source.run_index)
        item = self._history.item(source, index)
        if run is None or item is None:
            return []
        return [Link(source.node, run.sources, one) for one in reversed(item.paired or ())]


MESSAGES: dict[str, tuple[str, str, str]] = {
    "not_executed": (
        "no_execution_data",
        "Node '{target}' hasn't been executed",
        "An expression reads '{target}', which has not run yet. Check that it is connected and runs before this node.",
    ),
    "no_info": (
        "paired_item_no_info",
        (
            "Paired item data for item from node '{node}' is unavailable. "
            "Ensure '{node}' is providing the required output."
        ),
        (
            "Node '{node}' does not say which input item its items came from, so the way back to '{target}' ends "
            "there. Use .first(), .last() or .all() instead of .item."
        ),
    ),
    "no_item": (
        "paired_item_invalid_info",
        "Can't get data for expression: an item of node '{node}' is linked to an item that does not exist.",
        "The link from '{node}' leads to an item it did not put out. Check how '{node}' sets pairedItem.",
    ),
    "no_connection": (
        "paired_item_no_connection",
        "Invalid expression: there is no path back to node '{target}'.",
        "The chain of items ends at '{node}'. Wire '{target}' in front of this node, directly or through others.",
    ),
    "several": (
        "paired_item_multiple_matches",
        "Invalid expression: several items of node '{target}' match.",
        (
            "The item of '{node}' came from more than one item of '{target}', so '.item' is not clear. "
            "Use .first(), .last() or .all()[index]."
        ),
    ),
}


def broken(reason: str, target: str, node: str, item: int) -> ExpressionError:
    code, message, hint = MESSAGES[reason]
    names = {"target": target, "node": node}
    data: dict[str, Any] = {"type": code, "nodeCause": node}
    return ExpressionError(message.format(**names), item=item, hint=hint.format(**names), **data)
