"""Reading HTML pages."""

import pytest

from workflows_app.engine.errors import ParameterError, UserError
from workflows_app.toolkit.html_pages import inner_html, plain_text, read_page, select, visible_text

pytestmark = pytest.mark.nodes


@pytest.mark.parametrize("text", ["", " ", "plain", "<p>unclosed <b>tags", "<![CDATA[x]]>", "\x00<p>a", "<" * 1000])
def test_whatever_comes_is_a_page(text: str) -> None:
    assert select(read_page(text), "html")


@pytest.mark.parametrize(
    "html, text",
    [
        ("<p>a  b\n c</p><p>d</p>", "a b c\nd"),
        ("a<br>b", "a\nb"),
        ("<div>a <span>b</span><script>c()</script></div>", "a b"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<p>a &amp; b <!-- c --></p>", "a & b"),
    ],
)
def test_text_as_people_see_it(html: str, text: str) -> None:
    assert visible_text(read_page(html)) == text


def test_skipped_parts_are_left_out() -> None:
    assert visible_text(read_page("<nav>menu</nav><p>body <i>x</i></p>"), ["nav", "i"]) == "body"


def test_inner_html_escapes_text_only() -> None:
    (found,) = select(read_page("<div>1 &lt; 2 <b>x</b> &amp;</div>"), "div")
    assert inner_html(found) == "1 &lt; 2 <b>x</b> &amp;"
    assert plain_text(found) == "1 < 2 x &"


@pytest.mark.parametrize("selector", ["p[", "p:frobnicate", "a " * 20, "x" * 500])
def test_selectors_that_cannot_be_used_are_refused(selector: str) -> None:
    with pytest.raises(ParameterError):
        select(read_page("<p>"), selector)


def test_pages_are_bounded() -> None:
    with pytest.raises(UserError, match="large"):
        read_page("x" * (6 * 1024 * 1024))
    with pytest.raises(UserError, match="elements"):
        read_page("<p>" * 210_000)


def test_deep_nesting_is_cut_and_not_followed_for_ever() -> None:
    assert visible_text(read_page("<div>" * 5_000 + "x" + "</div>" * 5_000)) in ("", "x")
