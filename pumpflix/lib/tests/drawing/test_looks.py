import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pumpflix.lib.drawing import STATUS_LOOKS, icon_markup, looks_of, sprite, status_look
from pumpflix.lib.drawing.icons import icons
from pumpflix.lib.drawing.looks import _LOOKS
from pumpflix.lib.drawing.palette import ROLES
from pumpflix.lib.drawing.svg import attributes, number, wrap

SPRITE = Path(__file__).parents[4] / "static" / "img" / "icons.svg"


def test_the_sprite_file_is_the_icons_we_have():
    assert SPRITE.read_text(encoding="utf-8") == sprite()


def test_the_sprite_is_well_formed():
    assert len(ET.fromstring(sprite())) == len(icons())


def test_every_listed_look_exists():
    assert all(icon in icons() and role in ROLES for icon, role in _LOOKS.values())


@pytest.mark.parametrize(
    "name, look",
    [
        ("n8n-nodes-base.set", ("n-set", "shape")),
        ("n8n-nodes-base.someAppTrigger", ("n-webhook", "trigger")),
        ("@n8n/n8n-nodes-langchain.lmChatOpenAi", ("n-ai", "model")),
        ("n8n-nodes-base.someApp", ("n-app", "world")),
        ("", ("n-app", "world")),
    ],
)
def test_a_type_is_told_by_its_name(name, look):
    assert looks_of(name) == look


def test_an_icon_nobody_drew_is_the_unknown_one():
    assert icon_markup("no-such-icon") == icon_markup("n-unknown")


def test_statuses_have_icons_and_distinct_words():
    assert all(look.icon in icons() for look in STATUS_LOOKS.values())
    words = [look.label for status, look in STATUS_LOOKS.items() if status != "started"]
    assert len(words) == len(set(words))
    assert status_look("").label == "Not run"


def test_numbers_are_short():
    assert [number(value) for value in (2.0, 2.04, 2.06, -0.5)] == ["2", "2", "2.1", "-0.5"]


def test_attributes_leave_out_what_is_not_there():
    assert attributes(a=None, b=False, c=True, d='"', e_f=1.5) == ' c="" d="&quot;" e-f="1.5"'


@pytest.mark.parametrize(
    "text, lines",
    [
        ("", []),
        ("one two", ["one two"]),
        ("one two three four five", ["one two", "three fou…"]),
        ("incomprehensibilities", ["incompreh…"]),
    ],
)
def test_wrap(text, lines):
    assert wrap(text, width=10, lines=2) == lines
