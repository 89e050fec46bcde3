"""Rate limits: a moving window counted in Redis in one script; while Redis is away each process counts for itself."""

import time
from dataclasses import dataclass
from functools import cache

import structlog
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import ConnectionPool

log = structlog.get_logger(__name__)
ASIDE_S = 5.0
OFF = "0"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_after_s` until one more call is allowed; `remaining` and `reset_s` of the window as it is now."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int

    @property
    def retry_after_s(self) -> int:
        return max(1, self.reset_s)


class RateLimits:
    """`take` and `refusal` count a call, `blocked` does not. A name and an identity make one counter."""

    def __init__(self, redis_url: str) -> None:
        pool = ConnectionPool.from_url(redis_url, socket_timeout=1, socket_connect_timeout=0.5)
        self._shared = MovingWindowRateLimiter(
            RedisStorage("redis://", connection_pool=pool, wrap_exceptions=True, key_prefix="pf-limits")
        )
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._away_until = 0.0

    def take(self, rule: str, *names: str) -> Verdict:
        return self._ask(parsed(rule), names, counts=True)

    def forget(self, rule: str, *names: str) -> None:
        """Begin that counter anew."""
        item = parsed(rule)
        self._local.clear(item, *names)
        if not self._is_away():
            try:
                self._shared.clear(item, *names)
            except StorageError as error:
                self._put_aside(error)

    def refusal(self, rule: str, *names: str) -> Verdict | None:
        """Count a call; None if it is allowed. Costs one question, where `take` asks two. The rule `0` allows all."""
        return None if rule == OFF else self._refused(parsed(rule), names, counts=True)

    def blocked(self, rule: str, *names: str) -> Verdict | None:
        """The same without counting: None if one more call would be allowed."""
        return None if rule == OFF else self._refused(parsed(rule), names, counts=False)

    def _refused(self, item: RateLimitItem, names: tuple[str, ...], *, counts: bool) -> Verdict | None:
        is_allowed = None if self._is_away() else self._asked_shared(item, names, counts=counts)
        if is_allowed is None:
            is_allowed = _asked(self._local, item, names, counts=counts)
        return None if is_allowed else self._ask(item, names, counts=False)

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _asked_shared(self, item: RateLimitItem, names: tuple[str, ...], *, counts: bool) -> bool | None:
        """None where Redis does not answer."""
        try:
            return _asked(self._shared, item, names, counts=counts)
        except StorageError as error:
            self._put_aside(error)
            return None

    def _put_aside(self, error: StorageError) -> None:
        self._away_until = time.monotonic() + ASIDE_S
        log.warning("limits_without_redis", error=str(error))

    def _ask(self, item: RateLimitItem, names: tuple[str, ...], *, counts: bool) -> Verdict:
        if not self._is_away():
            try:
                return _verdict(self._shared, item, names, counts=counts)
            except StorageError as error:
                self._put_aside(error)
        return _verdict(self._local, item, names, counts=counts)


def _verdict(limiter: MovingWindowRateLimiter, item: RateLimitItem, names: tuple[str, ...], *, counts: bool) -> Verdict:
    allowed = _asked(limiter, item, names, counts=counts)
    stats = limiter.get_window_stats(item, *names)
    return Verdict(allowed, item.amount, max(0, stats.remaining), max(0, round(stats.reset_time - time.time())))


def _asked(limiter: MovingWindowRateLimiter, item: RateLimitItem, names: tuple[str, ...], *, counts: bool) -> bool:
    return limiter.hit(item, *names) if counts else limiter.test(item, *names)


@cache
def parsed(rule: str) -> RateLimitItem:
    """Of `100/15 minutes`. Raises ValueError."""
    return parse(rule)


@cache
def limits_at(redis_url: str) -> RateLimits:
    """The counters of this process."""
    return RateLimits(redis_url)
