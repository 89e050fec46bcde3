"""What the admin's own pages show: the health of this instance, and how the gallery's cache does."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import AuditEntry, User
from executions_app import admission
from executions_app.models import Job
from executions_app.selectors.queue import queue_figures
from pumpflix.health import WORKER_KEY, is_refused
from pumpflix.lib.rate_limits import OFF
from pumpflix.settings.source import DATA
from templates_app import gallery_cache
from templates_app.models import SelfTest, Template

FEW_BYTES = 1024**3
QUEUE_ALARM_S = 60
MOST_WAITING = 6
LATEST = 8


@dataclass(frozen=True, slots=True)
class Part:
    """One thing this instance needs. `facts` are pairs of term and text."""

    name: str
    is_well: bool
    facts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the first page and where it leads."""

    figure: str
    words: str
    address: str
    is_alarm: bool = False


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the first page tells: what waits for somebody, a few figures, what happened last. Curators see the gallery,
    administrators everything."""
    waiting = Template.objects.filter(status="submitted").select_related("category", "created_by", "team")
    is_administrator = getattr(request.user, "is_staff", False)
    context |= {
        "waiting": waiting.defer("search_text", "search_grams").order_by("updated_at")[:MOST_WAITING],
        "tiles": gallery_tiles() + (instance_tiles() if is_administrator else []),
        "latest": AuditEntry.objects.select_related("actor").order_by("-at")[:LATEST] if is_administrator else [],
    }
    return context


def gallery_tiles() -> list[Tile]:
    counts = dict(Template.objects.values_list("status").annotate(Count("id")).order_by())
    titles = reverse("admin:templates_app_template_changelist")
    newest = SelfTest.objects.filter(version=OuterRef("current_version")).order_by("-ran_at").values("result")[:1]
    failing = Template.objects.published().annotate(test=Subquery(newest)).filter(test="failed").count()
    return [
        Tile(
            str(counts.get("submitted", 0)), _("waiting for a decision"), f"{titles}?status__exact=submitted",
            is_alarm=bool(counts.get("submitted")),
        ),
        Tile(str(counts.get("published", 0)), _("titles in the gallery"), f"{titles}?status__exact=published"),
        Tile(str(failing), _("fail their self-test"), f"{titles}?status__exact=published", is_alarm=bool(failing)),
        Tile(f"{gallery_cache.stats().hit_rate:.0%}", _("of lists came from the cache"), reverse("admin:cache")),
    ]  # fmt: skip


def instance_tiles() -> list[Tile]:
    unwell = sum(not part.is_well for part in health_parts())
    failed = Job.objects.filter(status="error").count()
    return [
        Tile(str(unwell), _("parts are not well"), reverse("admin:health"), is_alarm=bool(unwell)),
        Tile(str(User.objects.filter(is_active=True).count()), _("people"), reverse("admin:accounts_user_changelist")),
        Tile(str(failed), _("side jobs failed"), reverse("admin:executions_app_job_changelist"), is_alarm=bool(failed)),
    ]


def health_parts() -> list[Part]:
    """Every part is asked; one that does not answer is not well, and says why."""
    told = cache(worker_levels)
    asked: list[tuple[str, Callable[[], Part]]] = [
        (_("Database"), database),
        (_("Redis"), broker),
        (_("Workers"), lambda: workers(told())),
        (_("Queue"), queue),
        (_("Disk"), disk),
        (_("Sandbox"), lambda: sandbox(told())),
        (_("Intake"), intake),
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


def worker_levels() -> dict[str, str]:
    """What each worker there is told: how well its machine locks code in."""
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
        keys = sorted(client.scan_iter(f"{WORKER_KEY}*", count=500))
        levels = client.mget(keys) if keys else []
    return {
        key.decode().removeprefix(WORKER_KEY): (level or b"").decode() for key, level in zip(keys, levels, strict=True)
    }


def workers(levels: dict[str, str]) -> Part:
    return Part(_("Workers"), bool(levels), [(_("Worker"), name) for name in levels] or [(_("Worker"), _("none"))])


def queue() -> Part:
    figures = queue_figures()
    facts = [(capfirst(status), str(count)) for status, count in figures.counts.items()]
    oldest = figures.oldest_queued_s
    facts.append((_("Oldest queued"), _("%(seconds)d s") % {"seconds": oldest} if oldest is not None else _("none")))
    return Part(_("Queue"), oldest is None or oldest < QUEUE_ALARM_S, facts)


def disk() -> Part:
    usage = shutil.disk_usage(DATA.path)
    facts = [(_("Free"), filesizeformat(usage.free)), (_("Of"), filesizeformat(usage.total))]
    return Part(_("Disk"), usage.free > FEW_BYTES, facts)


def sandbox(levels: dict[str, str]) -> Part:
    """Below `full` no code runs unless that was accepted."""
    accepted = settings.PUMPFLIX.sandbox_accept_reduced
    facts = [*levels.items()]
    facts.append((_("Below full"), _("accepted by a setting") if accepted else _("no code runs")))
    return Part(_("Sandbox"), not accepted and not any(is_refused(level) for level in levels.values()), facts)


def intake() -> Part:
    rule = settings.PUMPFLIX.limit_webhook
    facts = [
        (_("Calls of a webhook"), _("any number: nothing holds a flood back") if rule == OFF else rule),
        (_("Largest body"), f"{settings.PUMPFLIX.webhook_body_mb} MB"),
    ]
    if admission.disk().is_low:
        facts.append((_("New runs"), _("refused, the disk is nearly full")))
    return Part(_("Intake"), rule != OFF and not admission.disk().is_low, facts)


def cache_figures() -> list[tuple[str, str]]:
    stats = gallery_cache.stats()
    figures = [
        (_("Hits"), str(stats.hits)),
        (_("Misses"), str(stats.misses)),
        (_("Hit rate"), f"{stats.hit_rate:.1%}"),
        (_("Times forgotten"), str(stats.forgotten)),
    ]
    names = {"templates:prebuilt": _("Prebuilt titles kept"), "templates:user": _("Titles of teams kept")}
    return figures + [(names[key], str(count)) for key, count in gallery_cache.sizes().items()]
