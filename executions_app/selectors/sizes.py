"""How much room the tables take that grow with every run. For administrators."""

from dataclasses import dataclass

from django.db import connection

GROWING = (
    "executions_app_execution",
    "executions_app_executionevent",
    "executions_app_noderun",
    "executions_app_executionlabel",
    "executions_app_nodeeffect",
    "executions_app_payload",
    "executions_app_payloaduse",
    "executions_app_outboxmessage",
    "executions_app_keptresult",
    "executions_app_job",
)

SIZES = """
SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c
 WHERE c.relname = ANY(%s) AND c.relnamespace = current_schema()::regnamespace
 ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class Size:
    """With indexes and large values."""

    table: str
    size_bytes: int


def sizes() -> list[Size]:
    """The largest first."""
    with connection.cursor() as cursor:
        cursor.execute(SIZES, [list(GROWING)])
        return [Size(*row) for row in cursor.fetchall()]
