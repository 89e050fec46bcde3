"""A poster is a template's own sample run, drawn: it serves card, hero, title page and share card."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal

from pumpflix.lib.drawing.icons import icon_markup
from pumpflix.lib.drawing.palette import INK, LIT, MONO, SANS, Tint, silhouette_of, tint_of
from pumpflix.lib.drawing.place import Box, Places, horizon, radius_for
from pumpflix.lib.drawing.scene import DrawnNode, Scene, Wire
from pumpflix.lib.drawing.svg import attributes, element, number, wrap
from pumpflix.lib.drawing.wires import MOST_RIDGES, loop_path, ridge_path, wire_path

Frame = Literal["rest", "lamp", "half", "full", "final"]
FRAMES: tuple[Frame, ...] = ("rest", "lamp", "half", "full", "final")

STRIP_GAP = 20


@dataclass(frozen=True)
class OutputPanel:
    """The real result, shown in the last frame: a heading and rows of cells."""

    heading: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _Sheet:
    """One poster while it is drawn."""

    scene: Scene
    places: Places
    radius: float
    width: float
    height: float
    tint: Tint
    lit_depth: int
    key: str

    def is_lit(self, node_id: str) -> bool:
        return self.scene.depth[node_id] <= self.lit_depth

    @property
    def scale(self) -> float:
        """Line widths and type are given for a poster 180 high."""
        return self.height / 180


def poster(
    scene: Scene,
    *,
    category: str = "",
    frame: Frame = "rest",
    size: tuple[int, int] = (320, 180),
    output: OutputPanel | None = None,
    key: str = "",
) -> str:
    """SVG text of one frame. `rest` is unlit; `lamp`, `half` and `full` light the run; `final` adds the output. `key`
    sets its ids apart from those of others in one document."""
    width, height = size
    box = Box(width * 0.115, height * 0.24, width * 0.77, height * 0.46)
    radius = radius_for(scene, box, height)
    sheet = _Sheet(
        scene=scene,
        places=horizon(scene, box, radius),
        radius=radius,
        width=width,
        height=height,
        tint=tint_of(category),
        lit_depth=_lit_depth(frame, len(scene.columns)),
        key=key,
    )
    parts = [_ground(sheet, box), _wires(sheet), *(_node(sheet, node) for node in scene.nodes), _chips(sheet)]
    if frame == "final" and output:
        parts.append(_output(sheet, output))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' preserveAspectRatio="xMidYMid slice">{"".join(parts)}</svg>'
    )


def poster_strip(posters: Mapping[str, str], size: tuple[int, int] = (320, 180)) -> str:
    """One SVG of many posters drawn with their names as `key`; `#name` behind its address shows one of them."""
    (width, height), parts = size, []
    for place, (name, drawn) in enumerate(posters.items()):
        top = place * (height + STRIP_GAP)
        parts.append(f'<view id="{escape(name)}" viewBox="0 {top} {width} {height}"/>')
        parts.append(f'<g transform="translate(0 {top})">{drawn}</g>')
    total = len(posters) * (height + STRIP_GAP)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}">{"".join(parts)}</svg>'


def _lit_depth(frame: Frame, columns: int) -> int:
    return {"rest": -1, "lamp": 0, "half": (columns - 1) // 2}.get(frame, columns)


def _lamp(sheet: _Sheet) -> tuple[float, float]:
    first = sheet.scene.columns[0] if sheet.scene.nodes else []
    if not first:
        return sheet.width / 2, sheet.height / 2
    point = sheet.places[first[0].id]
    return point.x, point.y


def _ground(sheet: _Sheet, box: Box) -> str:
    """Light comes from the trigger; the area under the wires is the run's horizon."""
    tint, (x, y) = sheet.tint, _lamp(sheet)
    glow = element(
        "radialGradient",
        f'<stop offset="0" stop-color="{tint.glow}"/><stop offset="1" stop-color="{tint.field}"/>',
        id=f"glow{sheet.key}", gradientUnits="userSpaceOnUse", cx=x, cy=y, r=sheet.width * 0.62,
    )  # fmt: skip
    ridge = element(
        "linearGradient",
        f'<stop offset="0" stop-color="{tint.tint}" stop-opacity=".3"/>'
        f'<stop offset="1" stop-color="{tint.tint}" stop-opacity=".02"/>',
        id=f"ridge{sheet.key}", gradientUnits="userSpaceOnUse", x1=0, y1=box.y, x2=0, y2=sheet.height,
    )  # fmt: skip
    trails = ([sheet.places[name] for name in trail] for trail in sheet.scene.trails(most=MOST_RIDGES))
    ridges = "".join(element("path", d=ridge_path(trail, sheet.width, sheet.height)) for trail in trails)
    ground = f'<rect width="{number(sheet.width)}" height="{number(sheet.height)}" fill="url(#glow{sheet.key})"/>'
    return f'<defs>{glow}{ridge}</defs>{ground}<g fill="url(#ridge{sheet.key})">{ridges}</g>'


