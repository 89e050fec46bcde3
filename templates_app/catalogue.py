"""Titles as the API lists and shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from executions_app.models import Execution
from templates_app.models import Category, Template, TemplateVersion
from templates_app.search import grams, words
from workflows_app.models import Workflow


@dataclass(frozen=True, slots=True)
class TemplateFilter:
    source_type: str = ""
    category: str = ""
    run_class: str = ""
    tags: Sequence[str] = ()
    text: str = ""
    is_featured: bool | None = None


def templates_for(user: Any, wanted: TemplateFilter = TemplateFilter()) -> QuerySet[Template]:
    """Published titles and those of the user's teams, without their graphs."""
    rows = Template.objects.visible_to(user).exclude(current_version=None)
    for name in ("source_type", "run_class"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: value})
    if wanted.category:
        rows = rows.filter(category__slug=wanted.category)
    if wanted.tags:
        rows = rows.filter(tags__contains=list(wanted.tags))
    if wanted.is_featured is not None:
        rows = rows.filter(is_featured=wanted.is_featured)
    for word in words(wanted.text)[:8]:
        rows = rows.filter(Q(search_text__contains=word) | Q(search_grams__contains=sorted(grams(word))))
    return rows.select_related("category", "current_version", "team").defer(
        "search_text", "search_grams", "current_version__cassette", "current_version__facts"
    )


def template_for(user: Any, key: str) -> Template | None:
    """By id or slug, with its graph; None for what the user may not see."""
    if "\x00" in key:
        return None
    try:
        named = Q(pk=UUID(key))
    except ValueError:
        named = Q(slug=key)
    return (
        Template.objects.visible_to(user)
        .exclude(current_version=None)
        .select_related("category", "team", "current_version__workflow_version")
        .defer("search_text", "search_grams", "current_version__cassette")
        .filter(named)
        .first()
    )


def template_versions(template: Template) -> QuerySet[TemplateVersion]:
    return TemplateVersion.objects.filter(template=template).defer("cassette", "facts")


def categories(user: Any) -> list[Category]:
    """In the order of the rows, each with `template_count`."""
    seen = Q(templates__status="published", templates__current_version__isnull=False)
    return list(Category.objects.visible_to(user).annotate(template_count=Count("templates", filter=seen)))


def category_for(workflow: Workflow, slug: str) -> Category | None:
    """The one that is named; else that of the title the workflow came from, else the first."""
    if slug:
        return Category.objects.filter(slug=slug).first()
    origin = Template.objects.filter(pk__in=[workflow.source_template]).select_related("category").first()
    return origin.category if origin else Category.objects.first()


def sample_for(workflow: Workflow, execution_id: UUID | None) -> Execution | None:
    """The run a title is to show: the named one, else the last that worked."""
    worked = Execution.objects.kept().filter(workflow=workflow, status="success")
    if execution_id is not None:
        worked = worked.filter(pk=execution_id)
    return worked.order_by("-created_at", "-id").first()
