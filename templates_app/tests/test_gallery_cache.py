import pytest
from django.core.cache import cache

from accounts.tests.factories import UserFactory
from templates_app import catalog, gallery_cache, selectors
from templates_app.services import curation
from templates_app.services.catalog import seed
from templates_app.tests.factories import CategoryFactory, TemplateFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch):
    monkeypatch.setattr(gallery_cache, "warm_soon", lambda: None)


def rows() -> list[selectors.Row]:
    return selectors.home_rows(None, selectors.shelf(), set())


def names() -> list[str]:
    return [card.name for row in rows() for card in row.cards if row.slug == "clean"]


def test_the_second_visitor_asks_the_database_only_for_the_rows(django_assert_num_queries):
    TemplateFactory.create_batch(3)
    first = names()
    with django_assert_num_queries(1):
        assert names() == first


@pytest.mark.parametrize("count", [1, 30])
def test_a_miss_costs_the_same_for_one_and_for_many(django_assert_max_num_queries, count):
    TemplateFactory.create_batch(count)
    with django_assert_max_num_queries(4):
        names()


def test_a_row_holds_twelve_and_says_that_there_are_more():
    TemplateFactory.create_batch(15)
    [row] = [row for row in rows() if row.slug == "clean"]
    assert (len(row.cards), row.more) == (12, True)


def test_the_first_row_shows_one_title_of_each_job_in_turn():
    watch, clean = CategoryFactory(slug="w", position=0), CategoryFactory(slug="c", position=1)
    for name, category in (("W1", watch), ("W2", watch), ("C1", clean)):
        TemplateFactory(name=name, category=category, run_class="now")
    [row] = [row for row in rows() if row.slug == "runs-now"]
    assert [card.name for card in row.cards] == ["W1", "C1", "W2"]


def test_a_decision_is_seen_by_the_next_visitor(django_capture_on_commit_callbacks):
    first, second = TemplateFactory(name="A", position=0), TemplateFactory(name="B", position=1)
    assert names() == ["A", "B"]
    with django_capture_on_commit_callbacks(execute=True):
        curation.order_templates([second.pk, first.pk], by=UserFactory())
    assert names() == ["B", "A"]
    with django_capture_on_commit_callbacks(execute=True):
        curation.hide(first, by=UserFactory())
    assert names() == ["B"]


def test_what_changes_while_a_list_is_read_makes_it_old_at_birth():
    TemplateFactory(name="A")

    def make():
        read = selectors.read_shelf("user")
        gallery_cache.renew("user")
        return read

    gallery_cache.shelf("user", make)
    TemplateFactory(name="B")
    assert names() == ["A", "B"]


def test_without_redis_the_rows_are_still_there(settings):
    settings.CACHES = {
        **settings.CACHES,
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"},
    }
    TemplateFactory(name="A")
    assert names() == ["A"]


def test_titles_that_a_new_release_brings_are_seen_at_once(monkeypatch, django_capture_on_commit_callbacks):
    assert selectors.shelf().cards == []
    title = catalog.read(catalog.FOLDER / "json-diff")
    monkeypatch.setattr(catalog, "titles", lambda: [title])
    with django_capture_on_commit_callbacks(execute=True):
        seed()
    assert [card.slug for card in selectors.shelf().cards] == ["json-diff"]


def test_looking_at_a_submission_again_forgets_nothing(django_capture_on_commit_callbacks):
    template = TemplateFactory()
    selectors.shelf()
    with django_capture_on_commit_callbacks(execute=True):
        curation.review(template)
    assert gallery_cache.stats().forgotten == 0


def test_a_title_that_begins_to_fail_is_taken_off_the_rows(django_capture_on_commit_callbacks):
    template = TemplateFactory()
    assert names() == [template.name]
    version = template.current_version
    version.cassette = b'{"version":1,"trigger":{"node":"Nobody","items":[{"json":{}}]},"calls":[]}'
    with django_capture_on_commit_callbacks(execute=True):
        curation.review(template)
    assert names() == []


def test_hits_misses_and_sizes_are_counted():
    TemplateFactory.create_batch(2)
    for _ in range(4):
        selectors.shelf()
    stats = gallery_cache.stats()
    assert (stats.hits, stats.misses) == (6, 2)
    assert stats.hit_rate == pytest.approx(0.75)
    assert gallery_cache.sizes() == {"templates:prebuilt": 0, "templates:user": 2}
    cache.clear()
    assert gallery_cache.stats().hit_rate == 1.0


def test_a_card_from_the_cache_is_the_card_of_the_row():
    template = TemplateFactory(category=CategoryFactory(), tags=["a"], minutes_to_set_up=3)
    selectors.shelf()
    [card] = selectors.shelf().cards
    read = selectors.cards(None).get(pk=template.pk)
    for name in ("pk", "slug", "name", "tags", "minutes_to_set_up", "verified_at", "category_id"):
        assert getattr(card, name) == getattr(read, name)
    assert card.get_run_class_display() == "Runs now"
    assert card.current_version.number == 1
