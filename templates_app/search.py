"""Gallery search without a database extension: trigrams in an array column under a GIN index find candidates (typos
included), words and synonyms rank them."""

import re
import unicodedata
from collections.abc import Iterable

from django.db.models import QuerySet

from templates_app.models import Template

SYNONYMS = {
    "spreadsheet": ("csv", "table", "excel", "sheet"),
    "excel": ("csv", "spreadsheet"),
    "tidy": ("clean", "clean-up"),
    "cleanup": ("clean", "clean-up", "tidy"),
    "duplicates": ("repeats", "dedupe"),
    "duplicate": ("repeats", "dedupe"),
    "compare": ("diff", "difference", "changed"),
    "difference": ("diff", "compare"),
    "api": ("webhook", "link", "integration"),
    "hook": ("webhook",),
    "endpoint": ("webhook", "link"),
    "reply": ("answer", "respond"),
    "respond": ("answer", "reply"),
}
STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "do",
        "for",
        "from",
        "how",
        "i",
        "in",
        "is",
        "it",
        "me",
        "my",
        "of",
        "on",
        "or",
        "our",
        "the",
        "their",
        "this",
        "to",
        "what",
        "who",
        "with",
        "you",
        "your",
    ]
)
MIN_OVERLAP = 0.34


def fold(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z0-9]+", fold(text)) if word not in STOP_WORDS]


def grams(text: str) -> set[str]:
    """Trigrams of every word, padded so that beginnings weigh more."""
    return {f"  {word} "[start : start + 3] for word in words(text) for start in range(len(word) + 1)}


def index_text(parts: Iterable[str]) -> tuple[str, list[str]]:
    """What a template stores: its searchable text and its trigrams."""
    text = " ".join(part for part in parts if part)
    return fold(text)[:8_000], sorted(grams(text))[:2_000]


def search(templates: QuerySet[Template], query: str, *, limit: int = 48) -> list[Template]:
    """The best matches first. Every word of the query counts; a synonym counts a little less than the word itself."""
    asked = words(query)[:12]
    if not asked:
        return []
    wanted = {word: grams(word) for word in asked}
    also = {word: SYNONYMS.get(word, ()) for word in asked}
    all_grams = set().union(*wanted.values(), *(grams(other) for others in also.values() for other in others))
    candidates = templates.filter(search_grams__overlap=sorted(all_grams))[:500]
    scored = [(score(template, wanted, also), template) for template in candidates]
    ranked = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].name))
    return [template for _, template in ranked[:limit]]


def score(template: Template, wanted: dict[str, set[str]], also: dict[str, tuple[str, ...]]) -> float:
    """Between 0 (no word found) and about 3 per word: name counts three times, tags twice."""
    fields = ((fold(template.name), 3.0), (fold(" ".join(template.tags)), 2.0), (template.search_text, 1.0))
    total = 0.0
    for word, its_grams in wanted.items():
        best = max(weight * closeness(word, its_grams, text) for text, weight in fields)
        for other in also[word]:
            best = max(best, 0.8 * max(weight * closeness(other, grams(other), text) for text, weight in fields))
        total += best
    return total


def closeness(word: str, its_grams: set[str], text: str) -> float:
    """1 for a word of the text, 0.9 for a beginning, else the share of trigrams that the nearest word has."""
    best = 0.0
    for candidate in set(text.split()) | set(words(text)):
        if candidate == word:
            return 1.0
        if candidate.startswith(word):
            best = max(best, 0.9)
        elif best < 0.9:
            theirs = grams(candidate)
            share = len(its_grams & theirs) / max(len(its_grams | theirs), 1)
            best = max(best, share if share >= MIN_OVERLAP else 0.0)
    return best
