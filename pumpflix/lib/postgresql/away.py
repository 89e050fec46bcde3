"""Tells a server that is away from a question it refused."""

import psycopg

# No connection, too few resources, shut down or starting.
STATES = ("08", "53", "57P")


def is_away(error: BaseException) -> bool:
    """Whether it tells of a server that is stopped, starting or full, not of what it was asked. The ORM's errors
    count by the one they came from."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if not isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)):
        return False
    state = cause.sqlstate or ""
    return not state or state.startswith(STATES)
