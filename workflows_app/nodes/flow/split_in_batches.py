"""Split in Batches (Loop over Items): hand on a few items at a time, come back for more."""

from math import ceil
from typing import Annotated

from pydantic import Field

from workflows_app.engine.items import Items, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import describe
from workflows_app.toolkit.fields import AsGroup, Flag, Whole


class SplitInBatchesOptions(Params):
    reset: Flag = Field(False, title="Start over", description="Begin again with the items that come in now.")


class SplitInBatchesParams(Params):
    batch_size: Whole = Field(1, ge=1, title="Batch size", description="How many items each turn of the loop gets.")
    options: Annotated[SplitInBatchesOptions, AsGroup] = Field(
        default_factory=lambda: SplitInBatchesOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class SplitInBatches(NodeType[SplitInBatchesParams]):
    """Loop: hand on a few items at a time until all are done, then hand on what came back."""

    name = "n8n-nodes-base.splitInBatches"
    label = "Loop over items"
    group = "flow"
    icon = "n-loop"
    versions = (1, 2, 3)
    outputs = ("done", "loop")
    Params = SplitInBatchesParams

    def describe(self, node: Node) -> str:
        return describe.loop(node)

    def execute(self, run: NodeRun[SplitInBatchesParams]) -> Outputs | None:
        batch = next_batch(run, run.params)
        run.context["noItemsLeft"] = run.context["cursor"] >= run.context["count"]
        run.context["done"] = not batch
        version = run.node.type_version
        if version < 2:
            return [batch] if batch else None
        done = [] if batch else came_back(run)
        return [batch, done] if version < 3 else [done, batch]

    def output_names(self, node: Node) -> tuple[str, ...]:
        if node.type_version < 2:
            return ("main",)
        return ("loop", "done") if node.type_version < 3 else self.outputs


def next_batch(run: NodeRun[SplitInBatchesParams], params: SplitInBatchesParams) -> Items:
    """The next items of those that came in when the loop began. The context keeps where it began and how far it is,
    never the items: they are read again from the turn that brought them."""
    context, size = run.context, params.batch_size
    if "first" not in context or params.options.reset:
        context.clear()
        context.update(first=run.run_index, cursor=0, count=len(run.items), currentRunIndex=0)
        context["maxRunIndex"] = ceil(len(run.items) / size)
        batch = run.items[:size]
        context["cursor"] = len(batch)
        return batch
    context["currentRunIndex"] += 1
    start = context["cursor"]
    if start >= context["count"]:
        return []
    items, number = run.earlier_input(context["first"])
    batch = [
        item.with_pair(PairedItem(start + place, number)) for place, item in enumerate(items[start : start + size])
    ]
    context["cursor"] = start + len(batch)
    return batch


def came_back(run: NodeRun[SplitInBatchesParams]) -> Items:
    """Everything the loop brought back, in order: the inputs of all turns after the first, this one included."""
    if run.run_index == run.context["first"]:
        return []
    items: Items = []
    for earlier in range(run.context["first"] + 1, run.run_index):
        part, number = run.earlier_input(earlier)
        items += [item.with_pair(PairedItem(place, number)) for place, item in enumerate(part)]
    return [*items, *run.items]
