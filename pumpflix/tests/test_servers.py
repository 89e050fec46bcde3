import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection

pytestmark = pytest.mark.app


@pytest.mark.django_db
def test_the_database_is_postgresql_and_migrated():
    assert connection.vendor == "postgresql"
    assert get_user_model().objects.count() == 0


def test_the_cache_is_redis_and_empty():
    assert cache.get("left over") is None
    cache.set("left over", {"a": 1})
    assert cache.get("left over") == {"a": 1}


def test_what_one_test_cached_the_next_does_not_find():
    assert cache.get("left over") is None
