"""Markdown to HTML and back. Both are linear in the text; pages and nesting are bounded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from workflows_app.engine.errors import UserError
from workflows_app.toolkit.html_pages import HIDDEN, plain_text, read_page, select

MAX_CHARS = 500_000
MAX_DEPTH = 200
HEADINGS = {f"h{level}": level for level in range(1, 7)}
SPACES = re.compile(r"[ \t\r\n\f]+")
SPECIAL = re.compile(r"([\\`*_\[\]])")


@dataclass(frozen=True, slots=True)
class HtmlRules:
    """How Markdown is rendered."""

    tables: bool = False
    strikethrough: bool = False
    line_breaks: bool = False
    link_urls: bool = False
    new_window: bool = False
    heading_ids: bool = True
    whole_document: bool = False


def to_html(text: str, rules: HtmlRules) -> str:
    """HTML of a Markdown text; HTML inside it is kept. Raises UserError for more than half a million characters."""
    if len(text) > MAX_CHARS:
        raise UserError("This text is too long.", code="file_too_large", hint=f"At most {MAX_CHARS} characters.")
    parser = MarkdownIt("commonmark", {"html": True, "breaks": rules.line_breaks, "typographer": True})
    parser.enable("replacements")
    for name, wanted in (("table", rules.tables), ("strikethrough", rules.strikethrough)):
        if wanted:
            parser.enable(name)
    if rules.heading_ids:
        parser.add_render_rule("heading_open", heading_with_id)
    if rules.new_window:
        parser.add_render_rule("link_open", link_to_new_window)
    body: str = parser.render(bare_addresses(text) if rules.link_urls else text).rstrip("\n")
    if not rules.whole_document:
        return body
    return f'<!DOCTYPE HTML>\n<html>\n<head>\n<meta charset="utf-8">\n</head>\n<body>\n{body}\n</body>\n</html>'


def bare_addresses(text: str) -> str:
    """`https://x` becomes `<https://x>`, which Markdown makes a link of."""
    return re.sub(r"(?<![(<\"'\]=\w])(https?://[^\s<>()\"']+[^\s<>()\"'.,;:!?])", r"<\1>", text)


def heading_with_id(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:  # fmt: skip
    """The id is the text in lower case without spaces and marks."""
    words = tokens[at + 1].content if at + 1 < len(tokens) else ""
    tokens[at].attrSet("id", re.sub(r"[\W_]", "", words.lower()))
    return str(renderer.renderToken(tokens, at, options, env))


def link_to_new_window(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:  # fmt: skip
    tokens[at].attrSet("rel", "noopener noreferrer")
    tokens[at].attrSet("target", "_blank")
    return str(renderer.renderToken(tokens, at, options, env))


@dataclass(frozen=True, slots=True)
class MarkdownRules:
    """How Markdown is written. `ignored` are names of tags that are left out with all they hold."""

    bullet: str = "*"
    fence: str = "```"
    em: str = "_"
    strong: str = "**"
    keep_data_images: bool = False
    ignored: frozenset[str] = field(default_factory=frozenset)
    max_blank_lines: int = 3


def to_markdown(html: str, rules: MarkdownRules) -> str:
    """Markdown of a page or fragment."""
    body = select(read_page(html), "body")
    text = Writer(rules).block(body[0], 0) if body else ""
    return together(text, min(rules.max_blank_lines, 2)).strip()


class Writer:
    """Turns elements into Markdown, inside out."""

    def __init__(self, rules: MarkdownRules) -> None:
        self.rules = rules

    def block(self, element: Any, depth: int) -> str:
        """The content of an element: texts inline, blocks apart from each other by a blank line."""
        if depth > MAX_DEPTH:
            return SPACES.sub(" ", plain_text(element))
        parts = [escaped(element.text)]
        for child in element:
            parts += [self.element(child, depth), escaped(child.tail)]
        return "".join(parts)

    def element(self, element: Any, depth: int) -> str:
        tag = element.tag
        if not isinstance(tag, str) or tag in HIDDEN or tag in self.rules.ignored:
            return ""
        if tag in ("pre", "code", "a", "img", "table", "ul", "ol", "blockquote"):
            return str(getattr(self, f"of_{tag}")(element, depth))
        if tag == "br":
            return "  \n"
        if tag == "hr":
            return "\n\n---\n\n"
        inner = self.block(element, depth + 1)
        if tag in HEADINGS:
            return apart(f"{'#' * HEADINGS[tag]} {' '.join(inner.split())}")
        if tag in (
            "p",
            "div",
            "section",
            "article",
            "main",
            "header",
            "footer",
            "figure",
            "body",
            "form",
            "li",
            "dd",
            "dt",
        ):
            return apart(inner.strip())
        return self.marked(tag, inner)

    def marked(self, tag: str, inner: str) -> str:
        """Emphasis goes around the words, never around the spaces beside them."""
        mark = {"strong": self.rules.strong, "b": self.rules.strong, "em": self.rules.em, "i": self.rules.em}
        mark |= {"del": "~~", "s": "~~", "strike": "~~"}
        core = inner.strip()
        if tag not in mark or not core:
            return inner
        start = inner[: len(inner) - len(inner.lstrip())]
        return f"{start}{mark[tag]}{core}{mark[tag]}{inner[len(inner.rstrip()) :]}"

    def of_code(self, element: Any, _depth: int) -> str:
        text = plain_text(element)
        ticks = "``" if "`" in text else "`"
        return f"{ticks}{text}{ticks}" if text else ""

    def of_pre(self, element: Any, _depth: int) -> str:
        kind = next((child.get("class") or "" for child in element if child.tag == "code"), "")
        found = re.search(r"(?:language|lang)-([\w+-]+)", kind)
        text = plain_text(element).strip("\n")
        return apart(f"{self.rules.fence}{found[1] if found else ''}\n{text}\n{self.rules.fence}")

    def of_a(self, element: Any, depth: int) -> str:
        inner = " ".join(self.block(element, depth + 1).split())
        address = (element.get("href") or "").strip()
        if not address:
            return inner
        return f"<{address}>" if inner == address else f"[{inner}]({address.replace(' ', '%20').replace(')', '%29')})"

    def of_img(self, element: Any, _depth: int) -> str:
        source = element.get("src") or ""
        if not source or (source.startswith("data:") and not self.rules.keep_data_images):
            return ""
        return f"![{element.get('alt') or ''}]({source})"

    def of_ul(self, element: Any, depth: int) -> str:
        return self.listed(element, depth, lambda _: f"{self.rules.bullet} ")

    def of_ol(self, element: Any, depth: int) -> str:
        first = element.get("start") or "1"
        start = int(first) if first.isascii() and first.isdigit() else 1
        return self.listed(element, depth, lambda place: f"{start + place}. ")

    def listed(self, element: Any, depth: int, mark: Any) -> str:
        rows = []
        for place, child in enumerate(child for child in element if child.tag == "li"):
            lead = mark(place)
            inner = re.sub(r"\n{2,}", "\n", self.block(child, depth + 1).strip())
            rows.append(lead + inner.replace("\n", "\n" + " " * len(lead)))
        return apart("\n".join(rows))

    def of_blockquote(self, element: Any, depth: int) -> str:
        inner = together(self.block(element, depth + 1).strip(), 2)
        return apart("\n".join(f"> {line}".rstrip() for line in inner.split("\n")))

    def of_table(self, element: Any, depth: int) -> str:
        """The first row is the head. Lines and bars inside of cells would break the table, so they go."""
        rows = [
            [" ".join(self.block(cell, depth + 1).split()).replace("|", "\\|") for cell in row.iterchildren("td", "th")]
            for row in element.iter("tr")
        ]
        rows = [row for row in rows if row]
        if not rows:
            return ""
        width = max(len(row) for row in rows)
        lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
        lines.insert(1, f"|{' --- |' * width}")
        return apart("\n".join(lines))


def together(text: str, most: int) -> str:
    """No more than so many line breaks in a row."""
    return re.sub(rf"\n{{{most},}}", "\n" * most, text)


def apart(text: str) -> str:
    return f"\n\n{text}\n\n" if text else ""


def escaped(text: str | None) -> str:
    return SPECIAL.sub(r"\\\1", SPACES.sub(" ", text or ""))
