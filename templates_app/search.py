"""Gallery search without a database extension: PostgreSQL's text search finds words and what means the same, ranked;
a word that nothing has is first mended by the trigrams in an array column under a GIN index."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache, reduce
from operator import add, or_
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Case, F, FloatField, IntegerField, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from templates_app.models import Template
from templates_app.search_words import SAME, STOP_WORDS

CONFIG = "english"
MOST_WORDS = 12
MOST_INDEXED = 8_000
MOST_GRAMS = 2_000
MIN_OVERLAP = 0.34
NEAREST = 40
# What another word of the same meaning counts beside the word itself.
ALSO = 0.45
# Of everything else, sentence and pitch, and the name; D, C, B and A of the vector.
WEIGHTS = [0.1, 0.3, 0.7, 1.0]


def fold(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z0-9]+", fold(text)) if word not in STOP_WORDS]


@lru_cache(maxsize=20_000)
def word_grams(word: str) -> frozenset[str]:
    """Trigrams of one word, padded so that its beginning weighs more."""
    return frozenset(f"  {word} "[start : start + 3] for start in range(len(word) + 1))


def grams(text: str) -> set[str]:
    return {gram for word in words(text) for gram in word_grams(word)}


def index_text(parts: Iterable[str]) -> tuple[str, list[str]]:
    """What a template stores: its searchable text and its trigrams."""
    text = " ".join(part for part in parts if part)
    return fold(text)[:MOST_INDEXED], sorted(grams(text))[:MOST_GRAMS]


def search(templates: QuerySet[Template], query: str, *, limit: int = 48) -> list[Template]:
    """The best matches first: those with more of the words, then those that have them in name or pitch. A word that
    nothing has counts as the nearest one that something has."""
    asked = words(query)[:MOST_WORDS]
    if not asked:
        return []
    found = ranked(templates, asked, limit)
    if found and getattr(found[0], "coverage", 0.0) >= len(asked) * ALSO:
        return found
    mended = [mend(templates, word) for word in asked]
    return (ranked(templates, mended, limit) if mended != asked else []) or found


def ranked(templates: QuerySet[Template], asked: list[str], limit: int) -> list[Template]:
    """Those that have any of the words, each with its `coverage`: how many it has, a meaning counting `ALSO`."""
    anything = reduce(or_, [query for word in asked for query in (exactly(word), widely(word))])
    coverage: Any = reduce(add, [hit(word) for word in asked])
    literal = reduce(or_, [exactly(word) for word in asked])
    found = templates.filter(search_vector=anything).annotate(
        coverage=coverage,
        rank=SearchRank(F("search_vector"), literal, weights=WEIGHTS),
        sense=SearchRank(F("search_vector"), anything, weights=WEIGHTS),
    )
    return list(found.order_by("-coverage", "-rank", "-sense", "name")[:limit])


def hit(word: str) -> Any:
    return Case(
        When(search_vector=exactly(word), then=Value(1.0)),
        When(search_vector=widely(word), then=Value(ALSO)),
        default=Value(0.0),
        output_field=FloatField(),
    )


def exactly(word: str) -> SearchQuery:
    """The word in any of its forms, or a word that begins with it."""
    return raw(f"{word} | {word}:*")


def widely(word: str) -> SearchQuery:
    others = sorted({part for other in SAME.get(word, ()) for part in re.findall(r"[a-z0-9]+", other)})
    return raw(" | ".join(others or [word]))


def raw(expression: str) -> SearchQuery:
    """`expression` is made of folded words alone, so it is always a valid query."""
    return SearchQuery(expression, config=CONFIG, search_type="raw")


def mend(templates: QuerySet[Template], word: str) -> str:
    """The indexed word that is nearest to `word` by trigrams; `word` where nothing is near, or something has it."""
    mine = sorted(word_grams(word))
    shared = RawSQL("(SELECT count(*) FROM unnest(search_grams) AS gram WHERE gram = ANY(%s))", [mine], IntegerField())
    near = (
        templates.filter(search_grams__overlap=mine)
        .annotate(shared=shared)
        .order_by("-shared")
        .values_list("search_text", flat=True)[:NEAREST]
    )
    return nearest(word, {candidate for text in near for candidate in words(text)})


def nearest(word: str, candidates: Iterable[str]) -> str:
    best, found = MIN_OVERLAP, word
    for candidate in sorted(candidates):
        if candidate.startswith(word):
            return word
        share = closeness(word, candidate)
        if share > best:
            best, found = share, candidate
    return found


def closeness(word: str, candidate: str) -> float:
    """The share of trigrams that two words have in common, from 0 to 1."""
    mine, theirs = word_grams(word), word_grams(candidate)
    return len(mine & theirs) / len(mine | theirs)


def did_you_mean(templates: QuerySet[Template], query: str) -> str:
    """The words with those mended that nothing has; empty if that changes nothing."""
    asked = words(query)[:MOST_WORDS]
    mended = [mend(templates, word) for word in asked]
    return " ".join(mended) if mended != asked else ""


def matched(text: str, query: str) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether a word of `query` (or its beginning) stands there."""
    asked = words(query)
    if not asked:
        return [(text, False)]
    pieces = re.split(r"(\w+)", text)
    return [(piece, any(begins(fold(piece), word) for word in asked)) for piece in pieces if piece]


def begins(piece: str, word: str) -> bool:
    """`invoices` begins with `invoice`; `invoices` asked for also marks `invoice`."""
    return bool(piece) and (piece.startswith(word) or (len(piece) > 3 and word.startswith(piece)))
