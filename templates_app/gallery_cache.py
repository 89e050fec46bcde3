"""The gallery in the cache: `templates:{type}` holds the cards that the home page shows of one catalogue. An entry is
served only while its tags are what they were when it was made, so a write makes it forgotten at once and a half-written
list is never seen. Redis gone is a miss, never an error.

Nothing secret is in it: cards are what every visitor sees.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction

from executions_app import doorbell
from templates_app.models import Template

Catalogue = Literal["prebuilt", "user"]
HOUR_S = 3600
LIFETIME_S: dict[str, int] = {"prebuilt": 6 * HOUR_S, "user": HOUR_S, "default": 60}
EVERYTHING = "all"
WARM = "maintenance.warm_gallery"
STATS = "gallery:stats"
"""Counters: hits, misses, and how often something was forgotten."""


@dataclass(frozen=True, slots=True)
class Stats:
    hits: int
    misses: int
    forgotten: int

    @property
    def hit_rate(self) -> float:
        """From 0 to 1; 1 before anything was asked."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 1.0


def shelf(catalogue: Catalogue, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the home page shows of a catalogue; `make` reads it from the database."""
    found: dict[str, Any] = remembered(
        f"templates:{catalogue}", make, tags=(catalogue,), lifetime_s=LIFETIME_S[catalogue]
    )
    return found


def remembered(
    key: str, make: Callable[[], Any], *, tags: Iterable[str], lifetime_s: int = LIFETIME_S["default"]
) -> Any:
    """What is cached under the key, or made now and kept. Tags are read before making: what changes meanwhile makes
    the entry old at birth."""
    names = [tag_key(tag) for tag in (EVERYTHING, *tags)]
    found = cache.get_many([key, *names])
    marks = [found.get(name) for name in names]
    entry = found.get(key)
    if isinstance(entry, dict) and None not in marks and entry.get("marks") == marks:
        count("hits")
        return entry["value"]
    count("misses")
    marks = [mark or mark_anew(name) for name, mark in zip(names, marks, strict=True)]
    value = make()
    cache.set(key, {"marks": marks, "value": value}, lifetime_s)
    return value


def forget(template: Template) -> None:
    """After the commit: its catalogue is read anew by whoever asks next."""
    transaction.on_commit(lambda: renew(template.source_type))


def forget_all() -> None:
    """After the commit: everything is read anew."""
    transaction.on_commit(lambda: renew(EVERYTHING))


def renew(*tags: str) -> None:
    for tag in tags:
        cache.set(tag_key(tag), uuid4().hex, None)
    count("forgotten")
    warm_soon()


def warm_soon() -> None:
    """A worker reads the lists before the next visitor has to. Without one, that visitor waits."""
    doorbell.ring_for(WARM)


def mark_anew(name: str) -> str:
    """The tag's mark; whoever comes second gets that of the first."""
    mark = uuid4().hex
    return mark if cache.add(name, mark, None) else str(cache.get(name) or mark)


def tag_key(tag: str) -> str:
    return f"gallery:tag:{tag}"


def count(name: str) -> None:
    try:
        cache.incr(f"{STATS}:{name}")
    except ValueError:
        cache.add(f"{STATS}:{name}", 1, None)


def stats() -> Stats:
    """Since Redis was last emptied."""
    found = cache.get_many([f"{STATS}:{name}" for name in ("hits", "misses", "forgotten")])
    return Stats(*(int(found.get(f"{STATS}:{name}") or 0) for name in ("hits", "misses", "forgotten")))


def sizes() -> dict[str, int]:
    """How many cards each cached list holds; a list that is not cached is not named."""
    found = cache.get_many([f"templates:{catalogue}" for catalogue in ("prebuilt", "user")])
    return {key: len(entry["value"]["cards"]) for key, entry in found.items() if isinstance(entry, dict)}
