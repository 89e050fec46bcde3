"""Markdown, version 1."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import paths
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text, Whole
from workflows_app.toolkit.markdown_text import HtmlRules, MarkdownRules, to_html, to_markdown


class MarkdownReplacement(Params):
    pattern: Text = Field("", title="Text", description="Text to replace.")
    replacement: Text = Field("", title="With", description="What it becomes.")


class MarkdownReplacements(Params):
    values: Annotated[list[MarkdownReplacement], AsList] = Field(
        default_factory=list, title="Texts", description="One replacement per row."
    )


class MarkdownOptions(Params):
    bullet_marker: Text = Field("*", title="Bullet", description="Mark of list entries.")
    code_fence: Text = Field("```", title="Fence", description="Line around blocks of code.")
    em_delimiter: Text = Field("_", title="Emphasis", description="Mark of emphasis.")
    strong_delimiter: Text = Field("**", title="Strong", description="Mark of strong emphasis.")
    ignore: Text = Field("", title="Tags to leave out", description="Names of tags, separated by commas.")
    keep_data_images: Flag = Field(
        False, title="Keep inline images", description="Keep images that are in the page itself."
    )
    max_consecutive_new_lines: Whole = Field(
        3, ge=1, le=20, title="Blank lines", description="Line breaks in a row at most."
    )
    text_replace: Annotated[MarkdownReplacements, AsGroup] = Field(
        default_factory=lambda: MarkdownReplacements.model_validate({}),
        title="Replace",
        description="Texts to replace in the result.",
    )
    tables: Flag = Field(False, title="Tables", description="Read tables.")
    strikethrough: Flag = Field(False, title="Strike through", description="Read ~~ as struck out.")
    simple_line_breaks: Flag = Field(False, title="Line breaks", description="Keep single line breaks.")
    simplified_auto_link: Flag = Field(False, title="Links", description="Make links of bare addresses.")
    open_links_in_new_window: Flag = Field(False, title="New window", description="Open links in a new window.")
    no_header_id: Flag = Field(False, title="No ids", description="Leave the ids of headings out.")
    complete_html_document: Flag = Field(
        False, alias="completeHTMLDocument", title="Whole document", description="Put html, head and body around it."
    )


class MarkdownParams(Params):
    mode: Literal["htmlToMarkdown", "markdownToHtml"] = Field(
        "htmlToMarkdown",
        title="Direction",
        description="What becomes what.",
        json_schema_extra=ui(labels=["HTML to Markdown", "Markdown to HTML"]),
    )
    html: Text = Field(
        "",
        title="HTML",
        description="The page.",
        json_schema_extra=ui(rows=5, visible_when={"mode": ["htmlToMarkdown"]}),
    )
    markdown: Text = Field(
        "",
        title="Markdown",
        description="The text.",
        json_schema_extra=ui(rows=5, visible_when={"mode": ["markdownToHtml"]}),
    )
    destination_key: Text = Field("data", title="Write to", description="Field that gets the result.")
    options: Annotated[MarkdownOptions, AsGroup] = Field(
        default_factory=lambda: MarkdownOptions.model_validate({}), title="Options", description="Finer points."
    )


@register
class Markdown(NodeType[MarkdownParams]):
    """Turn Markdown into HTML, or HTML into Markdown."""

    name = "n8n-nodes-base.markdown"
    label = "Markdown"
    group = "transform"
    icon = "n-md"
    Params = MarkdownParams

    def describe(self, node: Node) -> str:
        to_page = node.parameters.get("mode") == "markdownToHtml"
        return "Turn Markdown into HTML." if to_page else "Turn HTML into Markdown."

    def execute(self, run: NodeRun[MarkdownParams]) -> Outputs:
        def work(item: Item, params: MarkdownParams, _: int) -> Item:
            json = dict(item.json)
            paths.write(json, params.destination_key or "data", converted(params))
            return Item(json=json, binary=item.binary)

        return [run.map(work)]


def converted(params: MarkdownParams) -> str:
    options = params.options
    if params.mode == "markdownToHtml":
        return to_html(params.markdown, html_rules(options))
    rules = MarkdownRules(
        bullet=options.bullet_marker or "*",
        fence=options.code_fence or "```",
        em=options.em_delimiter or "_",
        strong=options.strong_delimiter or "**",
        keep_data_images=options.keep_data_images,
        ignored=frozenset(name.lower() for name in paths.names(options.ignore)),
        max_blank_lines=options.max_consecutive_new_lines,
    )
    text = to_markdown(params.html, rules)
    for row in options.text_replace.values:
        text = text.replace(row.pattern, row.replacement) if row.pattern else text
    return text


def html_rules(options: MarkdownOptions) -> HtmlRules:
    return HtmlRules(
        tables=options.tables,
        strikethrough=options.strikethrough,
        line_breaks=options.simple_line_breaks,
        link_urls=options.simplified_auto_link,
        new_window=options.open_links_in_new_window,
        heading_ids=not options.no_header_id,
        whole_document=options.complete_html_document,
    )
