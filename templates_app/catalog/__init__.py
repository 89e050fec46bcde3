"""The shipped titles: one folder each with `template.json` (a valid n8n export), `cassette.json` and `README.md`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parent

CATEGORIES = (
    ("watch", "Keep watch", "Hear about it once, not every time"),
    ("clean", "Clean data", "Messy in, tidy out"),
    ("money", "Money and invoices", "The right mail at the right age"),
    ("people", "Talk to people", "The right words, to the right person"),
    ("forms", "Forms and intake", "Nothing lost between form and answer"),
    ("dev", "Developer chores", "The jobs nobody wants twice"),
    ("write", "Write and publish", "From notes to something worth reading"),
    ("ai", "AI with your key", "Your model, your key, your rules"),
)
"""(slug and tint, name, tagline), in the order of the rows."""


@dataclass(frozen=True, slots=True)
class Title:
    """One folder. `graph` carries the cassette's trigger items as pinData, so that the file runs with them anywhere."""

    slug: str
    graph: dict[str, Any]
    cassette: dict[str, Any]
    readme: str

    @property
    def about(self) -> dict[str, Any]:
        return dict(self.graph["meta"]["pumpflix"])


def titles() -> list[Title]:
    """Every shipped title, by slug."""
    return [read(folder) for folder in sorted(FOLDER.iterdir()) if (folder / "template.json").is_file()]


def read(folder: Path) -> Title:
    graph = orjson.loads((folder / "template.json").read_bytes())
    cassette = orjson.loads((folder / "cassette.json").read_bytes())
    readme = (folder / "README.md").read_text(encoding="utf-8")
    return Title(folder.name, with_pins(graph, cassette), cassette, readme)


def with_pins(graph: dict[str, Any], cassette: dict[str, Any]) -> dict[str, Any]:
    """The graph with the cassette's trigger items pinned to its trigger."""
    trigger = cassette.get("trigger") or {}
    if not trigger.get("node"):
        return graph
    return {**graph, "pinData": {**(graph.get("pinData") or {}), trigger["node"]: trigger["items"]}}
