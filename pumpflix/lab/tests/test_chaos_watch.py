"""The campaign's eyes on real rows."""

import pytest
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from executions_app.models import Execution
from executions_app.tests.factories import execution_of
from pumpflix.lab.chaos.truth import Truth
from pumpflix.lab.chaos.watch import Watch

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


def test_an_end_that_becomes_another_is_told() -> None:
    given = connection.settings_dict
    truth = Truth(make_conninfo(host=given["HOST"], port=given["PORT"], user=given["USER"], dbname=given["NAME"]))
    over = {"finished_at": timezone.now()}
    execution_of(status="success", **over)
    moved = execution_of(status="crashed", **over)
    watch = Watch(truth)
    try:
        watch.look_at_ends()
        Execution.objects.filter(pk=moved.pk).update(status="success")
        watch.look_at_ends()
    finally:
        watch.close()
        truth.close()
    assert watch.changed == [f"{moved.pk}: crashed became success"]
