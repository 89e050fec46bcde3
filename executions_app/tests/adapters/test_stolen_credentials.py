"""Whatever names a credential of another team, and however it came to be named: it is not opened."""

import orjson
import pytest

from accounts.tests.factories import MembershipFactory
from executions_app.adapters import live
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from pumpflix.lib.safe_http import OutboundClient
from pumpflix.lib.tests.safe_http.servers import OPEN, Server, reply
from workflows_app.services import credentials, edits, import_batches
from workflows_app.services.archives import Part
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, node

pytestmark = [pytest.mark.app, pytest.mark.requirement(34)]

SECRET = "canary-of-another-team-0123456789"


@pytest.fixture
def service(monkeypatch):
    made, client = Server(lambda request, sock: reply(b"{}", Content_Type="application/json")), OutboundClient(OPEN)
    monkeypatch.setattr(live, "outbound_client", lambda: client)
    yield made
    made.close()
    client.close()


@pytest.fixture
def victim(db):
    owner = MembershipFactory(role="owner")
    fields = {"token": SECRET}
    row = credentials.create(team=owner.team, by=owner.user, name="Bank", type="httpBearerAuth", fields=fields)
    row.owner = owner
    return row


def http(service, **named):
    made = node("Steal", "httpRequest", 4.2, url=f"{service.url}/x",
                authentication="genericCredentialType", genericAuthType="httpBearerAuth")  # fmt: skip
    made["credentials"] = {"httpBearerAuth": named}
    return made


def run(parts, graph, member, **fields):
    parts.runner._make_ports = live.live_ports
    workflow = WorkflowFactory(membership=member, graph=graph)
    return parts.run(ExecutionFactory(version=VersionFactory(workflow=workflow), **fields))


def refused(execution, service) -> bool:
    return execution.status == "error" and service.seen == [] and SECRET not in str(execution.error_text)


START = node("Start", "manualTrigger")


def test_its_id_in_a_node_opens_nothing(parts, service, victim):
    execution = run(parts, chain(START, http(service, id=str(victim.pk), name="Bank")), MembershipFactory())
    assert refused(execution, service), execution.error_text
    assert "gone, or not for this team" in execution.error_text


@pytest.mark.parametrize(
    "named",
    [
        {"name": "Bank"},
        {"id": None, "name": "Bank"},
        {"id": "={{ $json.id }}", "name": "Bank"},
        {"id": ["{id}"], "name": "Bank"},
        {"id": {"id": "{id}"}, "name": "Bank"},
        {"id": "{upper}", "name": "Bank"},
    ],
    ids=["a name", "no id", "an expression", "a list", "an object", "another spelling"],
)
def test_no_other_way_to_name_it_opens_anything(parts, service, victim, named):
    text = orjson.dumps(named).decode().replace("{id}", str(victim.pk)).replace("{upper}", victim.pk.hex.upper())
    execution = run(parts, chain(START, http(service, **orjson.loads(text))), MembershipFactory())
    assert refused(execution, service), execution.error_text


def test_a_workflow_written_into_a_call_of_workflows_opens_nothing(parts, service, victim):
    inner = chain(node("When called", "executeWorkflowTrigger"), http(service, id=str(victim.pk), name="Bank"))
    call = node("Call", "executeWorkflow", 1.1, source="parameter", workflowJson=orjson.dumps(inner).decode())
    execution = run(parts, chain(START, call), MembershipFactory())
    assert refused(execution, service), execution.error_text


def test_code_that_asks_for_it_gets_nothing(parts, service, victim):
    ask = f"""
    return [{{json: await this.helpers.httpRequestWithAuthentication.call(this, "httpBearerAuth",
      {{url: "{service.url}/x", id: "{victim.pk}", credentials: {{id: "{victim.pk}"}}}})}}];
    """
    code = node("Code", "code", 2, jsCode=ask)
    code["credentials"] = {"httpBearerAuth": {"id": str(victim.pk), "name": "Bank"}}
    execution = run(parts, chain(START, code), MembershipFactory())
    assert refused(execution, service), execution.error_text


def test_a_credential_taken_back_is_judged_anew_by_the_next_run(parts, service, victim):
    borrower = MembershipFactory()
    credentials.share(victim, team=borrower.team, by=victim.owner.user)
    graph = chain(START, http(service, id=str(victim.pk), name="Bank"))
    assert run(parts, graph, borrower).status == "success"
    assert service.seen.pop().headers["authorization"] == f"Bearer {SECRET}"
    credentials.unshare(victim, team=borrower.team, by=victim.owner.user)
    assert refused(run(parts, graph, borrower), service)


def test_a_deleted_one_opens_nothing_though_it_can_be_had_back(parts, service, victim):
    credentials.delete(victim, by=victim.owner.user)
    graph = chain(START, http(service, id=str(victim.pk), name="Bank"))
    assert refused(run(parts, graph, victim.owner), service)


@pytest.mark.requirement(36)
def test_an_import_that_names_it_is_bound_to_nothing_and_an_export_holds_no_id(parts, service, victim):
    thief = MembershipFactory(role="owner")
    graph = chain(START, http(service, id=str(victim.pk), name="Bank"), name="Brought")
    for owner in (thief, victim.owner):
        batch = import_batches.bring([Part("a.json", orjson.dumps(graph))], owner=owner.user, origin="test")
        entry = batch.entries.get()
        assert str(victim.pk) not in orjson.dumps(import_batches.report_of(entry).graph).decode()
    own = WorkflowFactory(membership=victim.owner, graph=graph)
    assert str(victim.pk) not in orjson.dumps(edits.final_json(own)).decode()
