"""Much of something in the product's database, put there at once and taken away again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Query = Callable[..., list[tuple[Any, ...]]]

COPY_TEMPLATES = """
INSERT INTO templates_app_template (id, slug, source_type, team_id, category_id, name, pitch, "when", description,
  poster_alt, thumbnail, tags, minutes_to_set_up, run_class, status, review_note, is_featured, position, use_count,
  current_version_id, search_text, search_grams, created_at, updated_at, published_at)
SELECT gen_random_uuid(), slug || '-many-' || number, source_type, team_id, category_id, name || ' ' || number, pitch,
  "when", description, poster_alt, thumbnail, tags, minutes_to_set_up, run_class, 'published', '', false,
  position + 1000 + number, 0, current_version_id, search_text, search_grams, now(), now(), now() - interval '30 days'
FROM (SELECT *, row_number() OVER (ORDER BY slug) AS place, count(*) OVER () AS every FROM templates_app_template
      WHERE status = 'published' AND source_type = 'prebuilt') AS shipped, generate_series(1, %s) AS number
WHERE (number - 1) %% every = place - 1
"""


@contextmanager
def many_templates(query: Query, count: int) -> Iterator[None]:
    """`count` copies of the shipped titles, each with a number behind its name, last in their rows."""
    query(COPY_TEMPLATES, count)
    query("ANALYZE templates_app_template")
    try:
        yield
    finally:
        query("DELETE FROM templates_app_template WHERE slug LIKE '%-many-%'")
