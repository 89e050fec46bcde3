"""What pages of runs ask for. `{% load runs %}`."""

from django import template

from executions_app.selectors.workers import Silence, silence

register = template.Library()


@register.simple_tag
def worker_silence() -> Silence | None:
    """Set while no worker is there; asked only for a run that waits for one."""
    return silence()
