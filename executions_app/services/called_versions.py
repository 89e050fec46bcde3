"""Take away versions that were made of a graph given in a call, once no run of them is kept.

A caller may make a new one with every call. Whoever comes to one that is there already makes it young again
(`workflows_app.services.versions`), so none goes between being found and being run."""

from datetime import timedelta
from typing import Any

from django.db import connection

GRACE = timedelta(days=1)
BATCH = 500

REFERENCES = """
SELECT c.conrelid::regclass::text, a.attname
  FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
 WHERE c.contype = 'f' AND c.confrelid = 'workflows_app_workflowversion'::regclass
"""

DUE = """
SELECT v.id FROM workflows_app_workflowversion v
 WHERE v.reason = 'called' AND v.created_at < clock_timestamp() - %(grace)s AND {unused}
"""
DELETE = "DELETE FROM workflows_app_workflowversion WHERE id = ANY(ARRAY({due} LIMIT %(batch)s FOR UPDATE SKIP LOCKED))"


def prune_called_versions(*, is_dry: bool = False) -> int:
    """How many went, or would go."""
    with connection.cursor() as cursor:
        due = DUE.format(unused=unused(cursor))
        values: dict[str, Any] = {"grace": GRACE, "batch": BATCH}
        if is_dry:
            cursor.execute(f"SELECT count(*) FROM ({due}) due", values)  # noqa: S608 - ours
            return int(cursor.fetchone()[0])
        gone = 0
        while True:
            cursor.execute(DELETE.format(due=due), values)
            gone += int(cursor.rowcount)
            if cursor.rowcount < BATCH:
                return gone


def unused(cursor: Any) -> str:
    """The condition that no row of any table names the version: the database knows them all."""
    cursor.execute(REFERENCES)
    return " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} r WHERE r.{column} = v.id)"  # noqa: S608 - names from the catalogue
        for table, column in cursor.fetchall()
    )
