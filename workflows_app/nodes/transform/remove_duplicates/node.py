"""Remove Duplicates: keep the first of items that are the same, in one run or over many."""

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs, failed_item
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.transform.remove_duplicates import earlier_runs, this_run
from workflows_app.nodes.transform.remove_duplicates.params import EARLIER, RemoveDuplicatesParams
from workflows_app.toolkit import describe


@register
class RemoveDuplicates(NodeType[RemoveDuplicatesParams]):
    """Keep the first of items that are the same, drop the others."""

    name = "n8n-nodes-base.removeDuplicates"
    label = "Remove duplicates"
    group = "transform"
    icon = "n-dedupe"
    versions = (1, 1.1, 2)
    Params = RemoveDuplicatesParams

    def describe(self, node: Node) -> str:
        return describe.remove_duplicates(node)

    def execute(self, run: NodeRun[RemoveDuplicatesParams]) -> Outputs:
        """Compared with earlier runs there are two outputs: what is new, and what was seen before."""
        params = run.params
        if params.operation == EARLIER:
            return earlier_runs.kept_and_discarded(run)
        if params.operation == "clearDeduplicationHistory":
            earlier_runs.forget(run)
            return [run.items]
        try:
            return [this_run.unique(run.items, params, run.node.type_version)]
        except ParameterError as error:
            if run.node.type_version < 2 or not run.continues_on_error:
                raise
            return [[failed_item(error, 0)]]

    def output_names(self, node: Node) -> tuple[str, ...]:
        return ("kept", "discarded") if node.parameters.get("operation") == EARLIER else self.outputs
