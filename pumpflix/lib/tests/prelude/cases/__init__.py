"""Cases as text: one a line, ``left  ⇒  right``; ``#`` begins a heading."""

from pathlib import Path


def read_cases(name: str) -> list[tuple[str, str]]:
    """The pairs of ``name.txt`` in this folder."""
    lines = Path(__file__).with_name(f"{name}.txt").read_text().splitlines()
    pairs = [line.split("  ⇒  ") for line in lines if line and not line.startswith("#")]
    return [(left, right) for left, right in pairs]
