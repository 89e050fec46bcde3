"""Finding a title by its words, by a synonym, and in spite of a typo."""

import pytest

from accounts.services.teams import system_team
from templates_app.models import Category, Template
from templates_app.search import grams, index_text, search, words

pytestmark = pytest.mark.app

TITLES = {
    "CSV clean-up": ("Trim, fix case, drop blanks, one tidy file out.", ["csv", "contacts"]),
    "Webhook, transform, respond": ("The hello-world of integration, with a cURL line to try.", ["webhook", "api"]),
    "JSON diff": ("What changed between these two documents, field by field.", ["json", "diff"]),
}


@pytest.fixture
def gallery(db):
    category = Category.objects.create(slug="clean", name="Clean data", tint="clean")
    for name, (pitch, tags) in TITLES.items():
        text, trigrams = index_text([name, pitch, " ".join(tags)])
        Template.objects.create(
            slug=name.lower().replace(" ", "-").replace(",", ""),
            source_type="prebuilt",
            team=system_team(),
            category=category,
            name=name,
            pitch=pitch,
            tags=tags,
            status="published",
            search_text=text,
            search_grams=trigrams,
        )
    return Template.objects.all()


@pytest.mark.parametrize(
    "query,first",
    [
        ("csv", "CSV clean-up"),
        ("webhok", "Webhook, transform, respond"),
        ("WÉBHOOK", "Webhook, transform, respond"),
        ("spreadsheet", "CSV clean-up"),
        ("compare json", "JSON diff"),
        ("what changed", "JSON diff"),
        ("tidy", "CSV clean-up"),
    ],
)
def test_the_meant_title_comes_first(gallery, query, first):
    assert search(gallery, query)[0].name == first


@pytest.mark.parametrize("query", ["", "   ", "the of a", "zzzzqqqq", "%_'\";--"])
def test_nothing_is_found_for_nothing(gallery, query):
    assert search(gallery, query) == []


def test_more_matching_words_rank_higher(gallery):
    assert [title.name for title in search(gallery, "json csv diff")][:2] == ["JSON diff", "CSV clean-up"]


def test_stop_words_do_not_count():
    assert words("What is in the file?") == ["file"]


def test_trigrams_begin_with_the_word():
    assert grams("csv") == {"  c", " cs", "csv", "sv "}
