"""HTML, versions 1 to 1.2."""

from html import escape
from typing import Any

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Item, Items, JsonObject, PairedItem
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.nodes.transform.html.params import HtmlExtraction, HtmlOptions, HtmlParams
from workflows_app.toolkit import describe, html_pages, paths
from workflows_app.toolkit.compare import to_text
from workflows_app.toolkit.files import decode
from workflows_app.toolkit.tables import columns_of

STYLE = {
    "table": 'style="border-collapse:collapse;font-family:sans-serif"',
    "head": 'style="border:1px solid #999;padding:4px 8px;text-align:left;background:#eee"',
    "cell": 'style="border:1px solid #999;padding:4px 8px"',
}


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
    return to_text(run.resolver.resolve_value(f"={stored}", index))


def extracted(run: NodeRun[Any], item: Item, params: HtmlParams) -> Item:
    """One field per value; a list of pages gives a list per field."""
    pages = [html_pages.read_page(text) for text in sources(run, item, params)]
    out: JsonObject = {}
    for row in params.extraction_values.values:
        found = [
            value for page in pages if (value := pick(page, row, params.options, run.node.type_version)) is not None
        ]
        if found:
            out[row.key] = found if len(pages) > 1 else found[0]
    return Item(json=out)


def sources(run: NodeRun[Any], item: Item, params: HtmlParams) -> list[str]:
    if params.source_data == "binary":
        return [decode(run.get_file(item, params.data_property_name)[1])]
    value = paths.read(item.json, params.data_property_name, None)
    if value is None:
        raise ParameterError(
            f"There is no field '{params.data_property_name}'.", hint="Enter the field that holds the page."
        )
    return [to_text(entry) for entry in value] if isinstance(value, list) else [to_text(value)]


def pick(page: Any, row: HtmlExtraction, options: HtmlOptions, version: float) -> Any:
    """A list, a text, or None where nothing was found."""
    elements = html_pages.select(page, row.css_selector)
    values = [value for element in elements if (value := value_of(element, row, version)) is not None]
    cleaned = [clean(value, options) for value in values]
    if row.return_array:
        return cleaned
    if row.return_value == "text" and version < 1.2:
        return clean("".join(values), options) if values else None
    return cleaned[0] if cleaned else None


def value_of(element: Any, row: HtmlExtraction, version: float) -> str | None:
    if row.return_value == "attribute":
        found = element.get(row.attribute)
        return None if found is None else str(found)
    if row.return_value == "html":
        return html_pages.inner_html(element)
    if row.return_value == "value":
        return form_value(element)
    if version < 1.2:
        return html_pages.plain_text(element)
    return html_pages.visible_text(element, [part.strip() for part in row.skip_selectors.split(",") if part.strip()])


def form_value(element: Any) -> str | None:
    if element.tag == "textarea":
        return html_pages.plain_text(element)
    if element.tag == "select":
        chosen = element.cssselect("option[selected]") or element.cssselect("option")
        return None if not chosen else str(chosen[0].get("value", html_pages.plain_text(chosen[0])))
    found = element.get("value")
    return None if found is None else str(found)


def clean(value: str, options: HtmlOptions) -> str:
    if options.clean_up_text:
        return " ".join(value.split())
    return value.strip() if options.trim_values else value


def table(items: Items, options: HtmlOptions) -> str:
    """A table with a row per item. Values are escaped; attributes are the author's own."""
    rows = [item.json for item in items]
    columns = columns_of(rows)
    style = {} if options.custom_styling else STYLE
    header = "".join(
        f"<th{given(options.header_attributes, style.get('head'))}>{escape(titled(name, options))}</th>"
        for name in columns
    )
    cell = given(options.cell_attributes, style.get("cell"))
    row = given(options.row_attributes, None)
    body = "".join(
        f"<tr{row}>{''.join(f'<td{cell}>{escape(to_text(json.get(name)))}</td>' for name in columns)}</tr>"
        for json in rows
    )
    caption = f"<caption>{escape(options.caption)}</caption>" if options.caption else ""
    outer = given(options.table_attributes, style.get("table"))
    return f"<table{outer}>{caption}<thead><tr{row}>{header}</tr></thead><tbody>{body}</tbody></table>"


def given(attributes: str, style: str | None) -> str:
    parts = [part for part in (attributes.strip(), style if "style=" not in attributes else None) if part]
    return f" {' '.join(parts)}" if parts else ""


def titled(name: str, options: HtmlOptions) -> str:
    return name[:1].upper() + name[1:] if options.capitalize else name
