"""Changing pictures: sizes, colors, and what is refused before it costs anything."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from pumpflix.lib.sandbox.errors import FileRefused
from workflows_app.toolkit.inside.image import color, new_size, work

pytestmark = pytest.mark.nodes


def png(width: int = 40, height: int = 20, shade: Any = "red", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), shade).save(out, "PNG")
    return out.getvalue()


def changed(*steps: dict[str, Any], files: list[bytes] | None = None, **header: Any) -> Image.Image:
    return Image.open(io.BytesIO(work({"steps": list(steps), **header}, files or [png()])[1][0])).convert("RGBA")


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 by 60,000."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


@pytest.mark.parametrize(
    "text, expected",
    [
        ("#ff0000", (255, 0, 0, 255)),
        ("#ff000000", (255, 0, 0, 255)),
        ("#ff0000ff", (255, 0, 0, 0)),
        ("red", (255, 0, 0, 255)),
    ],
)
def test_the_last_digits_of_a_color_say_how_transparent_it_is(text: str, expected: tuple[int, ...]) -> None:
    assert color(text) == expected


@pytest.mark.parametrize(
    "option, size",
    [
        ("ignoreAspectRatio", (20, 20)),
        ("maximumArea", (20, 10)),
        ("minimumArea", (40, 20)),
        ("onlyIfLarger", (20, 10)),
        ("onlyIfSmaller", (40, 20)),
        ("percent", (8, 4)),
    ],
)
def test_a_resize_keeps_proportions_as_its_option_says(option: str, size: tuple[int, int]) -> None:
    assert new_size((40, 20), 20, 20, option) == size


def test_a_drawing_covers_what_is_below_it() -> None:
    box = {"startPositionX": 1, "startPositionY": 1, "endPositionX": 3, "endPositionY": 3, "cornerRadius": 0}
    seen = changed({"operation": "draw", "primitive": "rectangle", "color": "#0000ff", **box})
    assert (seen.getpixel((2, 2)), seen.getpixel((9, 9))) == ((0, 0, 255, 255), (255, 0, 0, 255))


@pytest.mark.parametrize("primitive", ["line", "circle"])
def test_lines_and_circles_are_drawn(primitive: str) -> None:
    place = {"startPositionX": 10, "startPositionY": 10, "endPositionX": 13, "endPositionY": 10, "cornerRadius": 0}
    seen = changed({"operation": "draw", "primitive": primitive, "color": "#0000ff", **place})
    assert seen.getpixel((11, 10)) == (0, 0, 255, 255)


@pytest.mark.parametrize(
    "operator, pixel",
    [
        ("Over", (0, 0, 255)),
        ("Multiply", (0, 0, 0)),
        ("Add", (255, 0, 255)),
        ("Difference", (255, 0, 255)),
        ("Copy", (0, 0, 255)),
    ],
)
def test_pictures_are_joined(operator: str, pixel: tuple[int, int, int]) -> None:
    step = {"operation": "composite", "file": 1, "operator": operator, "positionX": 5, "positionY": 5}
    seen = changed(step, files=[png(), png(5, 5, "blue")])
    assert seen.getpixel((7, 7)) == (*pixel, 255)
    assert seen.getpixel((30, 15)) == (255, 0, 0, 255)


def test_one_color_becomes_transparent() -> None:
    assert changed({"operation": "transparent", "color": "#ff0000"}).getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_what_is_transparent_is_white_in_a_format_without_it() -> None:
    assert changed({"operation": "transparent", "color": "#ff0000"}, format="bmp").getpixel((0, 0)) == (255,) * 4


@pytest.mark.requirement(19)
@pytest.mark.parametrize(
    "step",
    [
        {"operation": "resize", "width": 20_000, "height": 20_000, "resizeOption": "ignoreAspectRatio"},
        {"operation": "border", "borderWidth": 100_000, "borderHeight": 0, "borderColor": "#fff"},
        {"operation": "create", "width": 1e9, "height": 1, "backgroundColor": "#fff"},
    ],
    ids=lambda step: step["operation"],
)
def test_a_picture_that_would_be_too_large_is_not_made(step: dict[str, Any]) -> None:
    with pytest.raises(FileRefused, match="too large"):
        changed(step)


@pytest.mark.requirement(19)
@pytest.mark.parametrize("data", [bomb(), b"", b"<svg onload='x'/>", png()[:50]], ids=["bomb", "empty", "svg", "cut"])
def test_a_file_that_is_no_reasonable_picture_is_refused(data: bytes) -> None:
    with pytest.raises(FileRefused):
        work({"steps": [{"operation": "blur", "sigma": 1}]}, [data])


def test_facts_cost_no_decoding() -> None:
    facts, files = work({"steps": []}, [png(1000, 10, 0, "L")])
    assert (facts["size"], facts["mode"], files) == ({"width": 1000, "height": 10}, "L", [])
