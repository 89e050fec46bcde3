"""Colours of the product that stand on one another: text at 4.5 to 1 and more, lines of controls at 3 to 1."""

import re

import pytest

from pumpflix.env import ROOT

pytestmark = pytest.mark.app

TOKENS = (ROOT / "static/css/tokens.css").read_text()
THEMES = ("light", "dark")
GROUNDS = ("bg", "surface", "raised", "well")
MEANINGS = ("success", "error", "warning", "running")
CATEGORIES = ("watch", "clean", "money", "people", "forms", "dev", "write", "ai")
FRAME_TEXT = ("frame-text", "frame-muted", "lit", "frame-success", "frame-error", "frame-warning", "frame-running")

TEXT = [
    *((word, ground) for word in ("text", "muted", "accent", *MEANINGS) for ground in GROUNDS),
    *((f"cat-{name}", ground) for name in CATEGORIES for ground in ("bg", "surface")),
    *(("text", f"{name}-soft") for name in ("accent", *MEANINGS)),
    *((name, f"{name}-soft") for name in ("accent", *MEANINGS)),
    *((word, "frame") for word in FRAME_TEXT),
    *((f"tint-{name}", f"{kind}-{name}") for name in ("plain", *CATEGORIES) for kind in ("field", "glow")),
    ("on-accent", "accent"),
    ("on-accent", "error"),
    ("on-lit", "lit"),
    ("on-lit", "lit-hover"),
    ("frame-error", "frame-error-soft"),
]
LINES = [*(("control-line", ground) for ground in GROUNDS), *(("accent", ground) for ground in GROUNDS),
         ("frame-control", "frame"), ("lit", "frame")]  # fmt: skip


def colour(token: str, theme: str) -> str:
    found = re.search(rf"--{token}:\s*(?:light-dark\((#\w+),\s*(#\w+)\)|(#\w+));", TOKENS)
    assert found, f"--{token} is no colour of tokens.css"
    return found[3] or found[1 + THEMES.index(theme)]


def luminance(hexed: str) -> float:
    digits = hexed[1:] if len(hexed) == 7 else "".join(digit * 2 for digit in hexed[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, theme: str) -> float:
    light, dark = sorted((luminance(colour(one, theme)), luminance(colour(other, theme))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme):
    assert {pair: round(contrast(*pair, theme), 2) for pair in TEXT if contrast(*pair, theme) < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_controls_can_be_seen(theme):
    assert {pair: round(contrast(*pair, theme), 2) for pair in LINES if contrast(*pair, theme) < 3} == {}


def test_black_on_white_is_as_much_as_there_is():
    assert (luminance("#fff") + 0.05) / (luminance("#000") + 0.05) == pytest.approx(21)
