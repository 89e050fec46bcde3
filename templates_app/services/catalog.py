"""Loading the shipped titles into the gallery: what `manage.py seed` does. Running it twice changes nothing."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Team
from accounts.services.teams import system_team
from templates_app import catalog, gallery_cache
from templates_app.catalog import Title
from templates_app.models import Category, Template, TemplateVersion
from templates_app.services.versions import release
from workflows_app.engine.errors import UserError
from workflows_app.services.versions import checksum


@dataclass(slots=True)
class Seeded:
    """How many titles are new, released again or unchanged; `refused` says why others could not be released."""

    counts: dict[str, int]
    refused: dict[str, str]


def seed() -> Seeded:
    """Categories, system team, titles. A title whose sample does not run here stays out; the others come in."""
    categories = seed_categories()
    team = system_team()
    seeded = Seeded({"new": 0, "released": 0, "unchanged": 0}, {})
    for position, title in enumerate(catalog.titles()):
        try:
            seeded.counts[seed_title(title, team, categories, position)] += 1
        except UserError as error:
            seeded.refused[title.slug] = error.message
    if seeded.counts["new"] or seeded.counts["released"]:
        gallery_cache.forget_all()
    return seeded


def seed_categories() -> dict[str, Category]:
    found = {}
    for position, (slug, name, tagline) in enumerate(catalog.CATEGORIES):
        found[slug], _ = Category.objects.update_or_create(
            slug=slug, defaults={"name": name, "tagline": tagline, "tint": slug, "position": position}
        )
    return found


def seed_title(title: Title, team: Team, categories: dict[str, Category], position: int) -> str:
    """`new`, `released` or `unchanged`. A title a curator has hidden stays hidden."""
    template = Template.objects.filter(slug=title.slug).select_related("current_version__workflow_version").first()
    if template and is_current(template, title):
        return "unchanged"
    with transaction.atomic():
        fresh = template is None
        about = title.about
        template = template or Template(slug=title.slug, source_type="prebuilt", team=team, status="published")
        describe(template, about, categories[about["category"]])
        template.description = title.readme
        template.position = position
        template.published_at = template.published_at or timezone.now()
        template.is_featured = bool(about.get("featured"))
        template.save()
        release(template, graph=title.graph, cassette=title.cassette, by=None)
    return "new" if fresh else "released"


def is_current(template: Template, title: Title) -> bool:
    version: TemplateVersion | None = template.current_version
    return (
        version is not None
        and version.workflow_version.checksum == checksum(title.graph)
        and template.description == title.readme
        and bool(version.facts)
    )


def describe(template: Template, about: dict[str, Any], category: Category) -> None:
    """Copy what `meta.pumpflix` says about a title to its row."""
    template.name = about["title"]
    template.pitch = about.get("pitch", "")
    template.when = about.get("when", "")
    template.poster_alt = about.get("posterAlt", "")
    template.tags = about.get("tags", [])
    template.minutes_to_set_up = about.get("minutesToSetUp", 2)
    template.run_class = about.get("runClass", "now")
    template.category = category
