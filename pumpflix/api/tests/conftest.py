"""The documented world is made once a module; each test changes it in a transaction of its own."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core.management import call_command

from accounts.models import User
from pumpflix.api.tests.world import documented_world


@pytest.fixture(autouse=True)
def _quiet_doorbell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("executions_app.doorbell.ring", lambda: None)


@pytest.fixture(scope="module")
def _world(django_db_setup: None, django_db_blocker) -> Iterator[UUID]:
    with django_db_blocker.unblock():
        owner = documented_world().pk
    yield owner
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def everything(_world: UUID, db: None) -> User:
    """The owner of everything that documented examples speak of."""
    return User.objects.get(pk=_world)
