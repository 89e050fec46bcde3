"""HTML, versions 1 to 1.2."""

from typing import Any

import re2

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items, JsonObject, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.transform.html.params import HtmlOptions, HtmlParams
from workflows_app.toolkit import describe, paths
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.documents import ask
from workflows_app.toolkit.files import decode
from workflows_app.toolkit.js_text import js_text
from workflows_app.toolkit.tables import columns_of

BLOCK = re2.compile(r"(?s)\{\{.*?\}\}")
LINE = "border-bottom:1px solid #eee"
SPACED = f"margin:0; padding:7px 20px 7px 0px; {LINE}"
STYLE = {
    "table": "style='border-spacing:0; font-family:helvetica,arial,sans-serif'",
    "head": f"style='{SPACED}; text-align:left; color:#888; font-weight:normal'",
    "cell": f"style='{SPACED}'",
}
PLAIN = {"table": "", "head": "", "cell": ""}


@register
class Html(NodeType[HtmlParams]):
    """Fill in an HTML page, pick values out of one, or make a table of all items."""

    name = "n8n-nodes-base.html"
    label = "HTML"
    group = "transform"
    icon = "n-html"
    versions = (1, 1.1, 1.2)
    Params = HtmlParams

    def describe(self, node: Node) -> str:
        return describe.html(node)

    def execute(self, run: NodeRun[HtmlParams]) -> Outputs:
        params = run.params
        if params.operation == "convertToHtmlTable":
            pairs = tuple(PairedItem(index) for index in range(len(run.items)))
            return [[Item(json={"table": table(run.items, params.options)}, paired=pairs)]]
        if params.operation == "generateHtmlTemplate":
            return [run.map(lambda _item, own, index: {"html": filled_in(run, own, index)})]
        return [run.map(lambda item, own, _index: extracted(run, item, own))]


def filled_in(run: NodeRun[HtmlParams], params: HtmlParams, index: int) -> str:
    """The page with its expressions resolved. A page is stored without the mark that makes other parameters
    expressions, so what is resolved here is the stored text, never a text that came out of data."""
    stored = run.node.parameters.get("html")
    if not isinstance(stored, str) or stored.startswith("=") or "{{" not in stored:
        return params.html
    return str(BLOCK.sub(lambda found: block_text(run, found[0], index), stored))


def block_text(run: NodeRun[HtmlParams], block: str, index: int) -> str:
    """The value of one expression as JavaScript writes it, `undefined` where there is none."""
    value = run.resolver.resolve_value(f"={block}", index)
    if value is not None:
        return js_text(value)
    kind = run.resolver.resolve_value(f"={{{{ typeof ({block[2:-2].strip()}) }}}}", index)
    return "undefined" if kind == "undefined" else "null"


def extracted(run: NodeRun[Any], item: Item, params: HtmlParams) -> list[Item]:
    """An item per page, with a field per value that was found."""
    rows = params.extraction_values.values
    call = {
        "pages": sources(run, item, params),
        "rows": [row.model_dump(by_alias=True) for row in rows],
        "options": params.options.model_dump(by_alias=True, include={"trim_values", "clean_up_text"}),
        "version": run.node.type_version if run.node.type == Html.name else 0,
    }
    pages, _ = ask(run, "html", call)
    return [
        Item(json={row.key: value for row, value in zip(rows, page, strict=True) if value is not None})
        for page in pages
    ]


def sources(run: NodeRun[Any], item: Item, params: HtmlParams) -> list[str]:
    name = params.data_property_name
    if params.source_data == "binary":
        return [decode(run.get_file(item, name)[1])]
    is_path = run.node.type != Html.name or run.node.type_version > 1
    value = paths.read(item.json, name, None) if is_path else item.json.get(name)
    if value is None:
        raise ParameterError(f"There is no field '{name}'.", hint="Enter the field that holds the page.")
    return [to_text(entry) for entry in value] if isinstance(value, list) else [to_text(value)]


def table(items: Items, options: HtmlOptions) -> str:
    """A row per item. Values and attributes go into it as they are, as in n8n: escape what is not yours."""
    columns = columns_of([item.json for item in items])
    style = PLAIN if options.custom_styling else STYLE
    cell = f"<td {style['cell']} {options.cell_attributes}>"
    heads = "".join(f"<th>{titled(name, options)}</th>" for name in columns)
    body = "".join(
        f"<tr  {options.row_attributes}>{''.join(f'{cell}{cell_text(item.json, name)}</td>' for name in columns)}</tr>"
        for item in items
    )
    caption = f"<caption>{options.caption}</caption>" if options.caption else ""
    return (
        f"<table {style['table']} {options.table_attributes}>{caption}"
        f"<thead {style['head']} {options.header_attributes}><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def cell_text(json: JsonObject, name: str) -> str:
    if name not in json:
        return "undefined"
    value = json[name]
    if isinstance(value, bool):
        return '<input type="checkbox" checked="checked"/>' if value else '<input type="checkbox" />'
    return js_text(value)


def titled(name: str, options: HtmlOptions) -> str:
    return name[:1].upper() + name[1:] if options.capitalize else name
