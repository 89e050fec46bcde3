"""What pages need to show icons and statuses. `{% load looks %}`."""

from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from pumpflix.lib.drawing import status_look
from pumpflix.lib.markdown import to_html

register = template.Library()


@register.simple_tag
def stylesheet() -> str:
    """Address of the styles: one built file, or the sources while developing and where nothing was built."""
    is_built = not settings.DEBUG and finders.find("build/app.css")
    return static("build/app.css" if is_built else "css/app.css")


@register.simple_tag
def script(name: str) -> str:
    """Address of a page's script: the built bundle, or the module while developing and where nothing was built."""
    is_built = not settings.DEBUG and finders.find(f"build/js/{name}.js")
    return static(f"build/js/{name}.js" if is_built else f"js/{name}.js")


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """A decorative icon of the sprite; the words beside it carry the meaning."""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {classes}" if classes else "",
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def focus_refused(form: Any) -> str:
    """The cursor goes to the first field that was refused, wherever the form put it otherwise. Draws nothing."""
    refused = next((name for name in form.fields if name in form.errors), None)
    if refused:
        for name, field in form.fields.items():
            field.widget.attrs.pop("autofocus", None)
            if name == refused:
                field.widget.attrs["autofocus"] = True
    return ""


@register.filter
def markdown(text: str, title: str = "") -> SafeString:
    """Markdown as safe HTML, without a first heading that repeats the title of the page."""
    return mark_safe(to_html(text, title=title))  # noqa: S308 - cleaned by nh3


@register.filter
def status_label(status: str) -> str:
    """The word on the page for a stored status."""
    return status_look(status).label


@register.filter
def status_icon(status: str) -> str:
    """The icon of a stored status."""
    return status_look(status).icon


@register.filter
def initials(name: str) -> str:
    """Up to two letters for the avatar."""
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word]
    return "".join(word[0] for word in words[:2]).upper() or "?"
