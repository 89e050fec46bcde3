"""Colours and silhouettes of posters and graphs. A frame is dark in both themes, so these do not follow the page."""

from dataclasses import dataclass
from typing import Literal, get_args

Category = Literal["watch", "clean", "money", "people", "forms", "dev", "write", "ai"]
Role = Literal["trigger", "shape", "choice", "world", "keep", "model"]

LIT = "#FFB454"
INK = "#0E1116"
SANS = "ui-sans-serif,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
MONO = "ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"


@dataclass(frozen=True)
class Tint:
    """`field` is the dark ground, `glow` the light around the trigger, `tint` the lines."""

    field: str
    glow: str
    tint: str


TINTS: dict[str, Tint] = {
    "watch": Tint("#08191F", "#124350", "#6FD3DE"),
    "clean": Tint("#0A1B14", "#17472F", "#7FD8A4"),
    "money": Tint("#181B08", "#3F4613", "#C3D36A"),
    "people": Tint("#210F15", "#572433", "#FF9DAE"),
    "forms": Tint("#15122A", "#382F6B", "#B9A8FF"),
    "dev": Tint("#0A1629", "#1B3D72", "#8DB8FF"),
    "write": Tint("#1A1814", "#4A4234", "#E3D6BE"),
    "ai": Tint("#1F0D23", "#52245A", "#F0A0F0"),
}
# A workflow outside the gallery has no job yet: a plain slate.
PLAIN = Tint("#10151C", "#232D3A", "#B7C1CE")

ROLES: tuple[str, ...] = get_args(Role)

# Unit silhouettes in a box from -1 to 1: what a node is can be told from its outline.
SILHOUETTES: dict[str, str] = {
    "trigger": "M0-1A1 1 0 1 1 0 1A1 1 0 1 1 0-1Z",
    "shape": "M-.62-.92H.62Q.92-.92.92-.62V.62Q.92.92.62.92H-.62Q-.92.92-.92.62V-.62Q-.92-.92-.62-.92Z",
    "choice": "M-.19-1.04Q0-1.22.19-1.04L1.04-.19Q1.22 0 1.04.19L.19 1.04Q0 1.22-.19 1.04L-1.04.19Q-1.22 0-1.04-.19Z",
    "world": "M-.7-.9H.42L1.1-.14Q1.2 0 1.1.14L.42.9H-.7Q-1 .9-1 .6V-.6Q-1-.9-.7-.9Z",
    "keep": "M-.92-.62Q-.92-.92-.62-.92H.36L.92-.36V.62Q.92.92.62.92H-.62Q-.92.92-.92.62Z",
    "model": "M-.16-1.06Q0-1.16.16-1.06L.84-.66Q1-.56 1-.38V.38Q1 .56.84.66L.16 1.06Q0 1.16-.16 1.06"
    "L-.84.66Q-1 .56-1 .38V-.38Q-1-.56-.84-.66Z",
}


def tint_of(category: str) -> Tint:
    """The tint of a job, or the plain one for anything else."""
    return TINTS.get(category, PLAIN)


def silhouette_of(role: str) -> str:
    return SILHOUETTES.get(role, SILHOUETTES["shape"])
