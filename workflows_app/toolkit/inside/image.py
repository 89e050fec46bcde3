"""Changing pictures, step by step. Sizes are judged before a pixel is decoded or made."""

import io
import math
import textwrap
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont, ImageOps, UnidentifiedImageError

from pumpflix.lib.sandbox.errors import FileRefused

MAX_PIXELS = 50_000_000
MAX_SIDE = 30_000
MAX_STEPS = 100
MAX_BLUR = 200
MAX_FONT = 2_000
READABLE = ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"]
WITHOUT_ALPHA = ("JPEG", "BMP")

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# Pillow imports its formats and its font when they are first used; behind the walls nothing can be imported any more.
Image.init()
ImageFont.load_default(12)

Step = dict[str, Any]
Picture = Image.Image


def work(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """`steps`, `format`, `quality` -> facts of the picture and its bytes. With no step only the facts."""
    steps = header["steps"]
    if len(steps) > MAX_STEPS:
        raise FileRefused("There are too many steps.", hint=f"At most {MAX_STEPS} in one node.", code="file_too_large")
    try:
        if steps and steps[0]["operation"] == "create":
            return made(steps, header, Image.new("RGBA", (1, 1)), files, "PNG")
        picture = opened(files[0])
        kind = str(picture.format or "PNG")
        if not steps:
            return facts(picture, kind), []
        picture.load()
        return made(steps, header, ImageOps.exif_transpose(picture), files, kind)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise FileRefused(
            "This file is not a picture that can be read.", hint="Use PNG, JPEG, GIF, WebP, BMP or TIFF."
        ) from error


def made(
    steps: list[Step], header: dict[str, Any], picture: Picture, files: list[bytes], kind: str
) -> tuple[dict[str, Any], list[bytes]]:
    for step in steps:
        picture = STEPS[step["operation"]](picture, step, files)
    kind = str(header.get("format") or kind).upper()
    return facts(picture, kind), [saved(picture, kind, int(header.get("quality") or 0))]


def opened(data: bytes) -> Picture:
    picture = Image.open(io.BytesIO(data), formats=READABLE)
    check_size(*picture.size)
    return picture


def check_size(width: float, height: float) -> tuple[int, int]:
    """Whole numbers from 1. Raises FileRefused for a picture that is too large."""
    size = max(round(width), 1), max(round(height), 1)
    if max(size) > MAX_SIDE or size[0] * size[1] > MAX_PIXELS:
        hint = f"At most {MAX_PIXELS // 10**6} million pixels."
        raise FileRefused("The picture is too large.", hint=hint, code="file_too_large")
    return size


def facts(picture: Picture, kind: str) -> dict[str, Any]:
    width, height = picture.size
    return {
        "format": kind,
        "size": {"width": width, "height": height},
        "Geometry": f"{width}x{height}",
        "depth": 16 if picture.mode.startswith("I") else 8,
        "mode": picture.mode,
    }


def saved(picture: Picture, kind: str, quality: int) -> bytes:
    out = io.BytesIO()
    if kind in WITHOUT_ALPHA and picture.mode not in ("RGB", "L"):
        picture = on_white(picture)
    options: dict[str, Any] = {"quality": min(quality, 100)} if quality and kind in ("JPEG", "WEBP") else {}
    picture.save(out, format=kind, **options)
    return out.getvalue()


def on_white(picture: Picture) -> Picture:
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture.convert("RGBA"))
    return ground.convert("RGB")


def color(text: str) -> tuple[int, int, int, int]:
    """Hexadecimal; of eight digits the last two say how transparent it is (00 is solid), as GraphicsMagick reads it."""
    try:
        red, green, blue, *rest = ImageColor.getrgb(text)
    except ValueError as error:
        raise FileRefused(f"'{text[:30]}' is not a color.", hint="Write it like #ff0000.", code="color") from error
    return red, green, blue, 255 - rest[0] if rest else 255


def blur(picture: Picture, step: Step, _files: list[bytes]) -> Picture:
    return rgba(picture).filter(ImageFilter.GaussianBlur(min(max(float(step["sigma"]), 0), MAX_BLUR)))


def rgba(picture: Picture) -> Picture:
    return picture if picture.mode == "RGBA" else picture.convert("RGBA")


def border(picture: Picture, step: Step, _files: list[bytes]) -> Picture:
    wide, high = max(int(step["borderWidth"]), 0), max(int(step["borderHeight"]), 0)
    size = check_size(picture.width + 2 * wide, picture.height + 2 * high)
    out = Image.new("RGBA", size, color(step["borderColor"]))
    out.paste(rgba(picture), (wide, high))
    return out


def composite(picture: Picture, step: Step, files: list[bytes]) -> Picture:
    top = rgba(opened(files[int(step["file"])]))
    ground = rgba(picture)
    layer = Image.new("RGBA", ground.size, (0, 0, 0, 0))
    layer.paste(top, (int(step["positionX"]), int(step["positionY"])))
    mix = MIXES.get(str(step["operator"]).lower())
    if mix is None:
        known = ", ".join(MIXES)
        raise FileRefused(
            f"Pictures cannot be joined by '{step['operator']}'.", hint=f"Use one of {known}.", code="mix"
        )
    return mix(ground, layer)


def mixed(work: Callable[[Picture, Picture], Picture]) -> Callable[[Picture, Picture], Picture]:
    """Where the layer is solid, `work` of both; elsewhere the ground."""
    return lambda ground, layer: Image.composite(work(ground, layer), ground, layer.getchannel("A"))


