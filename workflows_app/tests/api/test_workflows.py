"""Workflows by REST: what each call leaves in the database."""

import io
import json
import zipfile
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry
from accounts.tests.clients import as_user
from accounts.tests.factories import MembershipFactory
from workflows_app.models import Credential, CredentialShare, Workflow, WorkflowVersion
from workflows_app.services import credentials, workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, manual_set, node, webhook_chain

pytestmark = [pytest.mark.app, pytest.mark.django_db]


HOOK = "n8n-nodes-base.webhook"


@pytest.fixture
def workflow() -> Workflow:
    return WorkflowFactory(name="Clean invoices", tags=["invoices"])


@pytest.fixture
def client(workflow: Workflow) -> APIClient:
    return as_user(workflow.created_by)


def path(workflow: Workflow, rest: str = "") -> str:
    return f"/api/workflows/{workflow.pk}{rest}"


def read(workflow: Workflow) -> Workflow:
    workflow.refresh_from_db()
    return workflow


# creating and changing -------------------------------------------------------------------------------
def test_created_ones_are_drafts_of_ones_team(workflow, client):
    body = {"name": "New", "tags": ["B", "a ", "b"], "visibility": "private", "graph": manual_set(a=1)}
    made = client.post("/api/workflows", body, format="json").json()
    row = Workflow.objects.get(pk=made["id"])
    assert (row.name, row.tags, row.visibility, row.graph) == ("New", ["B", "a"], "private", manual_set(a=1))
    assert (row.created_by, made["status"], made["lockVersion"]) == (workflow.created_by, "draft", 1)
    assert row.node_types == ["n8n-nodes-base.manualTrigger", "n8n-nodes-base.set"]
    assert AuditEntry.objects.filter(action="workflow.create", object_id=made["id"]).exists()


def test_a_repeated_call_makes_one_workflow(workflow, client):
    call = {"path": "/api/workflows", "data": {"name": "Once"}, "format": "json", "HTTP_IDEMPOTENCY_KEY": "k"}
    first, again = client.post(**call), client.post(**call)
    assert first.json() == again.json()
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Workflow.objects.filter(name="Once").count() == 1


