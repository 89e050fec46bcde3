"""Give the space of removed rows back to the file system.

Removed rows leave room that later rows fill, so tables stop growing; their files stay as large as they once were. To
make them smaller a table is written anew, which nobody can read or write meanwhile."""

from collections.abc import Callable

from django.db import connection

from executions_app.selectors.sizes import GROWING


def compact(*, tell: Callable[[str], None] = lambda _: None) -> None:
    """Write every growing table anew, one after the other. Needs as much free room as the largest one takes."""
    for table in GROWING:
        tell(f"compacting {table}")
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            try:
                cursor.execute(f"VACUUM (FULL, ANALYZE) {table}")
            finally:
                cursor.execute("RESET statement_timeout")
