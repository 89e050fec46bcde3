"""Where nodes stand: as a horizon (height = items on a log scale), in columns, or as the author placed them."""

import math
from dataclasses import dataclass

from pumpflix.lib.drawing.scene import DrawnNode, Scene


@dataclass(frozen=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float


Places = dict[str, Point]


def horizon(scene: Scene, box: Box, radius: float) -> Places:
    """Left to right by depth; a node's height is its item count on a log scale, so the picture is the run's horizon."""
    columns = scene.columns
    heights = {node.id: math.log10((node.count if node.count is not None else 1) + 1) for node in scene.nodes}
    lowest, tallest = min(heights.values(), default=0.0), max(heights.values(), default=0.0)
    places: Places = {}
    for depth, column in enumerate(columns):
        x = box.x + box.width * depth / (len(columns) - 1) if len(columns) > 1 else box.x + box.width / 2
        wanted = [_height(heights[node.id], lowest, tallest, box) for node in column]
        for node, y in zip(column, _spread(wanted, box, radius * 2.75), strict=True):
            places[node.id] = Point(x, y)
    return places


def in_columns(scene: Scene, *, step_x: float, step_y: float) -> Places:
    """Left to right by depth, each column centred: for graphs whose author gave no usable positions."""
    tallest = max((len(column) for column in scene.columns), default=0)
    return {
        node.id: Point(depth * step_x, (row + (tallest - len(column)) / 2) * step_y)
        for depth, column in enumerate(scene.columns)
        for row, node in enumerate(column)
    }


def as_placed(scene: Scene, *, step_x: float, step_y: float, clear: float) -> Places | None:
    """The author's positions, scaled so that a usual gap of 220 x 160 becomes one step.

    None if a position is missing or two nodes would stand closer than `clear`.
    """
    places: Places = {}
    for node in scene.nodes:
        if node.x is None or node.y is None or not (math.isfinite(node.x) and math.isfinite(node.y)):
            return None
        places[node.id] = Point(node.x * step_x / 220, node.y * step_y / 160)
    if _too_close(list(places.values()), clear) or _too_wide(places, len(scene.nodes), step_x):
        return None
    return places


def _height(value: float, lowest: float, tallest: float, box: Box) -> float:
    if tallest == lowest:
        return box.y + box.height / 2
    return box.y + box.height - (value - lowest) / (tallest - lowest) * box.height


def _spread(wanted: list[float], box: Box, gap: float) -> list[float]:
    """Branches of one column keep their order and a clear gap, and stay inside the box."""
    if len(wanted) < 2:
        return wanted
    gap = min(gap, box.height / (len(wanted) - 1))
    total = gap * (len(wanted) - 1)
    start = min(max(sum(wanted) / len(wanted) - total / 2, box.y), box.y + box.height - total)
    return [start + gap * index for index in range(len(wanted))]


def _too_close(points: list[Point], clear: float) -> bool:
    """Whether two points share a neighbourhood, found by a grid so that thousands of nodes stay cheap."""
    cells: dict[tuple[int, int], list[Point]] = {}
    for point in points:
        column, row = int(point.x // clear), int(point.y // clear)
        for near in ((column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            for other in cells.get(near, ()):
                if math.hypot(point.x - other.x, point.y - other.y) < clear:
                    return True
        cells.setdefault((column, row), []).append(point)
    return False


def _too_wide(places: Places, count: int, step_x: float) -> bool:
    """Positions far apart (a node lost at x = 90,000) would make a picture of nothing but space."""
    if not places:
        return False
    xs, ys = [point.x for point in places.values()], [point.y for point in places.values()]
    allowed = step_x * (count * 2 + 10)
    return max(xs) - min(xs) > allowed or max(ys) - min(ys) > allowed


def radius_for(scene: Scene, box: Box, height: float) -> float:
    """As large as columns and the fullest column allow."""
    columns = scene.columns
    fullest = max((len(column) for column in columns), default=1)
    by_column = box.width / max(len(columns) - 1, 2) * 0.34
    by_row = box.height / max(fullest - 1, 1) / 2.3
    return min(height * 0.088, by_column, by_row)


def node_order(scene: Scene) -> list[DrawnNode]:
    """Reading order: by depth, then from top to bottom, so that Tab follows the run."""
    return [node for column in scene.columns for node in column]
