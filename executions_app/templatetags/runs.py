"""What pages of runs ask for. `{% load runs %}`."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy

from executions_app.selectors.data_view import both_shortened
from executions_app.selectors.workers import Silence, silence
from pumpflix.lib.differences import Difference

register = template.Library()


@register.simple_tag
def worker_silence() -> Silence | None:
    """Set while no worker is there; asked only for a run that waits for one."""
    return silence()


@register.filter
def text_and(text: str, value: object) -> str:
    """Both as one text, where `add` would want two numbers."""
    return f"{text}{value}"


REASONS = {
    "status": gettext_lazy("status"),
    "turns": gettext_lazy("number of turns"),
    "items": gettext_lazy("number of items"),
    "values": gettext_lazy("values"),
}


@register.filter
def reason_words(reasons: list[str]) -> str:
    return ", ".join(str(REASONS[reason]) for reason in reasons)


@register.filter
def text_before(place: Difference) -> str:
    """What stood there, as one short text; of long texts the part that differs."""
    return both_shortened(place.before, place.after)[0]


@register.filter
def text_after(place: Difference) -> str:
    return both_shortened(place.before, place.after)[1]


@register.filter
def is_before(place: Any) -> bool:
    """Whether anything stood there before."""
    return place.kind != "added"


@register.filter
def is_after(place: Any) -> bool:
    return place.kind != "removed"
