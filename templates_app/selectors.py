"""What the gallery's pages read, each with every join it needs."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from accounts.models.base import member_of
from templates_app import gallery_cache
from templates_app.cards import from_json, to_json
from templates_app.models import Category, SavedTemplate, SelfTest, Template
from templates_app.search import search as ranked

CATALOGUES: tuple[gallery_cache.Catalogue, ...] = ("prebuilt", "user")
ROW_LENGTH = 12
# As many cards of a row as a desk shows at once.
IN_VIEW = 4
MOST_FOUND = 96
NOT_ON_CARDS = (
    "search_text",
    "search_grams",
    "search_vector",
    "review_note",
    "current_version__cassette",
    "current_version__facts",
    "current_version__variables",
    "current_version__changes",
)
NEW_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the home page. `slug` is stable; `address` is what *See all* leads to, empty where nothing is."""

    slug: str
    title: str
    tagline: str
    cards: list[Template]
    more: bool
    address: str = ""

    @property
    def stamp(self) -> str:
        """Another one as soon as anything that the row shows is another."""
        shown = [
            (card.slug, card.name, card.pitch, card.run_class, card.minutes_to_set_up, card.category.name,
             card.category.tint, card.status, getattr(card.current_version, "number", 0), last_verified(card))
            for card in self.cards
        ]  # fmt: skip
        return hashlib.sha256(repr((self.title, self.tagline, self.address, shown)).encode()).hexdigest()

    @property
    def strip(self) -> str:
        """Address of the one picture that holds the posters of all its cards."""
        shown = (f"{card.slug}.{getattr(card.current_version, 'number', 0)}" for card in self.cards)
        return f"{reverse('templates_app:posters')}?of={','.join(shown)}"


def cards(user: Any) -> QuerySet[Template]:
    """Published titles as cards: category, current version and the time of the last passed self-test."""
    newest = SelfTest.objects.filter(version=OuterRef("current_version")).order_by("-ran_at")
    return (
        Template.objects.visible_to(user)
        .published()
        .select_related("category", "current_version")
        .annotate(verified_at=Subquery(newest.filter(result="passed").values("ran_at")[:1]))
        .annotate(self_test=Subquery(newest.values("result")[:1]))
        .exclude(self_test="failed")
        .defer(*NOT_ON_CARDS, "description")
    )


@dataclass(frozen=True, slots=True)
class Shelf:
    """The cards that the rows of the home page may show, in their order, and how many titles there are of each kind
    in all: by slug of the category, and `now`."""

    cards: list[Template]
    counts: Counter[str]


def shelf() -> Shelf:
    """From the cache; the same for everybody."""
    found = [gallery_cache.shelf(catalogue, partial(read_shelf, catalogue)) for catalogue in CATALOGUES]
    kept = [from_json(card) for one in found for card in one["cards"]]
    kept.sort(key=lambda card: (card.category.position, card.position, card.name))
    return Shelf(kept, sum((Counter(one["counts"]) for one in found), Counter()))


def read_shelf(catalogue: str) -> dict[str, Any]:
    """As many cards as a row holds: of each category, of those that run now, of the newest, and the featured ones."""
    every = cards(AnonymousUser()).filter(source_type=catalogue)
    ordered = list(every.order_by("category__position", "position", "name"))
    counts = Counter(card.category.slug for card in ordered) + Counter(
        "now" for card in ordered if card.run_class == "now"
    )
    newest = sorted(ordered, key=lambda card: str(card.published_at or ""), reverse=True)[:ROW_LENGTH]
    kinds = [[card for card in ordered if card.run_class == "now"], newest, [c for c in ordered if c.is_featured]]
    kinds += [list(same) for _slug, same in groupby(ordered, key=lambda card: card.category.slug)]
    kept = {card.pk: card for kind in kinds for card in kind[:ROW_LENGTH]}
    return {"cards": [to_json(card) for card in kept.values()], "counts": dict(counts)}


def home_rows(user: Any, found: Shelf, saved: set[str]) -> list[Row]:
    """What is kept for later, `Runs right now`, the newest, then one row per job that has titles, then the user's own
    team. `saved` are the slugs the user keeps."""
    all_cards = found.cards
    new = new_row(all_cards)
    rows = [saved_row(user, saved), now_row(found, seen={card.pk for card in new.cards[:IN_VIEW]}), new]
    for category in Category.objects.visible_to(user):
        mine = [card for card in all_cards if card.category_id == category.pk]
        rows.append(
            Row(
                category.slug,
                category.name,
                category.tagline,
                mine[:ROW_LENGTH],
                found.counts[category.slug] > ROW_LENGTH,
                f"job={category.slug}" if found.counts[category.slug] > IN_VIEW else "",
            )
        )
    if getattr(user, "is_authenticated", False):
        rows.append(
            Row("from-your-team", "From your team", "Saved by you and yours", team_templates(user)[:ROW_LENGTH], False)
        )
    return [row for row in rows if row.cards]


