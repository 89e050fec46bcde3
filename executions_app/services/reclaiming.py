"""Give room back now: prune, sweep, and make the files of the tables smaller while runs go on."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from accounts.models import User
from accounts.services import audit
from executions_app.models import Job
from executions_app.selectors.sizes import sizes
from executions_app.services import jobs, payload_sweep, pruning

KIND = "maintenance.reclaim"
REWRITTEN_BYTES = 128 * 1024 * 1024
"""A table up to this size is written anew in about a second, for which its readers wait. A larger one is only freed of
what stands at its end; `manage.py prune --compact` does the rest while the workers are stopped."""


def reclaim(*, by: User) -> Job:
    """Start the job; while one is not over, that one."""
    job = jobs.enqueue(KIND, {}, by=by, key="now")
    audit.record("runs.reclaim", actor=by, team=None, target=job)
    return job


def work(tell: Callable[[float], None]) -> dict[str, Any]:
    """What a worker does. How many runs went, and how much smaller the tables are."""
    before = total()
    pruned = pruning.Pruning(pruning.retention(), tell=lambda share: tell(share * 0.5), rest=lambda _s: None).run()
    swept = payload_sweep.sweep(tell=lambda share: tell(0.5 + share * 0.2))
    tables = sizes()
    for place, table in enumerate(tables):
        tell(0.7 + 0.3 * place / len(tables))
        shrink(table.table, is_small=table.size_bytes <= REWRITTEN_BYTES)
    return {
        "executions": sum(pruned.executions.values()),
        "payloads": swept.payloads,
        "before_bytes": before,
        "after_bytes": total(),
        "left_large": [one.table for one in tables if one.size_bytes > REWRITTEN_BYTES],
    }


def shrink(table: str, *, is_small: bool) -> None:
    """Raises OperationalError where the table is held for longer than two seconds; the job then tries again."""
    options = "FULL, ANALYZE" if is_small else "TRUNCATE, ANALYZE"
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        cursor.execute("SET statement_timeout = 0")
        try:
            cursor.execute(f"VACUUM ({options}) {table}")
        finally:
            cursor.execute("RESET lock_timeout")
            cursor.execute("RESET statement_timeout")


def total() -> int:
    return sum(size.size_bytes for size in sizes())
