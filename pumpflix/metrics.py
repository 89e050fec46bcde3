"""`/metrics` in the format of Prometheus: HTTP, cache, queues, database, connections, executions. Read by whoever has
the token of `PUMPFLIX_METRICS_TOKEN`, and by administrators."""

import hmac
from collections.abc import Iterable

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import Redis, RedisError

from executions_app.selectors.jobs import job_figures
from executions_app.selectors.queue import counted_days, queue_figures
from executions_app.selectors.sizes import sizes
from executions_app.stream import hub
from pumpflix.health import WORKER_KEY
from templates_app import gallery_cache

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class ProductCollector(Collector):
    """Read when asked for, so that nothing is counted twice and nothing costs anything in between. What cannot be read
    is left out, and `pumpflix_up` says which part that is."""

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("pumpflix_up", "1 where a part answers.", labels=["part"])
        for part, read in (("database", from_database), ("redis", from_redis), ("web", from_this_process)):
            try:
                yield from list(read())
                up.add_metric([part], 1)
            except (DatabaseError, RedisError, OSError):
                up.add_metric([part], 0)
        yield up


def from_database() -> Iterable[Metric]:
    figures = queue_figures()
    executions = GaugeMetricFamily(
        "pumpflix_executions", "Executions that have not ended, by status.", labels=["status"]
    )
    for status, count in figures.counts.items():
        executions.add_metric([status], count)
    yield executions
    yield GaugeMetricFamily(
        "pumpflix_queue_oldest_seconds", "Age of the oldest queued execution.", value=figures.oldest_queued_s or 0
    )
    tables = GaugeMetricFamily("pumpflix_table_bytes", "Size of the tables that grow with every run.", labels=["table"])
    jobs = GaugeMetricFamily(
        "pumpflix_jobs", "Side jobs that are kept, by queue and status.", labels=["queue", "status"]
    )
    for (queue, status), count in job_figures().items():
        jobs.add_metric([queue, status], count)
    yield jobs
    for size in sizes():
        tables.add_metric([size.table.removeprefix("executions_app_")], size.size_bytes)
    yield tables
    finished = CounterMetricFamily(
        "pumpflix_executions_finished", "Executions that have ended, by status, as the days count.", labels=["status"]
    )
    for status, count in counted_days().items():
        finished.add_metric([status], count)
    yield finished
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), pg_database_size(current_database()) from pg_stat_activity"
            " where datname = current_database()"
        )
        connections, size = cursor.fetchone()
    yield GaugeMetricFamily("pumpflix_database_connections", "Open connections of the database.", value=connections)
    yield GaugeMetricFamily("pumpflix_database_bytes", "Size of the database.", value=size)


def from_redis() -> Iterable[Metric]:
    with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
        workers = sum(1 for _ in client.scan_iter(f"{WORKER_KEY}*", count=500))
        memory = client.info("memory")["used_memory"]
    yield GaugeMetricFamily("pumpflix_workers", "Worker processes that have told of themselves lately.", value=workers)
    yield GaugeMetricFamily("pumpflix_redis_bytes", "Memory that Redis uses.", value=memory)
    stats = gallery_cache.stats()
    cache = CounterMetricFamily("pumpflix_gallery_cache_requests", "Answers of the gallery's cache.", labels=["result"])
    cache.add_metric(["hit"], stats.hits)
    cache.add_metric(["miss"], stats.misses)
    yield cache
    sizes = GaugeMetricFamily("pumpflix_gallery_cache_cards", "Cards in each cached list.", labels=["key"])
    for key, size in gallery_cache.sizes().items():
        sizes.add_metric([key], size)
    yield sizes


def from_this_process() -> Iterable[Metric]:
    yield GaugeMetricFamily("pumpflix_live_listeners", "Sockets that follow an execution.", value=hub.listeners)


REGISTRY.register(ProductCollector())


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """404 for whoever may not read them: a stranger does not learn that they are there."""
    if not may_read(request):
        raise Http404
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE)


def may_read(request: HttpRequest) -> bool:
    token = settings.PUMPFLIX.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if token and hmac.compare_digest(given, token.encode()):
        return True
    return bool(getattr(request.user, "is_staff", False))