def test_a_key_used_for_another_call_is_refused(workflow, client):
    client.post("/api/workflows", {"name": "One"}, format="json", HTTP_IDEMPOTENCY_KEY="k")
    other = client.post("/api/workflows", {"name": "Two"}, format="json", HTTP_IDEMPOTENCY_KEY="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert not Workflow.objects.filter(name="Two").exists()


def test_a_call_that_failed_may_be_made_again_with_its_key(workflow, client):
    bad = {"name": "x", "graph": {"nodes": 1}}
    assert client.post("/api/workflows", bad, format="json", HTTP_IDEMPOTENCY_KEY="k").status_code == 422
    assert client.post("/api/workflows", bad, format="json", HTTP_IDEMPOTENCY_KEY="k").status_code == 422


def test_two_people_do_not_share_their_keys(workflow, client):
    client.post("/api/workflows", {"name": "One"}, format="json", HTTP_IDEMPOTENCY_KEY="k")
    other = as_user(MembershipFactory(team=workflow.team, role="editor").user)
    assert other.post("/api/workflows", {"name": "Two"}, format="json", HTTP_IDEMPOTENCY_KEY="k").status_code == 201


@pytest.mark.parametrize("key", ["x" * 201, "é"])
def test_a_key_that_is_none(workflow, client, key):
    answer = client.post("/api/workflows", {"name": "One"}, format="json", HTTP_IDEMPOTENCY_KEY=key)
    assert answer.status_code == 400


def test_replacing_writes_every_field(workflow, client):
    body = {"name": "Other", "graph": manual_set(b=2), "lockVersion": 1}
    assert client.put(path(workflow), body, format="json").json()["lockVersion"] == 2
    row = read(workflow)
    assert (row.name, row.tags, row.description, row.graph) == ("Other", [], "", manual_set(b=2))


@pytest.mark.requirement(53)
def test_who_saves_second_gets_both_sides(workflow, client):
    client.put(path(workflow), {"name": "First", "graph": manual_set(a=1), "lockVersion": 1}, format="json")
    second = client.put(path(workflow), {"name": "Second", "graph": manual_set(a=2), "lockVersion": 1}, format="json")
    body = second.json()
    assert (second.status_code, body["code"]) == (409, "conflict")
    assert (body["yours"]["name"], body["yours"]["lockVersion"]) == ("Second", 1)
    assert (body["theirs"]["name"], body["theirs"]["lockVersion"]) == ("First", 2)
    assert body["theirs"]["graph"] == manual_set(a=1)
    assert read(workflow).name == "First"


def test_changing_one_field_keeps_the_others(workflow, client):
    client.patch(path(workflow), {"description": "What it does"}, format="json")
    row = read(workflow)
    assert (row.name, row.tags) == ("Clean invoices", ["invoices"])
    assert (row.description, row.lock_version) == ("What it does", 2)


def test_a_version_is_kept_when_asked_for(workflow, client):
    client.patch(path(workflow), {"graph": manual_set(greeting="Hi"), "createVersion": True}, format="json")
    assert WorkflowVersion.objects.get(workflow=workflow).graph == manual_set(greeting="Hi")


@pytest.mark.parametrize("graph,versions", [
    (manual_set(greeting="Hi"), 0),
    (chain(node("Start", "manualTrigger"), node("Other", "set", 3.4, **assign(a=1))), 1),
    ({**manual_set(greeting="Hello"), "connections": {}}, 1),
], ids=["another value", "another node", "another wire"])  # fmt: skip
def test_a_version_is_kept_by_itself_when_the_change_is_a_significant_one(workflow, client, graph, versions):
    client.patch(path(workflow), {"graph": graph}, format="json")
    assert WorkflowVersion.objects.filter(workflow=workflow).count() == versions


def test_a_deleted_one_is_gone_from_everything_but_the_database(workflow, client):
    workflows.publish(workflow, by=workflow.created_by)
    assert client.delete(path(workflow)).status_code == 204
    row = read(workflow)
    assert (row.deleted_at is not None, row.is_live) == (True, False)
    assert client.get(path(workflow)).status_code == 404
    assert client.get("/api/workflows").json()["items"] == []


def test_a_copy_is_a_draft_of_its_own(workflow, client):
    copied = client.post(path(workflow, "/duplicate"), {}, format="json").json()
    row = Workflow.objects.get(pk=copied["id"])
    assert (row.name, row.graph, row.tags, row.is_live) == ("Clean invoices (2)", workflow.graph, ["invoices"], False)


# sharing ---------------------------------------------------------------------------------------------
def with_secrets() -> dict[str, Any]:
    graph = manual_set(a=1)
    graph["nodes"][1]["credentials"] = {"httpHeaderAuth": {"id": "own-id", "name": "Mine"}}
    return {**graph, "pinData": {"Start": [{"json": {"salary": 1}}]}}


def test_a_public_one_is_read_and_copied_without_what_is_its_owners():
    shown = WorkflowFactory(visibility="public", graph=with_secrets())
    other = MembershipFactory().user
    client = as_user(other)
    assert [row["id"] for row in client.get("/api/workflows/public").json()["items"]] == [str(shown.pk)]
    assert client.get("/api/workflows").json()["items"] == []
    text = client.get(path(shown)).content
    assert b"own-id" not in text
    assert b"salary" not in text
    copied = client.post(path(shown, "/duplicate"), {}, format="json").json()
    row = Workflow.objects.get(pk=copied["id"])
    assert row.team.memberships.get().user == other
    assert "own-id" not in json.dumps(row.graph)
    assert client.patch(path(shown), {"name": "Mine now"}, format="json").status_code == 404


def test_a_private_one_is_its_authors_alone(workflow, client):
    client.patch(path(workflow), {"visibility": "private"}, format="json")
    mate = as_user(MembershipFactory(team=workflow.team, role="owner").user)
    assert mate.get(path(workflow)).status_code == 404
    assert client.get(path(workflow)).status_code == 200


def test_only_an_owner_shows_it_to_everybody(workflow):
    editor = as_user(MembershipFactory(team=workflow.team, role="editor").user)
    assert editor.patch(path(workflow), {"visibility": "public"}, format="json").status_code == 403
    assert read(workflow).visibility == "team"


# switching on ----------------------------------------------------------------------------------------
def test_switched_on_its_webhook_is_listed_and_live():
    workflow = WorkflowFactory(graph=webhook_chain())
    client = as_user(workflow.created_by)
    assert client.post(path(workflow, "/publish")).json()["liveVersion"] == 1
    (hook,) = client.get(f"/api/webhooks?workflowId={workflow.pk}").json()["items"]
    row = workflow.webhooks.get()
    assert (hook["isLive"], hook["methods"], row.is_live) == (True, ["POST"], True)
    assert hook["url"].endswith(f"/hook/{row.token}")
    client.post(path(workflow, "/unpublish"))
    assert read(workflow).is_live is False
    assert workflow.webhooks.get().is_live is False


def test_what_nothing_starts_cannot_be_switched_on():
    workflow = WorkflowFactory(graph=chain(node("Mail", "gmailTrigger")))
    answer = as_user(workflow.created_by).post(path(workflow, "/publish"))
    assert answer.status_code == 422
    assert read(workflow).is_live is False


def test_variables_are_read_and_set(workflow, client):
    assert client.get(path(workflow, "/variables")).json()["items"][0]["value"] == "Hello"
    body = {"values": {"greeting": "={{ 7*7 }}"}}
    assert client.put(path(workflow, "/variables"), body, format="json").status_code == 200
    stored = read(workflow).graph["nodes"][1]["parameters"]["assignments"]["assignments"][0]["value"]
    assert stored == '={{ "={{ 7*7 }}" }}'


def test_a_variable_that_is_not_there(workflow, client):
    answer = client.put(path(workflow, "/variables"), {"values": {"other": 1}}, format="json")
    assert (answer.status_code, answer.json()["problems"][0]["path"]) == (422, "values.other")


# versions --------------------------------------------------------------------------------------------
def test_an_older_version_becomes_the_draft_again(workflow, client):
    before = workflow.graph
    client.patch(path(workflow), {"graph": before, "createVersion": True}, format="json")
    client.patch(path(workflow), {"graph": manual_set(greeting="Later")}, format="json")
    answer = client.post(path(workflow, "/versions/1/restore"))
    assert answer.status_code == 200
    assert read(workflow).graph == before
    listed = client.get(path(workflow, "/versions")).json()["items"]
    assert [version["number"] for version in listed] == [2, 1]
    assert client.get(path(workflow, "/versions/2")).json()["graph"] == manual_set(greeting="Later")
    assert client.get(path(workflow, "/versions/9")).status_code == 404


# lists -----------------------------------------------------------------------------------------------
def found(client: APIClient, query: str = "") -> list[str]:
    return [row["name"] for row in client.get(f"/api/workflows?{query}").json()["items"]]


def test_lists_are_narrowed_by_status_tag_text_and_node_type(workflow, client):
    common = {"membership": None, "team": workflow.team, "created_by": workflow.created_by}
    live = WorkflowFactory(**common, name="Hooked", graph=webhook_chain(), tags=["a", "b"], node_types=[HOOK])
    workflows.publish(live, by=workflow.created_by)
    WorkflowFactory(**common, name="Unfinished", setup_done=False, description="About invoices")
    assert found(client, "status=live") == ["Hooked"]
    assert found(client, "status=setup") == ["Unfinished"]
    assert found(client, "status=draft") == ["Clean invoices"]
    assert found(client, "tags=a,b") == ["Hooked"]
    assert found(client, "tags=a,c") == []
    assert set(found(client, "search=invoices")) == {"Clean invoices", "Unfinished"}
    assert found(client, f"nodeType={HOOK}") == ["Hooked"]
    tags = client.get("/api/tags").json()["items"]
    assert [(tag["name"], tag["workflows"]) for tag in tags] == [("a", 1), ("b", 1), ("invoices", 1)]


def test_pages_by_cursor_show_every_row_once_while_rows_are_added(workflow, client):
    common = {"membership": None, "team": workflow.team, "created_by": workflow.created_by}
    WorkflowFactory.create_batch(6, **common)
    seen, cursor = [], ""
    while True:
        page = client.get(f"/api/workflows?limit=3{cursor}").json()
        seen += [row["id"] for row in page["items"]]
        WorkflowFactory(**common)
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert len(seen) == len(set(seen)) == 7


def test_pages_by_number_tell_how_many_there_are(workflow, client):
    WorkflowFactory.create_batch(4, membership=None, team=workflow.team, created_by=workflow.created_by)
    page = client.get("/api/workflows?skip=2&limit=2").json()
    assert (len(page["items"]), page["total"], page["skip"], page["limit"]) == (2, 5, 2, 2)


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize("where", ["workflows", "credentials", "webhooks", "workflows/public"])
def test_a_list_asks_as_often_for_fifty_rows_as_for_one(where, count, django_assert_max_num_queries):
    member = MembershipFactory()
    graph = webhook_chain()
    rows = WorkflowFactory.create_batch(
        count, membership=member, visibility="public" if "public" in where else "team", graph=graph
    )
    for number, row in enumerate(rows):
        row.webhooks.create(node="Webhook", token=f"token-{number}")
        fields = {"name": "a", "value": "b"}
        credentials.create(team=member.team, by=member.user, name=f"C{number}", type="httpHeaderAuth", fields=fields)
    client = as_user(member.user)
    with django_assert_max_num_queries(5):
        assert len(client.get(f"/api/{where}?limit=100").json()["items"]) == count


# imports and exports ---------------------------------------------------------------------------------
def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ".json", text)
    return out.getvalue()


