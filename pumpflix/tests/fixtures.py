"""Fixtures of every app's tests. A test that touches neither database nor Redis starts no server."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from asgiref.sync import SyncToAsync
from django.core.cache import caches
from django.db import connection, connections

from pumpflix.tests import product as product_module
from pumpflix.tests.product import OUTSIDE, Product, fresh_database, give_administrator, running, temporary_folder
from pumpflix.tests.servers import TestServers, product_number, with_number, xdist_worker

SERVERS = TestServers()
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TIERS = {"engine", "nodes", "app", "live", "e2e"}


def pytest_configure(config: pytest.Config) -> None:
    """xdist's workers come and go, so the process that controls them holds the servers."""
    if config.getoption("numprocesses", None):
        SERVERS.start()


def pytest_unconfigure() -> None:
    SERVERS.stop()


@pytest.fixture(autouse=True)
def _nothing_left_open_beside() -> Iterator[None]:
    """The thread that async tests and fixtures do blocking work in keeps its connections; no database can be dropped
    with one."""
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture(scope="session")
def servers() -> None:
    """PostgreSQL and Redis are up."""
    SERVERS.start()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """pytest-django asks for this before it creates the test database."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A thread of a test that outlives it may hold a connection still; with one, the database cannot be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(END_OTHERS)


@pytest.fixture
def redis_url(servers: None) -> str:
    return os.environ["REDIS_URL"]


@pytest.fixture
def redis_client(redis_url: str):
    """An empty Redis of this test worker's own."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    """What one test cached, the next one must not find."""
    if {mark.name for mark in request.node.iter_markers()} & {"app", "live", "django_db"}:
        request.getfixturevalue("redis_client")
        caches["fragments"].clear()


@pytest.fixture(scope="session")
def product(servers: None) -> Iterator[Product]:
    """PumpFlix as a user starts it, with a database of its own on the test servers; shared by a session's tests."""
    with fresh_database(os.environ["DATABASE_URL"]) as database_url, temporary_folder() as folder:
        given = {
            "DATABASE_URL": database_url,
            "REDIS_URL": with_number(os.environ["REDIS_URL"], product_number()),
            "PUMPFLIX_GRACE_S": "5",
            "PUMPFLIX_OUTBOUND_ALLOW": f"{OUTSIDE}/32",
            # Beside the products of other workers of xdist, one process for each is what the machine has.
            **({} if xdist_worker() is None else {"PUMPFLIX_WORKERS": "1"}),
        }
        with running(given, folder / "data") as product:
            give_administrator(product)
            yield product


@pytest.fixture
def free_port() -> int:
    return product_module.free_port()
