"""The pool after an outage of its server, and during one."""

import time

import psycopg
import pytest
from django.db import connection as orm_connection
from psycopg_pool import PoolTimeout

from executions_app.database import close_pool, conninfo, effects_pool
from executions_app.database import pool as small_pool
from pumpflix.lib.postgresql.base import DatabaseWrapper
from pumpflix.lib.postgresql.pool import LastingPool, is_silent

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pool(transactional_db: None):
    kwargs = {"autocommit": True, "application_name": "lasting"}
    with LastingPool(conninfo(), kwargs=kwargs, min_size=0, max_size=3, timeout=5, reconnect_timeout=1) as made:
        yield made


def end_all_but_ours() -> None:
    """What a restart of the server does to connections."""
    with orm_connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lasting'")


def test_no_connection_of_a_server_that_went_is_handed_out(pool: LastingPool, until) -> None:
    held = [pool.getconn() for _ in range(3)]
    for one in held:
        pool.putconn(one)
    end_all_but_ours()
    until(lambda: not any(is_silent(one) for one in held))
    for _ in range(3):
        with pool.connection() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_notice_of_the_server_is_no_reason_to_drop_it(pool: LastingPool) -> None:
    with pool.connection() as first:
        first.execute("LISTEN here")
    with orm_connection.cursor() as cursor:
        cursor.execute("NOTIFY here")
    with pool.connection() as again:
        assert again is first
        again.execute("UNLISTEN *")


def test_while_the_server_is_away_one_is_told_soon() -> None:
    with LastingPool("host=127.0.0.1 port=1 dbname=x", min_size=0, max_size=2, timeout=30, reconnect_timeout=1) as away:
        began = time.monotonic()
        with pytest.raises(psycopg.OperationalError) as error:
            away.getconn()
        assert not isinstance(error.value, PoolTimeout)
        assert time.monotonic() - began < 2.5


def test_while_all_are_busy_one_waits(pool: LastingPool) -> None:
    held = [pool.getconn() for _ in range(3)]
    with pytest.raises(PoolTimeout):
        pool.getconn(1.2)
    for one in held:
        pool.putconn(one)


def test_the_models_use_such_a_pool(transactional_db: None) -> None:
    given = orm_connection.settings_dict
    wrapper = DatabaseWrapper({**given, "OPTIONS": {**given["OPTIONS"], "pool": {"max_size": 2, "min_size": 0}}}, "x")
    assert isinstance(wrapper.pool, LastingPool)
    wrapper.pool.open()
    with wrapper.pool.connection() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    wrapper.close_pool()


def test_the_small_pools_are_closed_together_and_opened_anew(transactional_db: None) -> None:
    made = [small_pool(), effects_pool()]
    close_pool()
    close_pool()
    assert [one.closed for one in made] == [True, True]
    with small_pool().connection() as reads, effects_pool().connection() as effects:
        assert [one.execute("SELECT 1").fetchone() for one in (reads, effects)] == [(1,), (1,)]