def test_a_zip_goes_out_and_comes_in_again(workflow, client):
    data = client.post("/api/exports", {"workflowIds": [str(workflow.pk)]}, format="json").content
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["Clean invoices.json"]
    made = client.generic("POST", "/api/imports", data, content_type="application/zip").json()
    row = Workflow.objects.get(pk=made["created"][0]["id"])
    assert (row.name, row.graph["nodes"]) == ("Clean invoices", workflow.graph["nodes"])


def test_what_is_wrong_in_a_zip_is_told_file_by_file(workflow, client):
    data = zipped(good=json.dumps(manual_set(a=1)), bad="{", up="[]", **{"..__..__etc": json.dumps(manual_set(b=1))})
    report = client.generic("POST", "/api/imports/check", data, content_type="application/zip").json()["items"]
    assert {entry["file"]: entry["importable"] for entry in report} == {
        "good.json": True, "bad.json": False, "up.json": False, "../../etc.json": True
    }  # fmt: skip
    assert Workflow.objects.count() == 1
    made = client.generic("POST", "/api/imports", data, content_type="application/zip")
    assert (made.status_code, len(made.json()["created"]), len(made.json()["refused"])) == (201, 2, 2)


def test_a_bomb_is_not_unpacked(client):
    data = zipped(bomb=" " * (20 * 1024 * 1024))
    answer = client.generic("POST", "/api/imports", data, content_type="application/zip")
    assert (answer.status_code, answer.json()["refused"][0]["problems"][0]["code"]) == (422, "too_large")


