"""Both teams are made once a module; each test changes them in a transaction of its own."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from pumpflix.tests.access import world


@pytest.fixture(autouse=True)
def _quiet_doorbell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("executions_app.doorbell.ring", lambda: None)


@pytest.fixture(scope="module")
def _people(django_db_setup: None, django_db_blocker) -> Iterator[world.People]:
    with django_db_blocker.unblock():
        made = world.make()
    yield made
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def people(_people: world.People, db: None) -> world.People:
    return _people
