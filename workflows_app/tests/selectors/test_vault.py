"""The vault's figures: which workflows use a credential, and what somebody still has to sign in to."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import MembershipFactory
from workflows_app.models import Credential, Workflow, WorkflowVersion
from workflows_app.selectors.vault import is_signed_in_to, is_unconnected, vault_rows
from workflows_app.services import credentials, versions, workflows
from workflows_app.tests.graphs import chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]


@pytest.fixture
def member():
    return MembershipFactory(role="owner")


def stored(member, name="Key", kind="httpBearerAuth") -> Credential:
    return credentials.create(team=member.team, by=member.user, name=name, type=kind, fields={})


def naming(*named: object) -> dict:
    """A node for each of what `credentials` may hold."""
    nodes = [node(f"Node {number}", "noOp") for number, _ in enumerate(named)]
    for one, held in zip(nodes, named, strict=True):
        one["credentials"] = held
    return chain(node("Start", "manualTrigger"), *nodes)


def made(member, graph: dict, **fields) -> Workflow:
    workflow = workflows.create(chain(node("Start", "manualTrigger")), team=member.team, by=member.user, name="Orders")
    Workflow.objects.filter(pk=workflow.pk).update(graph=graph, **fields)
    workflow.refresh_from_db()
    return workflow


def by(row: Credential, kind: str = "") -> dict:
    return {kind or row.type: {"id": str(row.pk), "name": row.name}}


def uses(member) -> dict[str, int]:
    return {row.name: row.used_by for row in vault_rows(member.user)}


def test_a_workflow_counts_once_wherever_it_names_one(member):
    row, other, unused = stored(member), stored(member, "Other"), stored(member, "Unused")
    made(member, naming(by(row), by(row), {**by(row), **by(other, "httpBasicAuth")}))
    made(member, naming(by(row)))
    assert uses(member) == {"Key": 2, "Other": 0, "Unused": 0}
    assert not vault_rows(member.user, query=unused.name)[0].used_by


def test_what_is_live_counts_though_the_draft_names_it_no_more(member):
    row = stored(member)
    workflow = made(member, naming(by(row)))
    version = versions.snapshot(workflow, reason="publish", by=member.user)
    Workflow.objects.update(live_version=version)
    assert uses(member) == {"Key": 1}
    Workflow.objects.update(graph=naming({}))
    assert uses(member) == {"Key": 1}
    WorkflowVersion.objects.update(graph=naming({}))
    assert uses(member) == {"Key": 0}


ODD = [None, [], "text", 3, {"httpBearerAuth": None}, {"httpBearerAuth": "text"}, {"httpBearerAuth": {"id": None}}]


@pytest.mark.parametrize("held", [*ODD, {"httpBearerAuth": {"id": 7}}, {"httpBearerAuth": {"id": {}}}], ids=str)
def test_what_names_none_counts_for_nothing(member, held):
    row = stored(member)
    made(member, naming(held, by(row)))
    made(member, naming(held))
    made(member, {"nodes": held})
    assert uses(member) == {"Key": 1}


def test_what_the_person_does_not_see_counts_for_nothing(member):
    row, mate = stored(member), MembershipFactory(team=member.team)
    made(mate, naming(by(row)), visibility="private")
    made(MembershipFactory(), naming(by(row)))
    assert uses(member) == {"Key": 0}
    assert uses(mate) == {"Key": 1}


def test_graphs_are_read_once_however_many_credentials_there_are(member):
    for number in range(3):
        made(member, naming(by(stored(member, f"Key {number}"))))
    with CaptureQueriesContext(connection) as asked:
        assert set(uses(member).values()) == {1}
    reading = [one["sql"] for one in asked.captured_queries if '"graph"' in one["sql"]]
    assert len(reading) == 1
    assert '"workflows_app_credential"' not in reading[0]


@pytest.mark.parametrize(
    "kind, shown, by_people, is_missing",
    [
        ("httpBearerAuth", {}, False, False),
        ("gone", {}, False, False),
        ("oAuth2Api", {}, True, True),
        ("oAuth2Api", {"oauthTokenData": {"isSet": True}}, True, False),
        ("oAuth2Api", {"oauthTokenData": "text"}, True, True),
        ("oAuth2Api", {"grantType": "clientCredentials"}, False, False),
    ],
)
def test_a_person_signs_in_with_some(kind, shown, by_people, is_missing):
    row = Credential(type=kind, shown=shown)
    assert (is_signed_in_to(row), is_unconnected(row)) == (by_people, is_missing)
