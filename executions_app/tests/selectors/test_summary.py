"""What a workflow will do, in one sentence."""

import pytest

from executions_app.selectors.summary import summary
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]

WEEKDAYS = {"rule": {"interval": [{"field": "cronExpression", "expression": "0 8 * * 1-5"}]}}


def sentence(*nodes):
    return summary(WorkflowFactory(graph=chain(*nodes, name="One"), live_version=None))


def test_a_schedule_and_a_mail_to_an_address_in_a_variable():
    told = sentence(
        node("When", "scheduleTrigger", 1.2, **WEEKDAYS),
        node("Variables", "set", 3.4, **assign(to="you@mail.example")),
        node("Mail", "emailSend", 2.1, toEmail="={{ $('Variables').first().json.to }}", subject="x"),
    )
    assert told.endswith("e-mails you@mail.example.")
    assert "08:00" in told


def test_a_webhook_that_answers():
    told = sentence(node("Hook", "webhook", 2, path="a"), node("Answer", "respondToWebhook", 1.1))
    assert told == "Whenever another app calls its link, answers the caller."


def test_what_touches_nothing_keeps_its_result():
    told = sentence(node("Start", "manualTrigger"), node("Set", "set", 3.4, **assign(a=1)))
    assert told == "When you press Run, works out its result and keeps it here."


def test_an_address_that_depends_on_data_is_not_made_up():
    told = sentence(
        node("Start", "manualTrigger"), node("Mail", "emailSend", 2.1, toEmail="={{ $json.customer.email }}")
    )
    assert told == "When you press Run, e-mails people named in the data."
