"""Moved database time. A schema that is searched before `pg_catalog` holds a `clock_timestamp()` of its own, so that
the product's statements run as they are, and go by a clock that stands where it was put."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg.sql import SQL, Identifier

MAKE = """
CREATE SCHEMA moved_clock;
CREATE TABLE moved_clock.now (at timestamptz NOT NULL);
INSERT INTO moved_clock.now VALUES (pg_catalog.clock_timestamp());
CREATE FUNCTION moved_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT at FROM moved_clock.now';
"""
PATH = "moved_clock, pg_catalog, public"


class MovedClock:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def put(self, moment: datetime) -> None:
        self._connection.execute("UPDATE moved_clock.now SET at = %s", (moment,))


@contextmanager
def moved_clock(connection: psycopg.Connection) -> Iterator[MovedClock]:
    """Every connection made from now on to that connection's database goes by the moved clock. The connection commits
    each statement."""
    database = Identifier(connection.info.dbname)
    connection.execute(MAKE)
    connection.execute(SQL("ALTER DATABASE {} SET search_path = {}").format(database, SQL(PATH)))
    try:
        yield MovedClock(connection)
    finally:
        connection.execute(SQL("ALTER DATABASE {} RESET search_path").format(database))
        connection.execute("DROP SCHEMA moved_clock CASCADE")