def now_row(found: Shelf, *, seen: set[UUID]) -> Row:
    """One title of each job in turn, so that the first row shows what there is; what the next row begins with comes
    last."""
    now = [card for card in found.cards if card.run_class == "now"]
    turns: Counter[Any] = Counter()
    places = {}
    for card in now:
        places[card.pk] = (card.pk in seen, turns[card.category_id])
        turns[card.category_id] += 1
    now.sort(key=lambda card: places[card.pk])
    return Row(
        "runs-now",
        "Runs right now, no accounts needed",
        "Press play, nothing to connect",
        now[:ROW_LENGTH],
        found.counts["now"] > ROW_LENGTH,
        "runs=now" if found.counts["now"] > IN_VIEW else "",
    )


def saved_row(user: Any, saved: set[str]) -> Row:
    mine = list(cards(user).filter(slug__in=saved).order_by("name")[:ROW_LENGTH]) if saved else []
    return Row("saved", "Saved for later", "Kept by you", mine, False)


def new_row(all_cards: list[Template]) -> Row:
    """Published in the last week and passed their self-test, newest first."""
    since = timezone.now() - NEW_FOR
    fresh = [card for card in all_cards if (card.published_at or since) > since and last_verified(card)]
    fresh.sort(key=lambda card: card.published_at or since, reverse=True)
    return Row("new", "New and verified this week", "Played here, and it worked", fresh[:ROW_LENGTH], False)


def featured(found: Shelf) -> Template | None:
    """The hero: a featured title, else the first that runs now."""
    ordered = sorted(found.cards, key=lambda card: (not card.is_featured, card.position, card.name))
    return next((card for card in ordered if card.is_featured or card.run_class == "now"), None)


def team_templates(user: Any) -> list[Template]:
    """What the user's teams saved as templates, newest first, published or not."""
    return list(
        Template.objects.filter(member_of(user, team_path="team_id"), source_type="user")
        .select_related("category", "current_version")
        .defer(*NOT_ON_CARDS)
        .order_by("-created_at")[:48]
    )


def own_templates(user: Any) -> QuerySet[Template]:
    """Titles of the teams in which the user may change things, published or not."""
    return Template.objects.filter(member_of(user, team_path="team_id", roles=("owner", "editor")))


def is_own(template: Template, user: Any) -> bool:
    return bool(user.is_authenticated and own_templates(user).filter(pk=template.pk).exists())


def template_by_slug(slug: str, user: Any) -> Template | None:
    """The title with its current version and graph; None for what the user may not see."""
    newest = SelfTest.objects.filter(version=OuterRef("current_version"), result="passed").order_by("-ran_at")
    return (
        Template.objects.visible_to(user)
        .filter(slug=slug)
        .select_related("category", "current_version__workflow_version", "team", "created_by")
        .annotate(verified_at=Subquery(newest.values("ran_at")[:1]))
        .first()
    )


def with_version(user: Any, slugs: list[str]) -> list[Template]:
    """Those of the titles that the user may see, with their current version and graph."""
    return list(
        Template.objects.visible_to(user)
        .filter(slug__in=slugs)
        .select_related("category", "current_version__workflow_version")
        .defer("current_version__cassette")
    )


def like_this(template: Template, user: Any) -> list[Template]:
    """Up to four other titles of the same job."""
    return list(cards(user).filter(category=template.category).exclude(pk=template.pk).order_by("position")[:4])


def search(query: str, templates: QuerySet[Template]) -> list[Template]:
    """The best of `templates` (as `cards` gives them) for these words, best first."""
    return ranked(templates, query, limit=MOST_FOUND)


def saved_slugs(user: Any) -> set[str]:
    """Titles the user keeps for later."""
    if not getattr(user, "is_authenticated", False):
        return set()
    return set(SavedTemplate.objects.filter(user=user).values_list("template__slug", flat=True))


def last_verified(template: Template) -> datetime | None:
    return getattr(template, "verified_at", None)
