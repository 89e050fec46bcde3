"""Connections outside the ORM, for the paths where every millisecond counts: the writer, claims, intake."""

from functools import cache
from typing import Any

import orjson
import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo
from psycopg.types.json import set_json_dumps, set_json_loads

from pumpflix.lib.postgresql.pool import LastingPool

Connection = psycopg.Connection[tuple[Any, ...]]


def conninfo() -> str:
    """The address of Django's default database, the tests' one included."""
    database: dict[str, Any] = settings.DATABASES["default"]
    options = {key: value for key, value in database["OPTIONS"].items() if key != "pool"}
    given = {
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": database["HOST"],
        "port": database["PORT"],
        **options,
    }
    return make_conninfo(**{key: value for key, value in given.items() if value not in ("", None)})


def prepare(connection: "psycopg.Connection[Any] | psycopg.AsyncConnection[Any]") -> None:
    set_json_loads(orjson.loads, connection)
    set_json_dumps(orjson.dumps, connection)


def connect(*, name: str, autocommit: bool = True) -> Connection:
    """One connection that its caller keeps. Statements give up after ten seconds, idle transactions too."""
    connection = psycopg.connect(
        conninfo(),
        autocommit=autocommit,
        application_name=f"pumpflix-{name}",
        options="-c statement_timeout=10000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC",
        tcp_user_timeout=5000,
    )
    prepare(connection)
    return connection


@cache
def pool() -> LastingPool[Connection]:
    """The process's small pool for claims, leases and short reads; connections are autocommit."""
    return _small_pool("-c timezone=UTC")


@cache
def effects_pool() -> LastingPool[Connection]:
    """Of own-database effects alone: they wait for each other, and nothing else of the process may wait for them. What
    a frozen process leaves open ends by itself, for others wait for its rows."""
    return _small_pool("-c timezone=UTC -c idle_in_transaction_session_timeout=120000")


def _small_pool(options: str) -> LastingPool[Connection]:
    return LastingPool(
        conninfo(),
        kwargs={"autocommit": True, "application_name": "pumpflix-runner", "options": options},
        configure=prepare,
        min_size=0,
        max_size=4,
        max_idle=60,
        timeout=5,
        reconnect_timeout=1,
        open=True,
    )


def close_pool() -> None:
    """Both of them."""
    for each in (pool, effects_pool):
        if each.cache_info().currsize:
            each().close()
            each.cache_clear()


def storable(text: str) -> str:
    """What a text column takes: no NUL, no lone surrogate."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
