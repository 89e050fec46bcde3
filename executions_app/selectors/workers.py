"""Whether anybody would take a run: what workers tell of themselves (`pumpflix.celery.Presence`)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

PRESENT = "pf:worker:*"
LAST = "pf:workers:last"


@dataclass(frozen=True)
class Silence:
    """No worker is there; `since` is when the last one was heard, None if none ever was."""

    since: datetime | None


def silence() -> Silence | None:
    """None while a worker is there, and where nobody can tell because Redis is away."""
    with Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
        try:
            if next(client.scan_iter(match=PRESENT, count=500), None) is not None:
                return None
            last = client.get(LAST)
        except (RedisError, OSError):
            return None
    return Silence(datetime.fromtimestamp(float(last), UTC) if isinstance(last, bytes) else None)
