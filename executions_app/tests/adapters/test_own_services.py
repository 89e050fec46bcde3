"""A whole run with the ports of a worker: rows, files and mails of the team's own services."""

import pytest

from executions_app import payload_codec
from executions_app.adapters.live import live_ports
from executions_app.models import Execution, OutboxMessage
from executions_app.runner.execute import execute, open_session
from executions_app.selectors.approvals import approval_of
from executions_app.services import answer_approval
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts
from workflows_app.models import DataTable, DataTableRow, TeamFile
from workflows_app.tests.graphs import chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

TABLE = {"__rl": True, "mode": "name", "value": "orders"}
GRAPH = chain(
    node("Start", "manualTrigger"),
    node("Row", "dataTable", 1, dataTableId=TABLE, columns={"mappingMode": "defineBelow", "value": {"total": 12.5}}),
    node("Text", "convertToFile", 1.1, operation="toText", sourceProperty="total", options={}),
    node("Keep", "readWriteFile", 1, operation="write", fileName="/data/total.txt", options={"append": True}),
    node(
        "Mail", "emailSend", 2.1, toEmail="ada@mail.example", subject="Done", html="ok", options={"attachments": "data"}
    ),
)


def run(parts: Parts, execution: Execution) -> Execution:
    claim = next(claim for claim in parts.claimer.queued(100) if claim.id == execution.pk)
    session, state = open_session(claim, parts.writer)
    execute(session, state, live_ports)
    parts.writer.stop()
    execution.refresh_from_db()
    return execution


def test_a_run_leaves_its_row_its_file_and_its_mail(parts: Parts) -> None:
    execution = run(parts, execution_of(GRAPH))
    assert execution.status == "success", execution.error_text
    assert DataTable.objects.get().columns == [{"name": "total", "type": "number"}]
    assert DataTableRow.objects.get().values == {"total": 12.5}
    assert TeamFile.objects.get().path == "data/total.txt"
    letter = OutboxMessage.objects.get()
    assert (letter.team_id, letter.execution_id) == (execution.team_id, execution.pk)
    assert letter.attachments[0]["fileSize"] == 4


def test_a_mail_that_asks_makes_the_run_wait(parts: Parts) -> None:
    asking = node("Ask", "emailSend", 2.1, operation="sendAndWait", toEmail="ada@mail.example", message="Ship it?")
    execution = run(parts, execution_of(chain(node("Start", "manualTrigger"), asking)))
    assert execution.status == "waiting", execution.error_text
    assert "approved=true" in OutboxMessage.objects.get().html
    asked = approval_of(execution)
    assert (asked.message, asked.approve, asked.decline) == ("Ship it?", "Approve", "")
    answer_approval(execution, by=execution.workflow.created_by, approved=True, note="today")
    assert run(Parts(), execution).status == "success"
    (item,) = payload_codec.decode(execution.node_runs.get(node="Ask").output)[0]
    assert item["json"]["data"] == {"approved": True, "note": "today", "by": str(execution.workflow.created_by)}
