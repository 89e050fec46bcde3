"""Fixtures of every app's tests. A test that touches neither database nor Redis starts no server."""

import os
import socket

import pytest
import redis

from pumpflix.tests.servers import TestServers

SERVERS = TestServers()
TIERS = {"engine", "nodes", "app", "live", "e2e"}


def pytest_configure(config: pytest.Config) -> None:
    """xdist's workers come and go, so the process that controls them holds the servers."""
    if config.getoption("numprocesses", None):
        SERVERS.start()


def pytest_unconfigure() -> None:
    SERVERS.stop()


@pytest.fixture(scope="session")
def servers() -> None:
    """PostgreSQL and Redis are up."""
    SERVERS.start()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """pytest-django asks for this before it creates the test database."""


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


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