MIXES: dict[str, Callable[[Picture, Picture], Picture]] = {
    "over": Image.alpha_composite,
    "atop": lambda ground, layer: Image.composite(Image.alpha_composite(ground, layer), ground, ground.getchannel("A")),
    "copy": mixed(lambda _ground, layer: layer),
    "multiply": mixed(ImageChops.multiply),
    "screen": mixed(ImageChops.screen),
    "add": mixed(ImageChops.add),
    "plus": mixed(ImageChops.add),
    "subtract": mixed(lambda ground, layer: opaque(ImageChops.subtract(ground, layer))),
    "difference": mixed(lambda ground, layer: opaque(ImageChops.difference(ground, layer))),
}


def opaque(picture: Picture) -> Picture:
    out = picture.copy()
    out.putalpha(255)
    return out


def create(_picture: Picture, step: Step, _files: list[bytes]) -> Picture:
    return Image.new("RGBA", check_size(step["width"], step["height"]), color(step["backgroundColor"]))


def crop(picture: Picture, step: Step, _files: list[bytes]) -> Picture:
    left, top = max(int(step["positionX"]), 0), max(int(step["positionY"]), 0)
    right, bottom = min(left + int(step["width"]), picture.width), min(top + int(step["height"]), picture.height)
    if right <= left or bottom <= top:
        raise FileRefused("Nothing is left of the picture.", hint="Choose a part inside it.", code="empty")
    return picture.crop((left, top, right, bottom))


def draw(picture: Picture, step: Step, _files: list[bytes]) -> Picture:
    out = rgba(picture)
    layer = Image.new("RGBA", out.size, (0, 0, 0, 0))
    pen, ink = ImageDraw.Draw(layer), color(step["color"])
    start = (float(step["startPositionX"]), float(step["startPositionY"]))
    end = (float(step["endPositionX"]), float(step["endPositionY"]))
    if step["primitive"] == "line":
        pen.line([start, end], fill=ink)
    elif step["primitive"] == "circle":
        radius = min(math.dist(start, end), MAX_SIDE)
        pen.ellipse((start[0] - radius, start[1] - radius, start[0] + radius, start[1] + radius), fill=ink)
    else:
        box = (min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1]))
        pen.rounded_rectangle(box, radius=max(float(step["cornerRadius"]), 0), fill=ink)
    return Image.alpha_composite(out, layer)


def resize(picture: Picture, step: Step, _files: list[bytes]) -> Picture:
    size = new_size(picture.size, float(step["width"]), float(step["height"]), step["resizeOption"])
    target = check_size(*size)
    if target == picture.size:
        return picture
    base = picture if picture.mode in ("RGB", "L", "RGBA") else rgba(picture)
    return base.resize(target, Image.Resampling.LANCZOS)


def new_size(size: tuple[int, int], width: float, height: float, option: str) -> tuple[float, float]:
    """Without an option, the largest that fits into the box; proportions are kept but for `ignoreAspectRatio`."""
    wide, high = size
    if option == "ignoreAspectRatio":
        return width, height
    if option == "percent":
        return wide * width / 100, high * height / 100
    scale = min(width / wide, height / high)
    if option == "minimumArea":
        scale = max(width / wide, height / high)
    if option == "onlyIfLarger":
        scale = min(scale, 1)
    if option == "onlyIfSmaller":
        scale = max(scale, 1)
    return wide * scale, high * scale


def rotate(picture: Picture, step: Step, _files: list[bytes]) -> Picture:
    angle = math.radians(float(step["rotate"]))
    wide, high = picture.size
    check_size(
        abs(wide * math.cos(angle)) + abs(high * math.sin(angle)),
        abs(wide * math.sin(angle)) + abs(high * math.cos(angle)),
    )
    ground = color(step["backgroundColor"])
    return rgba(picture).rotate(
        -float(step["rotate"]), expand=True, fillcolor=ground, resample=Image.Resampling.BICUBIC
    )


def shear(picture: Picture, step: Step, _files: list[bytes]) -> Picture:
    x, y = (math.tan(math.radians(min(max(float(step[name]), -80), 80))) for name in ("degreesX", "degreesY"))
    size = check_size(picture.width + abs(x) * picture.height, picture.height + abs(y) * picture.width)
    shift = (-x * picture.height if x > 0 else 0.0, -y * picture.width if y > 0 else 0.0)
    matrix = (1, x, shift[0], y, 1, shift[1])
    return rgba(picture).transform(size, Image.Transform.AFFINE, matrix, resample=Image.Resampling.BICUBIC)


def text(picture: Picture, step: Step, _files: list[bytes]) -> Picture:
    size = min(max(float(step["fontSize"]), 1), MAX_FONT)
    lines: list[str] = []
    for line in str(step["text"])[:10_000].split("\n"):
        lines += textwrap.wrap(line, max(int(step["lineLength"]), 1)) or [""]
    out = rgba(picture)
    layer = Image.new("RGBA", out.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    place = (float(step["positionX"]), float(step["positionY"]))
    # The position is that of the base line, as GraphicsMagick has it.
    pen.text(place, "\n".join(lines), fill=color(step["fontColor"]), font=ImageFont.load_default(size), anchor="ls")
    return Image.alpha_composite(out, layer)


def transparent(picture: Picture, step: Step, _files: list[bytes]) -> Picture:
    out = rgba(picture)
    plain = Image.new("RGB", out.size, color(step["color"])[:3])
    difference = ImageChops.difference(out.convert("RGB"), plain).convert("L").point(lambda value: 255 if value else 0)
    out = out.copy()
    out.putalpha(ImageChops.darker(out.getchannel("A"), difference))
    return out


STEPS: dict[str, Callable[[Picture, Step, list[bytes]], Picture]] = {
    "blur": blur, "border": border, "composite": composite, "create": create, "crop": crop, "draw": draw,
    "resize": resize, "rotate": rotate, "shear": shear, "text": text, "transparent": transparent,
}  # fmt: skip
