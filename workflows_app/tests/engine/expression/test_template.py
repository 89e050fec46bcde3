"""Splitting the text of a parameter."""

import pytest

from workflows_app.engine.expression.template import Block, blocks, has_expressions, is_expression, template_text

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("value,answer", [("={{ 1 }}", True), ("=", True), ("{{ 1 }}", False), ("", False), (1, False)])
def test_a_leading_equals_sign_makes_an_expression(value, answer):
    assert is_expression(value) is answer


def test_the_template_is_what_follows():
    assert template_text("=a {{ b }}") == "a {{ b }}"


@pytest.mark.parametrize(
    "template,parts",
    [
        ("", []),
        ("plain", [("plain", False)]),
        ("{{ a }}", [(" a ", True)]),
        ("x {{ a }} y", [("x ", False), (" a ", True), (" y", False)]),
        ("{{ a }}{{ b }}", [(" a ", True), (" b ", True)]),
        ("a }} b", [("a }} b", False)]),
        ('{{ "}}" }}', [(' "', True), ('" }}', False)]),
    ],
    ids=str,
)
def test_blocks(template, parts):
    assert blocks(template) == tuple(Block(text, is_code=code) for text, code in parts)


@pytest.mark.parametrize("template", ["a \\{{ b }}", "{{ a \\}} }}", "{{ a", "x {{ a }} {{ b"], ids=str)
def test_escapes_and_open_ends_are_left_to_the_child(template):
    assert blocks(template) is None


@pytest.mark.parametrize(
    "value,answer", [("=x", True), ([{"a": "=x"}], True), ({"a": [1, "x"]}, False), (None, False)], ids=str
)
def test_expressions_are_found_at_any_depth(value, answer):
    assert has_expressions(value) is answer
