"""Read PDF: the text of a document."""

from pydantic import Field

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.fields import Flag, Text
from workflows_app.toolkit.pdf_text import read_pdf


class ReadPdfParams(Params):
    binary_property_name: Text = Field("data", title="File field", description="Field of the item that holds the PDF.")
    encrypted: Flag = Field(False, title="Encrypted", description="The PDF opens with a password only.")
    password: Text = Field(
        "",
        title="Password",
        description="Password to open the PDF with.",
        json_schema_extra=ui(widget="password", visible_when={"encrypted": [True]}),
    )


@register
class ReadPdf(NodeType[ReadPdfParams]):
    """Read the text of a PDF, with its title and other facts."""

    name = "n8n-nodes-base.readPDF"
    label = "Read PDF"
    group = "files"
    icon = "n-file"
    silhouette = "keep"
    Params = ReadPdfParams

    def execute(self, run: NodeRun[ReadPdfParams]) -> Outputs:
        def work(item: Item, params: ReadPdfParams, _index: int) -> Item:
            data = run.get_file(item, params.binary_property_name or "data")[1]
            password = params.password if params.encrypted else ""
            return Item(json=read_pdf(run, data, password=password), binary=dict(item.binary))

        return [run.map(work)]
