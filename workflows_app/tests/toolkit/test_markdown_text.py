"""Markdown: what the golden workflow does not show."""

import pytest

from workflows_app.engine.errors import UserError
from workflows_app.toolkit.markdown_text import HtmlRules, MarkdownRules, to_html, to_markdown

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize(
    "html, text",
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b", "a  \nb"),
        ("<b> a </b>b", "**a** b"),
        ("<b> </b>", ""),
        ("<s>a</s>", "~~a~~"),
        ("<a>a</a> <a href='https://x.example'>https://x.example</a>", "a <https://x.example>"),
        ("<code>a`b</code><code></code>", "``a`b``"),
        ("<img src=''><img src='data:a' alt=b>", ""),
        ("<table></table>", ""),
        ("<table><tr><td>a<tr><td>b<td>c</table>", "| a |  |\n| --- | --- |\n| b | c |"),
        ("<ol><li>a<li>b<p>c</p></ol>", "1. a\n2. b\n   c"),
        ("<script>x</script><!-- y -->a * b", "a \\* b"),
        ("<blockquote>a</blockquote>", "> a"),
    ],
)
def test_to_markdown(html: str, text: str) -> None:
    assert to_markdown(html, MarkdownRules()) == text


def test_inline_images_can_be_kept() -> None:
    assert to_markdown("<img src='data:a' alt=b>", MarkdownRules(keep_data_images=True)) == "![b](data:a)"


def test_deep_pages_are_read_to_the_end() -> None:
    assert "x" in to_markdown("<div>" * 240 + "x", MarkdownRules())


def test_to_html_is_bounded() -> None:
    with pytest.raises(UserError, match="too long"):
        to_html("x" * 3_000_000, HtmlRules())


def test_addresses_in_links_are_not_linked_twice() -> None:
    page = to_html("[a](https://x.example) https://y.example, `c`", HtmlRules(link_urls=True))
    assert page.count("<a ") == 2
