"""A database that is away is no error of a run: it is queued again, and goes on from what is recorded."""

import psycopg
import pytest
from django.db import utils
from psycopg_pool import PoolTimeout

from executions_app.adapters.away import giving_back
from executions_app.runner import execute as execute_module
from executions_app.tests.adapters.test_workflows import caller, calls, greeting
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts
from pumpflix.lib.postgresql.away import is_away
from workflows_app.engine.errors import LeaseLost
from workflows_app.tests.factories import WorkflowFactory

AWAY = psycopg.OperationalError("server closed the connection unexpectedly")


@pytest.fixture
def member():
    return WorkflowFactory().created_by


class Store:
    """A port that raises, the first time it is asked, or always."""

    width = 3

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get(self, name: str) -> str:
        raise self.error


def of_the_orm() -> utils.OperationalError:
    error = utils.OperationalError("the connection is lost")
    error.__cause__ = AWAY
    return error


@pytest.mark.engine
@pytest.mark.parametrize(
    "error, expected",
    [
        (AWAY, True),
        (PoolTimeout("no connection in 5 s"), True),
        (psycopg.InterfaceError("the connection is closed"), True),
        (psycopg.errors.AdminShutdown("terminating"), True),
        (psycopg.errors.CannotConnectNow("starting up"), True),
        (psycopg.errors.TooManyConnections("too many clients"), True),
        (of_the_orm(), True),
        (psycopg.errors.QueryCanceled("statement timeout"), False),
        (psycopg.errors.UniqueViolation("twice"), False),
        (ValueError("no JSON"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_tells_of_a_server_that_is_away(error: Exception, expected: bool) -> None:
    assert is_away(error) is expected


@pytest.mark.app
@pytest.mark.django_db(transaction=True)
class TestARun:
    def test_is_given_back_by_its_ports(self, parts: Parts, until) -> None:
        execution = execution_of()
        session = parts.open(execution)
        with pytest.raises(LeaseLost):
            giving_back(Store(AWAY), session).get("any")
        until(lambda: session.is_lost or session._is_over)
        execution.refresh_from_db()
        assert (execution.status, execution.crash_count) == ("queued", 0)

    def test_has_the_errors_that_are_its_own(self, parts: Parts) -> None:
        store = giving_back(Store(ValueError("mine")), parts.open(execution_of()))
        with pytest.raises(ValueError, match="mine"):
            store.get("any")
        assert store.width == 3

    def test_is_given_back_where_its_version_cannot_be_read(self, parts: Parts, monkeypatch, until) -> None:
        def away(_: object) -> None:
            monkeypatch.undo()
            raise AWAY

        monkeypatch.setattr(execute_module.versions, "get", away)
        execution = parts.run(execution_of())
        until(lambda: parts.run(execution).status == "success")
        assert execution.epoch == 2

    def test_is_given_back_with_the_one_that_called_it(self, parts: Parts, member, monkeypatch, until) -> None:
        """The called run, not the caller, meets the database that is away."""
        execution = caller(member, calls(greeting(member).pk))
        find, asked = execute_module.versions.get, []

        def away_for_the_called_one(version_id: object):
            asked.append(version_id)
            if len(asked) == 3:
                raise AWAY
            return find(version_id)

        monkeypatch.setattr(execute_module.versions, "get", away_for_the_called_one)
        until(lambda: parts.run(execution).status == "success")
        assert len(asked) > 3
        assert execution.children.get().status == "success"
