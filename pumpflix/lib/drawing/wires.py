"""The only wires there are: lead, slope, lead; and for loops the same way back below the nodes."""

from itertools import pairwise

from pumpflix.lib.drawing.place import Point
from pumpflix.lib.drawing.svg import number

MOST_RIDGES = 6


def wire_path(start: Point, end: Point, *, lead: float = 5) -> str:
    """From left to right: a level lead, one slope, a level lead."""
    if abs(start.y - end.y) < 1:
        return f"M{number(start.x)} {number(start.y)}H{number(end.x)}"
    pad = _pad(start, end, lead)
    return f"M{number(start.x)} {number(start.y)}h{number(pad)}L{number(end.x - pad)} {number(end.y)}H{number(end.x)}"


def loop_path(start: Point, end: Point, *, below: float, lead: float) -> str:
    """Back to an earlier node: out to the right, down, left below everything at `below`, up and in from the left."""
    right, left, cut = start.x + lead, end.x - lead, lead / 2
    points = [
        (right, start.y),
        (right + cut, start.y + cut),
        (right + cut, below - cut),
        (right, below),
        (left, below),
        (left - cut, below - cut),
        (left - cut, end.y + cut),
        (left, end.y),
        (end.x, end.y),
    ]
    return f"M{number(start.x)} {number(start.y)}" + "".join(f"L{number(x)} {number(y)}" for x, y in points)


def ridge_path(trail: list[Point], width: float, height: float) -> str:
    """The area under one way through the run, from edge to edge."""
    path = f"M0 {number(trail[0].y)}H{number(trail[0].x)}"
    for start, end in pairwise(trail):
        path += wire_path(start, end).split(" ", 1)[1].lstrip("0123456789.-")
    return f"{path}H{number(width)}V{number(height)}H0Z"


def along(start: Point, end: Point, share: float) -> Point:
    """A point between two nodes; at or near the half it lies on the slope of their wire."""
    return Point(start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share)


def _pad(start: Point, end: Point, lead: float) -> float:
    across, height = end.x - start.x, abs(start.y - end.y)
    slope = max(min(height, across - 2 * lead), across * 0.3)
    return (across - slope) / 2
