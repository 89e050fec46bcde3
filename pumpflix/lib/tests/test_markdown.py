import pytest

from pumpflix.lib.markdown import MOST_CHARACTERS, safe_fragment, to_html


def test_what_people_write_becomes_html():
    assert to_html("A *line* with `code`.") == "<p>A <em>line</em> with <code>code</code>.</p>\n"


def test_a_heading_that_repeats_the_title_is_left_out():
    assert to_html("# CSV clean-up\n\nGive it a file.", title="csv clean-up") == "<p>Give it a file.</p>\n"


def test_headings_stand_below_those_of_the_page():
    assert "<h3>Big</h3>" in to_html("# Big")
    assert "<h4>Small</h4>" in to_html("### Small")


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", "![x](data:text/html,1)"],
)
def test_nothing_in_it_can_run(text):
    shown = to_html(text)
    assert "<script" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown


def test_links_leave_without_taking_anything_along():
    assert to_html("[a](https://a.example)") == '<p><a href="https://a.example" rel="noopener noreferrer">a</a></p>\n'


def test_a_book_is_cut():
    assert len(to_html("x" * (MOST_CHARACTERS * 2))) < MOST_CHARACTERS + 20


def test_foreign_html_becomes_harmless_and_its_headings_small():
    foreign = (
        '<h1 onclick="x()">A</h1><script>alert(1)</script><p style="x"><a href="javascript:x">b</a><img src=x></p>'
    )
    assert safe_fragment(foreign) == "<h3>A</h3><p><a>b</a></p>".replace("<a>", '<a rel="noopener noreferrer">')


def test_tables_stay_tables():
    table = "<table><tbody><tr><td>1</td></tr></tbody></table>"
    assert safe_fragment(table) == table
