"""Posters and graphs as SVG text. Values in, markup out, everything escaped; no app is known here."""

from pumpflix.lib.drawing.graph import graph
from pumpflix.lib.drawing.icons import icon_markup, sprite
from pumpflix.lib.drawing.looks import looks_of
from pumpflix.lib.drawing.place import node_order
from pumpflix.lib.drawing.poster import FRAMES, Frame, OutputPanel, poster, poster_strip
from pumpflix.lib.drawing.scene import DrawnNode, Scene, Wire
from pumpflix.lib.drawing.status import STATUS_LOOKS, StatusLook, status_look

__all__ = [
    "FRAMES",
    "STATUS_LOOKS",
    "DrawnNode",
    "Frame",
    "OutputPanel",
    "Scene",
    "StatusLook",
    "Wire",
    "graph",
    "icon_markup",
    "looks_of",
    "node_order",
    "poster",
    "poster_strip",
    "sprite",
    "status_look",
]
