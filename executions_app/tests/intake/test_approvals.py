"""Approvals: asked on a page, answered once, by a link or in the product; what opens links decides nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.tests.factories import UserFactory
from executions_app import payload_codec
from executions_app.models import Execution
from executions_app.resume_links import resume_link
from executions_app.selectors.approvals import approval_of
from executions_app.services import answer_approval
from executions_app.tests.factories import execution_of
from executions_app.tests.intake.test_resume import send
from executions_app.tests.parts import Parts
from workflows_app.engine.errors import UserError
from workflows_app.tests.graphs import assign, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

QUESTION = "Send <b>12</b> mails?\n<script>alert(1)</script>"


def asking(**parameters: Any) -> dict[str, Any]:
    """Start -> Ask; Ask.approved -> Yes; Ask.declined -> No."""
    ask = node("Ask", "x", 1, title="May it go?", message=QUESTION, **parameters) | {"type": "pumpflix.approval"}
    nodes = [node("Start", "manualTrigger"), ask]
    nodes += [node(name, "set", 3.4, **assign(ok=True)) for name in ("Yes", "No")]
    branches = [[{"node": name, "type": "main", "index": 0}] for name in ("Yes", "No")]
    wires = {"Start": {"main": [[{"node": "Ask", "type": "main", "index": 0}]]}, "Ask": {"main": branches}}
    return {"nodes": nodes, "connections": wires, "settings": {"executionOrder": "v1"}}


def waiting(parts: Parts, **parameters: Any) -> Execution:
    execution = parts.run(execution_of(asking(**parameters), items=[{"json": {"n": 1}}]))
    assert (execution.status, execution.reason) == ("waiting", "approval")
    return execution


def address(execution: Execution) -> str:
    return resume_link(execution.pk, "Ask", 0)


def output_of(execution: Execution, name: str) -> dict[str, Any]:
    return payload_codec.decode(execution.node_runs.get(node=name).output)[0][0]["json"]


@pytest.mark.requirement(54)
def test_the_page_asks_and_decides_nothing(parts: Parts):
    execution = waiting(parts)
    for agent in ("Mozilla/5.0", "Slackbot-LinkExpanding", "Outlook SafeLinks"):
        shown = send("GET", f"{address(execution)}?approved=true", headers={"user-agent": agent})
        assert shown.status_code == 200
    assert "<h1>May it go?</h1>" in shown.text
    assert "<b>12</b>" in shown.text
    assert "<script" not in shown.text
    assert shown.text.count('name="approved"') == 2
    assert "script-src" not in shown.headers["content-security-policy"]
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert send("HEAD", address(execution)).status_code == 404
    execution.refresh_from_db()
    assert execution.status == "waiting"


@pytest.mark.parametrize("approved, node_name", [("true", "Yes"), ("false", "No")])
def test_an_answer_with_a_note_takes_its_branch_once(parts: Parts, approved, node_name):
    execution = waiting(parts)
    given = {"approved": approved, "note": "={{ $env }} <b>later</b>"}
    answer = send("POST", f"{address(execution)}?approved=true", data=given)
    assert (answer.status_code, "has been recorded" in answer.text) == (200, True)
    again = send("POST", address(execution), data=given, headers={"accept": "text/html"})
    assert (again.status_code, "Nothing waits at this address." in again.text) == (404, True)
    assert parts.run(execution).status == "success"
    expected = {"approved": approved == "true", "note": given["note"]}
    assert output_of(execution, node_name) == {"n": 1, "ok": True, "approval": expected}
    assert set(execution.node_runs.values_list("node", flat=True)) == {"Start", "Ask", node_name}


@pytest.mark.parametrize("body", [{}, {"approved": "maybe"}, {"approved": ""}], ids=["nothing", "neither", "empty"])
def test_an_answer_that_was_not_offered_is_none(parts: Parts, body):
    execution = waiting(parts)
    assert send("POST", address(execution), data=body).status_code == 422
    assert send("POST", address(execution), json=[1]).status_code == 422
    execution.refresh_from_db()
    assert execution.status == "waiting"


def test_nobody_answers_in_time(parts: Parts):
    execution = waiting(parts, limitWaitTime=True, waitAmount=2, waitUnit="hours")
    assert execution.resume_at is not None
    Execution.objects.update(status="queued", reason="", resume_at=None)
    assert parts.run(execution).status == "success"
    assert output_of(execution, "No")["approval"] == {"approved": False, "expired": True}


def test_it_is_answered_in_the_product_by_those_who_may_run_it(parts: Parts):
    execution = waiting(parts)
    client, stranger = Client(), Client()
    client.force_login(execution.workflow.created_by)
    stranger.force_login(UserFactory())
    page = client.get(reverse("executions_app:execution-show", args=[execution.pk])).content.decode()
    assert 'data-testid="approval"' in page
    assert address(execution) in page
    url = reverse("executions_app:execution-approve", args=[execution.pk])
    assert stranger.post(url, {"approved": "true"}).status_code == 404
    assert client.get(url).status_code == 405
    assert client.post(url, {"approved": "true", "note": "fine"}).status_code == 302
    assert parts.run(execution).status == "success"
    said = output_of(execution, "Yes")["approval"]
    assert said == {"approved": True, "note": "fine", "by": str(execution.workflow.created_by)}
    assert AuditEntry.objects.filter(action="execution.approve").count() == 1
    assert approval_of(execution) is None
    with pytest.raises(UserError, match="any more"):
        answer_approval(execution, by=execution.workflow.created_by, approved=False)
