"""Pages of lists: by key (`cursor`), which stays right while rows come and go, or by number (`skip` and `limit`)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework import serializers

from pumpflix.lib.rest.serializers import QuerySerializer

MOST_ROWS = 100
ROWS = 50
MOST_SKIPPED = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a list. With a cursor, `skip` does not count."""

    limit: int = ROWS
    skip: int = 0
    cursor: tuple[datetime, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`total` is counted for pages by number only; None when a cursor was given."""

    items: Sequence[Any]
    total: int | None
    skip: int
    limit: int
    next_cursor: str | None


class CursorField(serializers.CharField):
    default_error_messages = {"cursor_invalid": "This is not a cursor of this list. Take it from nextCursor."}

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        try:
            at, last = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            moment, key = parse_datetime(at), UUID(last)
        except (ValueError, TypeError, AttributeError):
            self.fail("cursor_invalid")
        if moment is None or moment.tzinfo is None:
            self.fail("cursor_invalid")
        return moment, key


class PageQuery(QuerySerializer):
    """The part of a list's parameters that says which page."""

    limit = serializers.IntegerField(
        min_value=1, max_value=MOST_ROWS, default=ROWS, help_text="How many rows, 100 at most."
    )
    skip = serializers.IntegerField(
        min_value=0,
        max_value=MOST_SKIPPED,
        default=0,
        help_text="How many rows to leave out; use cursor beyond 10,000.",
    )
    cursor = CursorField(
        required=False,
        max_length=200,
        help_text="nextCursor of the page before: the rows after it, whatever was added.",
    )

    def wanted(self) -> Wanted:
        """Of a validated query."""
        given = self.validated_data
        return Wanted(given["limit"], given["skip"], given.get("cursor"))


def page_of(rows: QuerySet[Any], wanted: Wanted, *, by: str) -> Page:
    """Newest first by the time in `by`, then by id."""
    ordered = rows.order_by(f"-{by}", "-id")
    if wanted.cursor is not None:
        at, last = wanted.cursor
        ordered = ordered.filter(Q(**{f"{by}__lt": at}) | Q(**{by: at, "id__lt": last}))
    start = 0 if wanted.cursor else wanted.skip
    found = list(ordered[start : start + wanted.limit + 1])
    shown = found[: wanted.limit]
    return Page(
        items=shown,
        total=None if wanted.cursor else _total(rows, start, found, wanted.limit),
        skip=start,
        limit=wanted.limit,
        next_cursor=cursor_of(shown[-1], by) if len(found) > wanted.limit else None,
    )


def _total(rows: QuerySet[Any], start: int, found: list[Any], limit: int) -> int:
    """Known without asking where the list ends on this page."""
    return start + len(found) if (found or start == 0) and len(found) <= limit else rows.count()


def cursor_of(row: Any, by: str) -> str:
    """The key of a row (a model instance or a dict) as text."""
    at, key = (row[by], row["id"]) if isinstance(row, dict) else (getattr(row, by), row.pk)
    return base64.urlsafe_b64encode(orjson.dumps([at.isoformat(), str(key)])).decode("ascii").rstrip("=")
