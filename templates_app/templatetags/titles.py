"""What cards of titles need. `{% load titles %}`."""

from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join

from templates_app.search import matched

register = template.Library()


@register.simple_tag(takes_context=True)
def marked(context: Any, text: str) -> str:
    """`text` with the words of the page's `query`, if it has one, marked."""
    query = context.get("query", "")
    if not query:
        return conditional_escape(text)
    pieces = matched(text, query)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", text) if hit else text,) for text, hit in pieces)
    )
