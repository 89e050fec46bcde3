"""The cache in Redis, in which limits go on counting while Redis is away: each process for itself, never not at all."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted

COUNTED = ("allauth:rl:", "allauth.mfa")
"""Keys of what allauth counts and marks as used."""


class LimitingCache(RedisCache):  # type: ignore[misc]  # it has no types
    """Everything else is a miss then, as before."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._here = LocMemCache(f"limits of {server}", {"OPTIONS": {"MAX_ENTRIES": 20_000}})

    def add(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._asked("add", super().add, key, *args, **kwargs)

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._asked("get", super().get, key, *args, **kwargs)

    def set(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._asked("set", super().set, key, *args, **kwargs)

    def delete(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._asked("delete", super().delete, key, *args, **kwargs)

    def _asked(self, name: str, usual: Callable[..., Any], key: str, *args: Any, **kwargs: Any) -> Any:
        if not str(key).startswith(COUNTED):
            return usual(key, *args, **kwargs)
        try:
            return getattr(self.client, name)(key, *args, **kwargs)
        except ConnectionInterrupted:
            return getattr(self._here, name)(key, *args, **kwargs)
