"""The graph of a workflow or a run: larger than a poster, every node named, focusable and ready for live updates.

Scripts change `data-status` on a node or a wire and the text of a chip; `static/css/graph.css` does the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Literal

from pumpflix.lib.drawing.icons import icon_markup
from pumpflix.lib.drawing.palette import silhouette_of
from pumpflix.lib.drawing.place import Box, Places, Point, as_placed, horizon, in_columns, node_order
from pumpflix.lib.drawing.scene import DrawnNode, Scene, Wire
from pumpflix.lib.drawing.status import status_look
from pumpflix.lib.drawing.svg import attributes, element, number, wrap
from pumpflix.lib.drawing.wires import MOST_RIDGES, along, loop_path, ridge_path, wire_path

RADIUS = 30.0
STEP_X = 150.0
STEP_Y = 128.0
MARGIN_X = 76.0
MARGIN_TOP = 56.0
MARGIN_BOTTOM = 78.0
LABEL_WIDTH = 18
# A horizon is a picture beside a text: closer columns, narrower names.
HORIZON_STEP_X = 112.0
HORIZON_LABEL_WIDTH = 14
WIDE = 620
CHIP_LETTER = 6.3
# A wide horizon is shown smaller than it is drawn, so what is written on it is larger, and long names of outputs,
# which the next node repeats, are left out.
WIDE_LABEL_WIDTH = 11
WIDE_CHIP_SCALE = 1.35
HORIZON_OUTPUT_LETTERS = 5

Layout = Literal["placed", "columns", "horizon"]


@dataclass(frozen=True)
class _Drawing:
    scene: Scene
    places: Places
    href: Callable[[DrawnNode], str] | None
    sprite: str
    lowest: float
    width: float
    height: float
    is_horizon: bool

    @property
    def is_wide_horizon(self) -> bool:
        return self.is_horizon and self.width > WIDE

    @cached_property
    def crowded(self) -> frozenset[str]:
        """Nodes of a horizon of which no output is named: there is room for `true` and `false`, not for more."""
        wires = self.scene.forward_wires if self.is_horizon else ()
        return frozenset(wire.source for wire in wires if len(wire.label) > HORIZON_OUTPUT_LETTERS)


def graph(
    scene: Scene,
    *,
    title: str,
    layout: Layout = "placed",
    href: Callable[[DrawnNode], str] | None = None,
    sprite: str = "/static/img/icons.svg",
) -> str:
    """SVG text for the page. `href` makes each node a link; `sprite` is the address of the icon file for status marks.

    `placed` uses the author's positions where they are usable and columns where not; `horizon` is the poster's picture.
    """
    places = _moved_into_view(_places(scene, layout))
    width = max((point.x for point in places.values()), default=0.0) + MARGIN_X
    lowest = max((point.y for point in places.values()), default=0.0)
    height = lowest + MARGIN_BOTTOM + (44 if scene.back_wires else 0)
    drawing = _Drawing(scene, places, href, sprite, lowest, width, height, is_horizon=layout == "horizon")
    wires = "".join(_wire(drawing, wire) for wire in scene.known_wires)
    chips = "".join(_chip(drawing, wire) for wire in scene.forward_wires)
    nodes = "".join(_node(drawing, node) for node in node_order(scene))
    size = attributes(
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        data_wide=width > WIDE,
        data_layout=layout,
    )
    return (
        f'<svg class="graph" xmlns="http://www.w3.org/2000/svg"{size} role="group" aria-label="{escape(title)}">'
        f'{_ridges(drawing)}<g class="graph-wires" aria-hidden="true">{wires}</g>{nodes}'
        f'<g class="graph-chips" aria-hidden="true">{chips}</g></svg>'
    )


def _places(scene: Scene, layout: Layout) -> Places:
    columns = len(scene.columns)
    if layout == "horizon":
        fullest = max((len(column) for column in scene.columns), default=1)
        return horizon(
            scene, Box(0, 0, HORIZON_STEP_X * (columns - 1), max(200.0, (fullest - 1) * STEP_Y)), STEP_Y / 2.75
        )
    placed = as_placed(scene, step_x=STEP_X, step_y=STEP_Y, clear=RADIUS * 2.6) if layout == "placed" else None
    return placed or in_columns(scene, step_x=STEP_X, step_y=STEP_Y)


def _moved_into_view(places: Places) -> Places:
    left = min((point.x for point in places.values()), default=0.0)
    top = min((point.y for point in places.values()), default=0.0)
    return {name: Point(point.x - left + MARGIN_X, point.y - top + MARGIN_TOP) for name, point in places.items()}


def _ridges(drawing: _Drawing) -> str:
    """The area under the wires of a horizon, as on its poster. The colours are the page's (`graph.css`)."""
    if not drawing.is_horizon or not drawing.places:
        return ""
    stops = '<stop class="ridge-top" offset="0"/><stop class="ridge-end" offset="1"/>'
    fade = f'<linearGradient id="graph-ridge" x1="0" y1="0" x2="0" y2="1">{stops}</linearGradient>'
    paths = "".join(
        element(
            "path",
            fill="url(#graph-ridge)",
            d=ridge_path([drawing.places[name] for name in trail], drawing.width, drawing.height),
        )
        for trail in drawing.scene.trails(most=MOST_RIDGES)
    )
    return f'<defs>{fade}</defs><g aria-hidden="true">{paths}</g>'


