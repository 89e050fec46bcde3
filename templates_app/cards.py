"""A card as the cache keeps it: plain JSON out of a row, and a row that was never loaded out of the JSON."""

from datetime import datetime
from typing import Any
from uuid import UUID

from templates_app.models import Category, Template, TemplateVersion

PLAIN = ("slug", "source_type", "name", "pitch", "when", "poster_alt", "tags", "minutes_to_set_up", "run_class",
         "status", "is_featured", "position", "use_count")  # fmt: skip
CATEGORY = ("slug", "name", "tagline", "tint", "position")


def to_json(card: Any) -> dict[str, Any]:
    """Of a template as `selectors.cards` reads it."""
    version, verified = card.current_version, card.verified_at
    return {
        **{name: getattr(card, name) for name in PLAIN},
        "id": str(card.pk),
        "team": str(card.team_id),
        "category": {"id": str(card.category_id), **{name: getattr(card.category, name) for name in CATEGORY}},
        "version": {"id": str(version.pk), "number": version.number} if version else None,
        "verified_at": verified.isoformat() if verified else None,
        "published_at": card.published_at.isoformat() if card.published_at else None,
    }


def from_json(data: dict[str, Any]) -> Template:
    """An unsaved row with everything a card shows; reading anything else of it loads nothing."""
    category = Category(pk=UUID(data["category"]["id"]), **{name: data["category"][name] for name in CATEGORY})
    version = data["version"]
    card = Template(
        pk=UUID(data["id"]),
        team_id=UUID(data["team"]),
        category=category,
        current_version=TemplateVersion(pk=UUID(version["id"]), number=version["number"]) if version else None,
        published_at=moment(data["published_at"]),
        **{name: data[name] for name in PLAIN},
    )
    card.__dict__["verified_at"] = moment(data["verified_at"])  # a column only where it is queried
    return card


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
