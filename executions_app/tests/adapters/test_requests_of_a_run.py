"""HTTP Request in a whole run: many items at once, tokens that are refused, journals that are taken up again."""

import threading

import orjson
import pytest

from accounts.tests.factories import MembershipFactory
from executions_app import payload_codec
from executions_app.adapters import live
from executions_app.models import NodeEffect, NodeRun
from executions_app.selectors.outputs import node_outputs
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from pumpflix.lib.safe_http import OutboundClient
from pumpflix.lib.tests.safe_http.servers import OPEN, Server, reply
from workflows_app.services import credentials, outbound
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, node

pytestmark = pytest.mark.app


@pytest.fixture
def network(monkeypatch):
    client = OutboundClient(OPEN)
    monkeypatch.setattr(live, "outbound_client", lambda: client)
    monkeypatch.setattr(outbound, "outbound_client", lambda: client)
    yield client
    client.close()


@pytest.fixture
def serve():
    made = []

    def start(answer):
        made.append(Server(answer))
        return made[-1]

    yield start
    for server in made:
        server.close()


def run(parts, member, http, items):
    graph = chain(node("Start", "manualTrigger"), http)
    workflow = WorkflowFactory(membership=member, graph=graph)
    execution = ExecutionFactory(version=VersionFactory(workflow=workflow), trigger_items=items)
    parts.runner._make_ports = live.live_ports
    return parts.run(execution)


def encoded(count):
    return payload_codec.encode([{"json": {"n": n}} for n in range(count)])


def test_items_of_one_node_are_sent_side_by_side_and_each_once(parts, network, serve):
    gate = threading.Barrier(4)

    def answer(request, sock):
        gate.wait(10)
        return reply(orjson.dumps({"target": request.target}), Content_Type="application/json")

    server = serve(answer)
    url = f"={server.url}/{{{{ $json.n }}}}"
    execution = run(parts, MembershipFactory(), node("HTTP", "httpRequest", 4.2, method="POST", url=url), encoded(12))
    assert execution.status == "success", execution.error_text
    [outputs] = node_outputs(execution, NodeRun.objects.get(execution=execution.pk, node="HTTP"))
    assert [item["json"]["target"] for item in outputs] == [f"/{n}" for n in range(12)]
    keys = [seen.headers["idempotency-key"] for seen in server.seen]
    assert sorted(keys) == sorted(f"pf-{execution.pk}-HTTP-0-{n}-0" for n in range(12))
    assert NodeEffect.objects.filter(execution=execution.pk).count() == 12


def test_a_token_the_service_refuses_is_renewed_once_for_the_whole_run(parts, network, serve):
    member, renewals = MembershipFactory(), []

    def answer(request, sock):
        if request.target == "/token":
            renewals.append(request.body)
            return reply(b'{"access_token": "second-token", "expires_in": 3600}', Content_Type="application/json")
        if request.headers["authorization"] != "Bearer second-token":
            return reply(b"{}", "401 Unauthorized")
        return reply(b'{"ok": true}', Content_Type="application/json")

    server = serve(answer)
    fields = {
        "grantType": "authorizationCode", "accessTokenUrl": f"{server.url}/token", "clientId": "me",
        "oauthTokenData": {"access_token": "first-token", "refresh_token": "refresh-me"},
    }  # fmt: skip
    row = credentials.create(team=member.team, by=None, name="Service", type="oAuth2Api", fields=fields)
    http = node("HTTP", "httpRequest", 4.2, url=f"{server.url}/api", authentication="genericCredentialType",
                genericAuthType="oAuth2Api")  # fmt: skip
    http["credentials"] = {"oAuth2Api": {"id": str(row.pk), "name": "Service"}}
    execution = run(parts, member, http, encoded(6))
    assert execution.status == "success", execution.error_text
    assert renewals == [b"grant_type=refresh_token&refresh_token=refresh-me&client_id=me"]
    row.refresh_from_db()
    assert credentials.fields_of(row)["oauthTokenData"]["access_token"] == "second-token"
