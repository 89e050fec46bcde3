"""Reading HTML pages: CSS selectors, text as people see it. Pages and selectors are bounded: matching costs time."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import lxml.html
from cssselect import HTMLTranslator, SelectorError
from lxml import etree

from workflows_app.engine.errors import ParameterError, UserError

MAX_CHARS = 5 * 1024 * 1024
MAX_NODES = 200_000
MAX_SELECTOR = 300
MAX_STEPS = 12
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
HIDDEN = frozenset(("script", "style", "noscript", "template", "head"))


def read_page(text: str) -> Any:
    """The root of a page or fragment. Raises UserError for one that is too large."""
    if len(text) > MAX_CHARS:
        raise UserError("This page is too large.", code="file_too_large", hint=f"At most {MAX_CHARS // 1024**2} MB.")
    parser = lxml.html.HTMLParser(huge_tree=False, no_network=True, encoding="utf-8")
    try:
        page = lxml.html.document_fromstring(text.encode("utf-8", "replace") or b"<html></html>", parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        page = lxml.html.document_fromstring(b"<html></html>")
    if sum(1 for _ in page.iter()) > MAX_NODES:
        raise UserError("This page has too many elements.", code="file_too_large", hint=f"At most {MAX_NODES}.")
    return page


@lru_cache(maxsize=512)
def compiled(selector: str) -> etree.XPath:
    """A CSS selector, ready to run. Raises ParameterError where it is broken or too long."""
    if len(selector) > MAX_SELECTOR or len(selector.split()) > MAX_STEPS:
        hint = f"At most {MAX_SELECTOR} characters and {MAX_STEPS} steps."
        raise ParameterError("This selector is too long.", hint=hint)
    try:
        return etree.XPath(HTMLTranslator().css_to_xpath(selector.strip() or "*"))
    except (SelectorError, etree.XPathSyntaxError) as error:
        raise ParameterError(
            f"'{selector}' is not a selector that can be used: {error}.",
            hint="Try a simpler one, such as #price or h1 a.",
        ) from error


def select(page: Any, selector: str) -> list[Any]:
    """The elements a selector finds, in the order of the page."""
    return [found for found in compiled(selector)(page) if isinstance(found, lxml.html.HtmlElement)]


def plain_text(element: Any) -> str:
    """All text in an element, as it stands in the source."""
    return "".join(element.itertext())


def visible_text(element: Any, skipped: Sequence[str] = ()) -> str:
    """Text as people read it: lines where the page has blocks, single spaces elsewhere, no scripts."""
    left_out = {found for selector in skipped for found in select(element, selector)}
    lines = "".join(pieces(element, left_out)).split("\n")
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def pieces(element: Any, left_out: set[Any]) -> Iterator[str]:
    """Texts and line breaks of an element, in order; without recursion, since pages nest deeply."""
    stack: list[Any] = [element]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            yield part
            continue
        if not isinstance(part.tag, str) or part.tag in HIDDEN or part in left_out:
            continue
        is_block = part.tag in BLOCKS
        inner: list[Any] = ["\n" if is_block else "", " ".join((part.text or "").split("\n"))]
        for child in part:
            inner += [child, " ".join((child.tail or "").split("\n"))]
        inner.append("\n" if is_block else "")
        stack.extend(reversed(inner))


def inner_html(element: Any) -> str:
    """What stands between the tags of an element."""
    parts = [lxml.html.tostring(child, encoding="unicode", with_tail=True) for child in element]
    return escaped(element.text or "") + "".join(parts)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
