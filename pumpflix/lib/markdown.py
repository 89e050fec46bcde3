"""Markdown that people write, as HTML that cannot do anything: no raw HTML, no scripts, links leave safely."""

import re
from functools import cache

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "ul", "ol", "li", "strong", "em", "code", "pre", "a", "blockquote", "h3", "h4", "br", "hr"}
PAGE_TAGS = TAGS | {"h1", "h2", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "caption", "b", "i", "u", "s"}
MOST_CHARACTERS = 20_000
_HEADINGS = {"h1": "h3", "h2": "h3", "h3": "h4", "h5": "h4", "h6": "h4"}


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def to_html(text: str, *, title: str = "") -> str:
    """Safe HTML of the first `MOST_CHARACTERS`. A first heading that only repeats `title` is left out; headings are
    moved below those of a page's sections."""
    lines = text[:MOST_CHARACTERS].lstrip().splitlines()
    if lines and lines[0].startswith("# ") and lines[0][2:].strip().casefold() == title.strip().casefold():
        lines = lines[1:]
    tokens = _parser().parse("\n".join(lines))
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    raw = _parser().renderer.render(tokens, _parser().options, {})
    return nh3.clean(raw, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})


def safe_fragment(html: str) -> str:
    """HTML that somebody's workflow made, for a page of ours: no scripts, styles, pictures or links; headings moved
    below those of a page's sections."""
    kept = nh3.clean(html, tags=PAGE_TAGS, attributes={}, clean_content_tags={"script", "style", "title"})
    return re.sub(r"<(/?)(h[1-6])>", lambda found: f"<{found[1]}{_HEADINGS.get(found[2], 'h4')}>", kept)
