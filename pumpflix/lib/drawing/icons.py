"""Our icon set: 24 x 24, stroke 1.75, round. `icons.json` is the source, `static/img/icons.svg` its copy."""

import json
from functools import cache
from pathlib import Path


@cache
def icons() -> dict[str, str]:
    """Name of an icon to the markup inside its 24 x 24 box."""
    loaded: dict[str, str] = json.loads(Path(__file__).with_name("icons.json").read_text(encoding="utf-8"))
    return loaded


def icon_markup(name: str) -> str:
    """The drawing of an icon, or of the unknown node if there is none of that name."""
    return icons().get(name) or icons()["n-unknown"]


def sprite() -> str:
    """All icons as symbols of one file, for `<use href="icons.svg#name">`."""
    symbols = "\n".join(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>' for name, body in icons().items())
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
