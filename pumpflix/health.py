"""`/health` and `/health/live`, answered in front of Django: they cost little and work when pages do not."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from typing import TypeVar

import orjson
import psycopg
from django.conf import settings
from django.db import connections
from redis.asyncio import Redis
from redis.exceptions import RedisError

from executions_app.intake.http import Receive, Scope, Send, send_answer

T = TypeVar("T")

PATHS = frozenset({"/health", "/health/live"})
WORKER_KEY = "pf:worker:"
ANSWER_S = 2.0
REMEMBERED_S = 1.0


async def application(scope: Scope, _receive: Receive, send: Send) -> None:
    """`/health/live`: this process answers. `/health`: what it needs does, too; 503 when one does not."""
    if scope["method"] not in ("GET", "HEAD"):
        return await _answer(send, 405, {"code": "method_not_allowed"})
    if scope["path"] == "/health/live":
        return await _answer(send, 200, {"live": True})
    found = await CHECKS.run()
    # Where code is refused, all other runs still work.
    needed = [holds for name, holds in found.items() if name != "sandbox"]
    return await _answer(send, 200 if all(needed) else 503, found)


class Checks:
    """Asked at most once a second, however many ask."""

    def __init__(self) -> None:
        self._found: dict[str, bool] = {}
        self._found_at = 0.0
        self._lock: asyncio.Lock | None = None

    async def run(self) -> dict[str, bool]:
        """One boolean per dependency: never why, for anyone may ask."""
        self._lock = self._lock or asyncio.Lock()
        async with self._lock:
            if time.monotonic() - self._found_at > REMEMBERED_S:
                has_database, has_redis, levels = await asyncio.gather(
                    _answer_of(database(), False), _answer_of(redis(), False), _answer_of(worker_levels(), [])
                )
                self._found = {
                    "database": has_database,
                    "redis": has_redis,
                    "workers": bool(levels),
                    "sandbox": runs_code(levels),
                }
                self._found_at = time.monotonic()
            return self._found


async def _answer_of(check: Awaitable[T], otherwise: T) -> T:
    try:
        return await asyncio.wait_for(check, ANSWER_S)
    except (TimeoutError, OSError, psycopg.Error, RedisError):
        return otherwise


async def database() -> bool:
    """Over a connection of its own: a drained pool is not a database that is down."""
    parameters = connections["default"].get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    async with await psycopg.AsyncConnection.connect(**wanted, autocommit=True) as connection:
        await connection.execute("select 1")
    return True


async def redis() -> bool:
    async with Redis.from_url(settings.REDIS_URL) as client:
        return bool(await client.ping())


def runs_code(levels: list[str]) -> bool:
    """No worker refuses to run code because it could not lock it in."""
    return bool(levels) and not any(is_refused(level) for level in levels)


def is_refused(level: str) -> bool:
    """Whether a worker of that level runs no code."""
    return level.startswith("none") or (level.startswith("reduced") and not settings.PUMPFLIX.sandbox_accept_reduced)


async def worker_levels() -> list[str]:
    """What each worker process that has told of itself lately said of its sandbox; see `pumpflix.celery.Presence`."""
    async with Redis.from_url(settings.REDIS_URL) as client:
        keys = [key async for key in client.scan_iter(match=f"{WORKER_KEY}*", count=500)]
        found = await client.mget(keys) if keys else []
    return [value if isinstance(value, str) else value.decode() for value in found if value]


async def _answer(send: Send, status: int, body: Mapping[str, object]) -> None:
    headers = [("content-type", "application/json"), ("cache-control", "no-store")]
    await send_answer(send, status, headers, orjson.dumps(body))


CHECKS = Checks()
