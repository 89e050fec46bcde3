"""The trailer of a title: its sample run as a handful of drawn frames, fetched when somebody rests on a card."""

import gzip

import orjson
from django.utils.translation import gettext as _

from pumpflix.lib.drawing import FRAMES
from templates_app.models import Template, TemplateVersion
from templates_app.pages import template_poster

# The sender packs the same frames over and over; a level above this costs time and saves a few bytes.
LEVEL = 6


def trailer_of(template: Template, version: TemplateVersion) -> bytes:
    """gzip of `{frames: [svg], words: [text]}`: one text for each frame, for who does not watch."""
    steps = [str(step["text"]) for step in version.facts.get("steps") or []]
    words = [_("Not started"), *spread(steps, len(FRAMES) - 2), _("Result")]
    frames = [template_poster(template, version, frame=frame) for frame in FRAMES]
    return gzip.compress(orjson.dumps({"frames": frames, "words": words}), LEVEL, mtime=0)


def spread(steps: list[str], count: int) -> list[str]:
    """`count` of the steps: the first, the last and what lies evenly between; empty texts where there is none."""
    if not steps:
        return [""] * count
    return [steps[round(place * (len(steps) - 1) / max(count - 1, 1))] for place in range(count)]
