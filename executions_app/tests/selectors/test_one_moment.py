"""A page and the number of the event it goes on from belong to the same moment."""

import threading

import pytest
from django.db import connection

from executions_app.models import Execution
from executions_app.selectors.one_moment import one_moment
from executions_app.tests.factories import ExecutionFactory

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


def in_another_connection(change):
    def run():
        try:
            change()
        finally:
            connection.close()

    other = threading.Thread(target=run)
    other.start()
    other.join()


def test_what_others_commit_meanwhile_is_not_seen():
    with one_moment():
        assert Execution.objects.count() == 0
        in_another_connection(ExecutionFactory)
        assert Execution.objects.count() == 0
    assert Execution.objects.count() == 1
