"""HTML Extract: the older node type that only picked values out of pages."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.transform.html.node import extracted
from workflows_app.nodes.transform.html.params import HtmlExtractions, HtmlOptions, HtmlParams
from workflows_app.toolkit import describe
from workflows_app.toolkit.fields import AsGroup, Text


class HtmlExtractParams(Params):
    source_data: Literal["json", "binary"] = Field(
        "json", title="Page is in", description="A field of the item, or a file.",
        json_schema_extra=ui(labels=["A field", "A file"]),
    )  # fmt: skip
    data_property_name: Text = Field("data", title="Field", description="Field or file that holds the page.")
    extraction_values: Annotated[HtmlExtractions, AsGroup] = Field(
        default_factory=lambda: HtmlExtractions.model_validate({}), title="Values", description="What to pick out."
    )
    options: Annotated[HtmlOptions, AsGroup] = Field(
        default_factory=lambda: HtmlOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class HtmlExtract(NodeType[HtmlExtractParams]):
    """Pick values out of an HTML page (replaced by HTML)."""

    name = "n8n-nodes-base.htmlExtract"
    label = "HTML extract"
    group = "transform"
    icon = "n-html"
    Params = HtmlExtractParams

    def describe(self, node: Node) -> str:
        return describe.html(node.replace(parameters={**node.parameters, "operation": "extractHtmlContent"}))

    def execute(self, run: NodeRun[HtmlExtractParams]) -> Outputs:
        return [run.map(lambda item, own, _: extracted(run, item, HtmlParams.model_validate(own.model_dump())))]
