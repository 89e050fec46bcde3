"""A planted secret leaves with the request it belongs to, and shows up nowhere else."""

import base64

import orjson
import pytest
from django.db import connection

from accounts.tests.factories import MembershipFactory
from executions_app import payload_codec
from executions_app.adapters import live
from executions_app.payload_codec import NotStorable
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from pumpflix.lib.safe_http import OutboundClient
from pumpflix.lib.tests.safe_http.servers import OPEN, Server, reply
from workflows_app.services import credentials
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, node

pytestmark = [pytest.mark.app, pytest.mark.requirement(32, 33)]

CANARY = 'canary/9f+3b "x" ü-tail'
FORMS = (CANARY, base64.b64encode(f"ann:{CANARY}".encode()).decode(), "canary%2F9f", "9f+3b")


@pytest.fixture
def echo(monkeypatch):
    """A service that says back all it was sent, as JSON and in a header."""

    def answer(request, sock):
        said = {"headers": request.headers, "target": request.target, "body": request.body.decode()}
        status = "401 Unauthorized" if "fail" in request.target else "200 OK"
        body = orjson.dumps({"message": str(said), **said})
        return reply(body, status, Content_Type="application/json", X_Echo=request.headers.get("authorization", "-"))

    made, client = Server(answer), OutboundClient(OPEN)
    monkeypatch.setattr(live, "outbound_client", lambda: client)
    yield made
    made.close()
    client.close()


def stored() -> str:
    """Everything that is stored of runs, unpacked."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("executions_app_"):
                cursor.execute(f"SELECT * FROM {table}")
                found += [str(unpacked(cell)) for row in cursor for cell in row]
    return "\n".join(found)


def unpacked(cell):
    if not isinstance(cell, memoryview):
        return cell
    try:
        return payload_codec.decode(bytes(cell))
    except (ValueError, NotStorable):
        return bytes(cell)


def run(parts, member, echo, kind, fields, **parameters):
    row = credentials.create(team=member.team, by=None, name="Canary", type=kind, fields=fields)
    http = node("HTTP", "httpRequest", 4.2, authentication="genericCredentialType", genericAuthType=kind,
                options={"response": {"response": {"fullResponse": True}}}, **parameters)  # fmt: skip
    http["credentials"] = {kind: {"id": str(row.pk), "name": "Canary"}}
    graph = chain(node("Start", "manualTrigger"), http, node("After", "noOp"))
    workflow = WorkflowFactory(membership=member, graph=graph)
    parts.runner._make_ports = live.live_ports
    return parts.run(ExecutionFactory(version=VersionFactory(workflow=workflow)))


@pytest.mark.parametrize(
    "kind,fields",
    [
        ("httpBasicAuth", {"user": "ann", "password": CANARY}),
        ("httpHeaderAuth", {"name": "X-Key", "value": "canary/9f+3b-tail"}),
        ("httpQueryAuth", {"name": "key", "value": CANARY}),
        ("httpCustomAuth", {"json": '{"body": {"deep": "canary/9f+3b-tail"}, "qs": {"k": "canary/9f+3b-tail"}}'}),
    ],
)
@pytest.mark.parametrize("path", ["ok", "fail"])
def test_an_echoed_secret_is_stored_nowhere(parts, echo, kind, fields, path):
    member = MembershipFactory()
    body = {"sendBody": True, "specifyBody": "json", "jsonBody": '{"a": 1}'}
    execution = run(parts, member, echo, kind, fields, method="POST", url=f"{echo.url}/{path}", **body)
    assert execution.status == ("success" if path == "ok" else "error"), execution.error_text
    assert any(form[:6] in str(echo.seen) for form in FORMS)
    found = stored()
    assert "HTTP" in found
    assert "x-echo" in found or path == "fail"
    assert "canary" not in found
    assert FORMS[1][6:30] not in found