@pytest.mark.parametrize("data", [b"PK", b"PK\x03\x04" + b"\xff" * 100, zipped(a="{}")[:-10]])
def test_a_zip_that_is_none(client, data):
    answer = client.generic("POST", "/api/imports", data, content_type="application/zip")
    assert (answer.status_code, answer.json()["refused"][0]["problems"][0]["code"]) == (422, "zip_invalid")


@pytest.mark.parametrize("kind", ["", "application/json", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_an_import_of_nothing_is_told_what_is_missing(client, kind):
    answer = client.generic("POST", "/api/imports", b"", content_type=kind)
    looked = client.generic("POST", "/api/imports/check", b"", content_type=kind)
    assert (answer.status_code, looked.status_code) == (422, 200)
    (problem,) = answer.json()["refused"][0]["problems"]
    assert (problem["code"], looked.json()["items"][0]["problems"]) == ("empty", [problem])


def test_an_import_names_no_credential_of_anybody(workflow, client):
    made = client.generic("POST", "/api/imports", json.dumps(with_secrets()), content_type="application/json").json()
    row = Workflow.objects.get(pk=made["created"][0]["id"])
    assert "own-id" not in json.dumps(row.graph)


def test_an_export_holds_no_id_of_a_credential():
    workflow = WorkflowFactory(graph=with_secrets())
    answer = as_user(workflow.created_by).get(path(workflow, "/export"))
    assert b"own-id" not in answer.content
    assert "attachment" in answer.headers["Content-Disposition"]


# credentials -----------------------------------------------------------------------------------------
SECRET = "a-secret-nobody-may-read-1234"


@pytest.fixture
def kept(workflow, client) -> dict[str, Any]:
    body = {"name": "Billing", "type": "httpHeaderAuth", "fields": {"name": "X-Token", "value": SECRET}}
    answer = client.post("/api/credentials", body, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_credential_is_stored_sealed_and_never_answered(workflow, client, kept):
    row = Credential.objects.get()
    assert credentials.fields_of(row)["value"] == SECRET
    answers = [kept, *(client.get(where).json() for where in ("/api/credentials", f"/api/credentials/{row.pk}"))]
    assert SECRET not in json.dumps(answers)
    assert kept["fields"]["value"] == {"isSet": True, "hint": "…1234"}
    assert SECRET.encode() not in bytes(row.sealed)


def test_a_secret_that_is_left_out_stays(client, kept):
    body = {"name": "Other", "fields": {"name": "X-Other"}, "secretVersion": 1}
    assert client.patch(f"/api/credentials/{kept['id']}", body, format="json").status_code == 200
    row = Credential.objects.get()
    assert (row.name, credentials.fields_of(row)["value"], row.secret_version) == ("Other", SECRET, 2)
    assert client.patch(f"/api/credentials/{kept['id']}", body, format="json").status_code == 409


def test_another_team_may_use_it_and_see_nothing(workflow, client, kept):
    other = MembershipFactory(user=workflow.created_by, role="viewer")
    mate = as_user(MembershipFactory(team=other.team, role="owner").user)
    assert mate.get(f"/api/credentials/{kept['id']}").status_code == 404
    client.post(f"/api/credentials/{kept['id']}/share", {"teamId": str(other.team_id)}, format="json")
    seen = mate.get(f"/api/credentials/{kept['id']}").json()
    assert (seen["isSharedIn"], seen["fields"]) == (True, {})
    assert mate.delete(f"/api/credentials/{kept['id']}").status_code == 404
    client.delete(f"/api/credentials/{kept['id']}/share/{other.team_id}")
    assert not CredentialShare.objects.exists()


def test_a_deleted_credential_is_gone(client, kept):
    assert client.delete(f"/api/credentials/{kept['id']}").status_code == 204
    assert not Credential.objects.exists()


def test_a_type_that_is_none(client):
    answer = client.post("/api/credentials", {"name": "x", "type": "nothing", "fields": {}}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "credential_type_unknown")
