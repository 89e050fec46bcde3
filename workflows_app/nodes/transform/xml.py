"""XML: documents to fields and fields to documents."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, JsonObject
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.toolkit.compare import plain, to_text
from workflows_app.toolkit.documents import ask
from workflows_app.toolkit.fields import AsGroup, Flag, Text

READING = {
    "attrkey", "charkey", "explicit_array", "explicit_root", "ignore_attrs", "merge_attrs", "normalize",
    "normalize_tags", "trim",
}  # fmt: skip
WRITING = {"attrkey", "charkey", "root_name", "cdata", "headless", "allow_surrogate_chars"}


class XmlOptions(Params):
    attrkey: Text = Field("$", title="Attributes", description="Field that holds attributes, where not merged.")
    charkey: Text = Field("_", title="Text", description="Field that holds text beside attributes or children.")
    explicit_array: Flag = Field(False, title="Always lists", description="Make a list of every child.")
    explicit_root: Flag = Field(True, title="Keep the root", description="Keep the name of the outermost element.")
    ignore_attrs: Flag = Field(False, title="Drop attributes", description="Leave attributes out.")
    merge_attrs: Flag = Field(True, title="Merge attributes", description="Make attributes fields like children.")
    normalize: Flag = Field(False, title="Single spaces", description="Make one space of several.")
    normalize_tags: Flag = Field(False, title="Lower case", description="Write names of elements in lower case.")
    trim: Flag = Field(False, title="Trim", description="Cut spaces around texts.")
    root_name: Text = Field("root", title="Root", description="Name of the outermost element.")
    cdata: Flag = Field(False, title="CDATA", description="Wrap texts with signs of XML instead of escaping them.")
    headless: Flag = Field(False, title="No first line", description="Leave the XML declaration out.")
    allow_surrogate_chars: Flag = Field(False, title="All characters", description="Characters beyond U+FFFF stay.")


class XmlParams(Params):
    mode: Literal["xmlToJson", "jsonToxml"] = Field(
        "xmlToJson",
        title="Convert",
        description="A document to fields, or fields to a document.",
        json_schema_extra=ui(labels=["XML to fields", "Fields to XML"]),
    )
    data_property_name: Text = Field(
        "data", title="Field", description="Field that holds the document, or that it is written to."
    )
    options: Annotated[XmlOptions, AsGroup] = Field(
        default_factory=lambda: XmlOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Xml(NodeType[XmlParams]):
    """Turn XML into fields or fields into XML."""

    name = "n8n-nodes-base.xml"
    label = "XML"
    group = "transform"
    icon = "n-xml"
    Params = XmlParams

    def execute(self, run: NodeRun[XmlParams]) -> Outputs:
        def work(item: Item, params: XmlParams, _: int) -> JsonObject:
            return document(run, item, params) if params.mode == "jsonToxml" else fields(run, item, params)

        return [run.map(work)]


def fields(run: NodeRun[XmlParams], item: Item, params: XmlParams) -> JsonObject:
    name, options = params.data_property_name, params.options
    if item.json.get(name) is None:
        raise ParameterError(f"This item has no field '{name}'.", hint="Enter the name of the field with the XML.")
    given = options.model_dump(by_alias=True, include=READING)
    value, _ = ask(run, "xml", {"text": to_text(item.json[name]), "options": given})
    return value if isinstance(value, dict) else {name: value}


def document(run: NodeRun[XmlParams], item: Item, params: XmlParams) -> JsonObject:
    given = params.options.model_dump(by_alias=True, include=WRITING)
    return {params.data_property_name: ask(run, "xml", {"value": plain(item.json), "options": given})[0]}
