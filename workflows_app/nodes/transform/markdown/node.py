"""Markdown, version 1."""

from typing import Annotated, Literal

from pydantic import Field

from workflows_app.engine.items import Item
from workflows_app.engine.node_type import NodeRun, NodeType, Outputs
from workflows_app.engine.params import Params, ui
from workflows_app.engine.registry import register
from workflows_app.engine.workflow import Node
from workflows_app.toolkit import paths
from workflows_app.toolkit.documents import ask
from workflows_app.toolkit.fields import AsGroup, AsList, Flag, Text, Whole

TO_MARKDOWN = {
    "bullet_marker", "code_fence", "code_block_style", "em_delimiter", "strong_delimiter", "ignore", "block_elements",
    "keep_data_images", "max_consecutive_newlines", "use_link_reference_definitions", "use_inline_links",
    "text_replace",
}  # fmt: skip


class MarkdownReplacement(Params):
    pattern: Text = Field("", title="Text", description="Text to replace.")
    replacement: Text = Field("", title="With", description="What it becomes.")


class MarkdownReplacements(Params):
    values: Annotated[list[MarkdownReplacement], AsList] = Field(
        default_factory=list, title="Texts", description="One replacement per row."
    )


class MarkdownOptions(Params):
    # HTML to Markdown
    bullet_marker: Text = Field("*", title="Bullet", description="Mark of list entries.")
    code_fence: Text = Field("```", title="Fence", description="Line around blocks of code.")
    code_block_style: Text = Field("fence", title="Blocks of code", description="fence or indented.")
    em_delimiter: Text = Field("_", title="Emphasis", description="Mark of emphasis.")
    strong_delimiter: Text = Field("**", title="Strong", description="Mark of strong emphasis.")
    ignore: Text = Field("", title="Tags to leave out", description="Names of tags, separated by commas.")
    block_elements: Text = Field("", title="Block tags", description="Further tags that stand in lines of their own.")
    keep_data_images: Flag = Field(
        False, title="Keep inline images", description="Keep images that are in the page itself."
    )
    max_consecutive_newlines: Whole = Field(
        3, ge=1, le=20, title="Blank lines", description="Line breaks in a row at most."
    )
    use_link_reference_definitions: Flag = Field(
        False, title="Links at the end", description="Collect addresses behind the text."
    )
    use_inline_links: Flag = Field(
        True, title="Short links", description="Write addresses that are links as <address>."
    )
    text_replace: Annotated[MarkdownReplacements, AsGroup] = Field(
        default_factory=lambda: MarkdownReplacements.model_validate({}),
        title="Replace",
        description="Texts to replace in the result.",
    )
    # Markdown to HTML
    tables: Flag = Field(False, title="Tables", description="Read tables.")
    tables_header_id: Flag = Field(False, title="Ids in tables", description="Give heads of tables an id.")
    tasklists: Flag = Field(False, title="Tasks", description="Read [ ] and [x] as boxes.")
    strikethrough: Flag = Field(False, title="Strike through", description="Read ~~ as struck out.")
    emoji: Flag = Field(False, title="Emoji", description="Read :smile: and the like.")
    simple_line_breaks: Flag = Field(False, title="Line breaks", description="Keep single line breaks.")
    simplified_auto_link: Flag = Field(False, title="Links", description="Make links of bare addresses.")
    exclude_trailing_punctuation_from_urls: Flag = Field(
        False,
        alias="excludeTrailingPunctuationFromURLs",
        title="Links without end marks",
        description="Leave a mark at the end of a bare address out of its link.",
    )
    open_links_in_new_window: Flag = Field(False, title="New window", description="Open links in a new window.")
    encode_emails: Flag = Field(True, title="Hide mail addresses", description="Write mail addresses as entities.")
    no_header_id: Flag = Field(False, title="No ids", description="Leave the ids of headings out.")
    customized_header_id: Flag = Field(False, title="Own ids", description="Read {id} behind a heading as its id.")
    gh_compatible_header_id: Flag = Field(False, title="Ids as on GitHub", description="Join words of ids by hyphens.")
    prefix_header_id: Text = Field("", title="Prefix of ids", description="What the ids of headings begin with.")
    raw_header_id: Flag = Field(False, title="Ids as written", description="Change only what an id must not hold.")
    raw_prefix_header_id: Flag = Field(False, title="Prefix as written", description="Leave the prefix as it is.")
    header_level_start: Whole = Field(1, ge=1, le=6, title="First level", description="Level of the first headings.")
    require_space_before_heading_text: Flag = Field(
        False, title="Space in headings", description="Read # as a heading only with a space behind it."
    )
    gh_code_blocks: Flag = Field(True, title="Fences", description="Read blocks of code between fences.")
    omit_extra_wl_in_code_blocks: Flag = Field(
        False,
        alias="omitExtraWLInCodeBlocks",
        title="No line at the end of code",
        description="Leave the last line break of a block of code out.",
    )
    gh_mentions: Flag = Field(False, title="Mentions", description="Make links of @names.")
    gh_mentions_link: Text = Field("", title="Address of mentions", description="With {u} in place of the name.")
    literal_mid_word_underscores: Flag = Field(
        False, title="Underscores in words", description="Leave underscores inside words alone."
    )
    parse_img_dimensions: Flag = Field(False, title="Sizes of images", description="Read =100x80 behind an address.")
    smart_indentation_fix: Flag = Field(False, title="Mend indentation", description="Of indented template texts.")
    smooth_live_preview: Flag = Field(False, title="Half-typed text", description="Forgive what is not complete yet.")
    split_adjacent_blockquotes: Flag = Field(False, title="Split quotes", description="A blank line ends a quote.")
    backslash_escapes_html_tags: Flag = Field(
        False, alias="backslashEscapesHTMLTags", title="Escaped tags", description="Read \\<b> as text."
    )
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
            paths.write(json, params.destination_key or "data", converted(run, params))
            return Item(json=json, binary=item.binary)

        return [run.map(work)]


def converted(run: NodeRun[MarkdownParams], params: MarkdownParams) -> str:
    """Only the options that are set are handed on: what the others mean is up to the library."""
    is_page = params.mode == "markdownToHtml"
    names = set(MarkdownOptions.model_fields)
    chosen = names - TO_MARKDOWN if is_page else TO_MARKDOWN
    options = params.options.model_dump(by_alias=True, exclude_unset=True, include=chosen)
    text = {"markdown": params.markdown} if is_page else {"html": params.html}
    return str(ask(run, "markdown", {**text, "options": options})[0])