def _wires(sheet: _Sheet) -> str:
    x, y = _lamp(sheet)
    lead_in = element(
        "path",
        d=f"M0 {number(y)}H{number(x)}",
        stroke=LIT if sheet.lit_depth >= 0 else sheet.tint.tint,
        stroke_opacity=".45",
        stroke_width=sheet.scale,
    )
    wires = "".join(_wire(sheet, wire) for wire in sheet.scene.known_wires)
    return f'<g fill="none" stroke-linejoin="round" stroke-linecap="round">{lead_in}{wires}</g>'


def _wire(sheet: _Sheet, wire: Wire) -> str:
    start, end = sheet.places[wire.source], sheet.places[wire.target]
    is_back = wire in sheet.scene.back_wires
    if is_back:
        lowest = max(point.y for point in sheet.places.values())
        below = min(lowest + sheet.radius * 2.2, sheet.height * 0.95)
        path = loop_path(start, end, below=below, lead=sheet.radius * 1.2)
    else:
        path = wire_path(start, end)
    source = next(node for node in sheet.scene.nodes if node.id == wire.source)
    count = wire.count if wire.count is not None else source.count
    width = (1.4 + math.log10((1 if count is None else count) + 1) * 0.75) * sheet.scale
    is_on = sheet.is_lit(wire.source) if is_back else sheet.is_lit(wire.target)
    return element("path", d=path, stroke=LIT if is_on else sheet.tint.tint, stroke_width=width)


def _node(sheet: _Sheet, node: DrawnNode) -> str:
    is_lit, point, radius = sheet.is_lit(node.id), sheet.places[node.id], sheet.radius
    side = radius * 1.02
    shape = element(
        "path",
        d=silhouette_of(node.role),
        transform=f"scale({radius:.2f})",
        fill=LIT if is_lit else sheet.tint.field,
        stroke=LIT if is_lit else sheet.tint.tint,
        stroke_width=f"{1.6 * sheet.scale / max(radius, 0.1):.3f}",
    )
    icon = (
        f"<svg{attributes(x=-side / 2, y=-side / 2, width=side, height=side)}"
        f' viewBox="0 0 24 24" fill="none" color="{INK if is_lit else sheet.tint.tint}" stroke="currentColor"'
        f' stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{icon_markup(node.icon)}</svg>'
    )
    return f'<g transform="translate({number(point.x)} {number(point.y)})">{shape}{icon}</g>'


def _chips(sheet: _Sheet) -> str:
    """The item count rises over each node whose items have moved on."""
    moved = {wire.source for wire in sheet.scene.forward_wires if sheet.is_lit(wire.target)}
    return "".join(_chip(sheet, node) for node in sheet.scene.nodes if node.count and node.id in moved)


def _chip(sheet: _Sheet, node: DrawnNode) -> str:
    text, scale, point = str(node.count), sheet.scale, sheet.places[node.id]
    width = (len(text) * 5.4 + 8) * scale
    return (
        f'<g transform="translate({number(point.x)} {number(point.y - sheet.radius - 7.5 * scale)})">'
        f"<rect{attributes(x=-width / 2, y=-6 * scale, width=width, height=12 * scale, rx=6 * scale)}"
        f' fill="{INK}" stroke="{LIT}" stroke-width="{number(scale)}"/>'
        f'<text y="{number(3.1 * scale)}" text-anchor="middle" font-family="{MONO}"'
        f' font-size="{number(8.6 * scale)}" fill="{LIT}">{text}</text></g>'
    )


def _output(sheet: _Sheet, output: OutputPanel) -> str:
    """A card over the right half with the first rows of the real result."""
    scale, rows = sheet.scale, output.rows[:4]
    width, line = sheet.width * 0.52, 15 * scale
    x, top = sheet.width - width - 12 * scale, sheet.height - (len(rows) + 1) * line - 22 * scale
    parts = [
        element(
            "rect",
            x=x,
            y=top,
            width=width,
            height=(len(rows) + 1) * line + 10 * scale,
            rx=6 * scale,
            fill=INK,
            fill_opacity=".92",
            stroke=LIT,
            stroke_width=scale,
        ),
        _text(output.heading, (x + 9 * scale, top + line), 30, scale, fill=LIT, font_weight="600", font_family=SANS),
    ]
    for index, row in enumerate(rows, start=1):
        cell = (width - 18 * scale) / max(len(row), 1)
        for place, value in enumerate(row[:3]):
            at = (x + 9 * scale + place * cell, top + line * (index + 1))
            parts.append(_text(value, at, int(cell / scale / 5.2), scale, fill="#F1F4F8", font_family=MONO))
    return "".join(parts)


def _text(value: str, at: tuple[float, float], width: int, scale: float, **looks: str) -> str:
    x, y = at
    shown = escape(" ".join(wrap(value, width=max(width, 4), lines=1)))
    return element("text", shown, x=x, y=y, font_size=8.4 * scale, **looks)
