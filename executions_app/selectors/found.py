"""Runs by a word somebody remembers of them."""

from typing import Any

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from executions_app.models import Execution

ID_CHARACTERS = 8


def found_runs(user: Any, words: str, *, limit: int) -> list[dict[str, Any]]:
    """The newest runs whose workflow is called like that, or whose id begins so: `id`, `status`, `created_at`,
    `workflow__name`."""
    rows: QuerySet[Any] = Execution.objects.visible_to(user).filter(workflow__deleted_at=None)
    fits = Q(workflow__name__icontains=words)
    if len(words) >= ID_CHARACTERS:
        rows = rows.annotate(text_id=Cast("id", CharField()))
        fits |= Q(text_id__startswith=words.lower())
    values = rows.filter(fits).order_by("-created_at", "-id").values("id", "status", "created_at", "workflow__name")
    return [dict(row) for row in values[:limit]]
