"""PostgreSQL, the cache and sessions. The addresses are given, or those of the embedded servers."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pumpflix.settings.source import DATABASE_URL, ENV, REDIS_URL


def database(url: str) -> dict[str, Any]:
    """Django's database settings of a URL; what follows `?` goes to libpq, a `host` there may be a socket folder."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "pumpflix.lib.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": options.pop("port", None) or str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {
            **options,
            "connect_timeout": 5,
            "application_name": "pumpflix",
            "pool": {
                "min_size": ENV.database_pool_min,
                "max_size": ENV.database_pool_max,
                "timeout": ENV.database_timeout_ms / 1000,
                "max_idle": 60,
                "reconnect_timeout": 1,
            },
        },
    }


DATABASES = {"default": database(DATABASE_URL)}

CACHES = {
    # Pieces of pages that are the same for everybody, drawn once a minute in each process.
    "fragments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 300}},
    "default": {
        "BACKEND": "pumpflix.lib.limiting_cache.LimitingCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "pf",
        "TIMEOUT": 60,
        "OPTIONS": {
            "CLIENT_CLASS": "django_redis.client.DefaultClient",
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": 2,
            "SOCKET_TIMEOUT": 5,
            # Redis may be flushed or gone at any time: a miss, never an error page.
            "IGNORE_EXCEPTIONS": True,
        },
    },
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
