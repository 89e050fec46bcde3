"""What the admin's own pages show: the health of this instance, and how the gallery's cache does."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from executions_app.selectors.queue import queue_figures
from pumpflix.health import WORKER_KEY
from pumpflix.settings.source import DATA
from templates_app import gallery_cache

FEW_BYTES = 1024**3
QUEUE_ALARM_S = 60


@dataclass(frozen=True, slots=True)
class Part:
    """One thing this instance needs. `facts` are pairs of term and text."""

    name: str
    is_well: bool
    facts: list[tuple[str, str]]


def health_parts() -> list[Part]:
    """Every part is asked; one that does not answer is not well, and says why."""
    asked: list[tuple[str, Callable[[], Part]]] = [
        (_("Database"), database),
        (_("Redis"), broker),
        (_("Workers"), workers),
        (_("Queue"), queue),
        (_("Disk"), disk),
        (_("Sandbox"), sandbox),
    ]
    return [answered(name, ask) for name, ask in asked]


def answered(name: str, ask: Callable[[], Part]) -> Part:
    try:
        return ask()
    except (DatabaseError, redis.RedisError, OSError) as error:
        return Part(name, False, [(_("Error"), str(error).splitlines()[0][:200])])


def database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version'), pg_database_size(current_database()), "
                       "(select count(*) from pg_stat_activity where datname = current_database())")  # fmt: skip
        version, size, connections = cursor.fetchone()
    facts = [(_("PostgreSQL"), version), (_("Size"), filesizeformat(size)), (_("Connections"), str(connections))]
    return Part(_("Database"), True, facts)


def broker() -> Part:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
        info = client.info()
    facts = [
        (_("Version"), str(info.get("valkey_version") or info.get("redis_version"))),
        (_("Memory"), str(info.get("used_memory_human"))),
        (_("Clients"), str(info.get("connected_clients"))),
    ]
    return Part(_("Redis"), True, facts)


def workers() -> Part:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
        names = sorted(key.decode().removeprefix(WORKER_KEY) for key in client.scan_iter(f"{WORKER_KEY}*", count=500))
    return Part(_("Workers"), bool(names), [(_("Worker"), name) for name in names] or [(_("Worker"), _("none"))])


def queue() -> Part:
    figures = queue_figures()
    facts = [(status, str(count)) for status, count in figures.counts.items()]
    oldest = figures.oldest_queued_s
    facts.append((_("Oldest queued"), _("%(seconds)d s") % {"seconds": oldest} if oldest is not None else _("none")))
    return Part(_("Queue"), oldest is None or oldest < QUEUE_ALARM_S, facts)


def disk() -> Part:
    usage = shutil.disk_usage(DATA.path)
    facts = [(_("Free"), filesizeformat(usage.free)), (_("Of"), filesizeformat(usage.total))]
    return Part(_("Disk"), usage.free > FEW_BYTES, facts)


def sandbox() -> Part:
    level = _("reduced, accepted") if settings.PUMPFLIX.sandbox_accept_reduced else _("full, or no code runs")
    return Part(_("Sandbox"), not settings.PUMPFLIX.sandbox_accept_reduced, [(_("Level"), level)])


def cache_figures() -> list[tuple[str, str]]:
    stats = gallery_cache.stats()
    figures = [
        (_("Hits"), str(stats.hits)),
        (_("Misses"), str(stats.misses)),
        (_("Hit rate"), f"{stats.hit_rate:.1%}"),
        (_("Times forgotten"), str(stats.forgotten)),
    ]
    return figures + [(key, _("%(count)d cards") % {"count": count}) for key, count in gallery_cache.sizes().items()]