def _wire(drawing: _Drawing, wire: Wire) -> str:
    start, end = drawing.places[wire.source], drawing.places[wire.target]
    if wire in drawing.scene.back_wires or end.x - start.x < RADIUS:
        below = max(start.y, end.y) + RADIUS * 2.4 + 8
        if wire in drawing.scene.back_wires:
            below = drawing.lowest + MARGIN_BOTTOM - 6
        path = loop_path(start, end, below=below, lead=RADIUS * 1.5)
    else:
        path = wire_path(start, end, lead=8 if drawing.is_horizon else RADIUS + 12)
    return f"<path{attributes(class_='wire', d=path, **_wire_data(wire))}/>"


def _wire_data(wire: Wire) -> dict[str, object]:
    return {
        "data_source": wire.source,
        "data_target": wire.target,
        "data_output": wire.output,
        "data_status": "success" if wire.count else None,
    }


def _chip(drawing: _Drawing, wire: Wire) -> str:
    """Name of the output and number of items, in the middle of the wire. Empty ones are hidden until a run."""
    label = "" if wire.source in drawing.crowded else wire.label
    text = " ".join(part for part in (label, "" if wire.count is None else str(wire.count)) if part)
    share = 0.4 if drawing.is_horizon else 0.5
    at = along(drawing.places[wire.source], drawing.places[wire.target], share)
    width = len(text) * CHIP_LETTER + 12
    box = element("rect", x=-width / 2, y=-9, width=width, height=18, rx=9)
    data = attributes(**_wire_data(wire), data_label=label or None, data_empty=not text)
    scale = f" scale({WIDE_CHIP_SCALE})" if drawing.is_wide_horizon else ""
    return (
        f'<g class="chip"{data} transform="translate({number(at.x)} {number(at.y)}){scale}">'
        f'{box}<text y="4" text-anchor="middle">{escape(text)}</text></g>'
    )


def _node(drawing: _Drawing, node: DrawnNode) -> str:
    point, look = drawing.places[node.id], status_look(node.status)
    shape = element("path", class_="node-shape", d=silhouette_of(node.role), transform=f"scale({RADIUS:g})")
    icon = (
        '<svg class="node-icon" x="-14" y="-14" width="28" height="28" viewBox="0 0 24 24" aria-hidden="true">'
        f"{icon_markup(node.icon)}</svg>"
    )
    mark = (
        '<g class="node-mark" aria-hidden="true"><circle cx="24" cy="-24" r="12"/>'
        f'<svg x="14" y="-34" width="20" height="20" class="node-glyph">'
        f'<use href="{escape(drawing.sprite)}#{look.icon}"/></svg></g>'
    )
    letters = WIDE_LABEL_WIDTH if drawing.is_wide_horizon else HORIZON_LABEL_WIDTH
    lines = wrap(node.label, width=letters if drawing.is_horizon else LABEL_WIDTH, lines=2)
    leading = 19 if drawing.is_wide_horizon else 16
    name = "".join(
        f'<tspan x="0" dy="{leading if row else 0}">{escape(line)}</tspan>' for row, line in enumerate(lines)
    )
    halo = f'<rect class="node-halo" x="-44" y="-44" width="88" height="{RADIUS + 88:g}" rx="12"/>'
    body = f'<title>{escape(node.label)}</title>{halo}{shape}{icon}{mark}<text class="node-name" y="52">{name}</text>'
    if drawing.href:
        said = f"{node.label}, {look.label}"
        body = element("a", body, class_="node-link", href=drawing.href(node), aria_label=said)
    return element(
        "g",
        body,
        class_="node",
        transform=f"translate({number(point.x)} {number(point.y)})",
        data_testid=f"node-{node.id}",
        data_node=node.id,
        data_label=node.label,
        data_role=node.role,
        data_status=node.status,
        data_disabled=node.is_disabled,
        data_placeholder=node.is_placeholder,
        data_verdict=node.verdict or None,
    )
