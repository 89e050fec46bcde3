import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.factories import UserFactory
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, manual_set, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]

GOOD = json.dumps(manual_set(greeting="Hello"))
BAD = {
    "not JSON": ("{nodes: 1}", "line 1"),
    "wrong shape": ('{"name": "x"}', "nodes"),
    "a list": ("[1, 2]", "Nothing is stored as a workflow yet"),
    "wire to nowhere": (
        json.dumps(
            {"nodes": [node("A", "set")], "connections": {"A": {"main": [[{"node": "B", "type": "main", "index": 0}]]}}}
        ),
        "B",
    ),
    "two of a name": (json.dumps({"nodes": [node("A", "set"), node("A", "set")], "connections": {}}), "A"),
}


def post(client, **data):
    """What somebody sees who brings it."""
    return client.post("/import", data, follow=True)


def store(client, answer):
    """Press *Import it* on the report."""
    address = answer.redirect_chain[-1][0]
    return client.post(f"{address}/act", {"entry": "0", "do": "import"})


def test_anyone_may_look_at_the_import_page(client):
    assert b"imp-drop" in client.get("/import").content


def test_a_report_comes_first_and_stores_nothing(client):
    answer = post(client, text=GOOD)
    assert answer.status_code == 200
    assert b"Runs now" in answer.content
    assert not Workflow.objects.exists()


def test_a_file_is_read_as_a_paste_is(client):
    file = SimpleUploadedFile("w.json", GOOD.encode(), "application/json")
    assert b"Runs now" in post(client, file=file).content


def test_a_visitor_is_asked_to_sign_in_before_storing(client):
    answer = post(client, text=GOOD)
    store(client, answer)
    assert b"Sign in to import it" in answer.content
    assert not Workflow.objects.exists()


def test_a_member_stores_it_and_sees_it(client):
    client.force_login(UserFactory())
    answer = store(client, post(client, text=GOOD))
    workflow = Workflow.objects.get()
    assert answer["Location"] == f"/workflows/{workflow.pk}"


@pytest.mark.parametrize("source, said", BAD.values(), ids=BAD)
def test_what_cannot_be_imported_is_told_and_not_stored(client, source, said):
    client.force_login(UserFactory())
    answer = post(client, text=source)
    store(client, answer)
    assert b"imp-report" in answer.content
    assert said in answer.content.decode()
    assert not Workflow.objects.exists()


def test_an_unknown_node_is_kept_and_named(client):
    graph = json.dumps(chain(node("Start", "manualTrigger"), node("Odd one", "some.package.odd")))
    page = post(client, text=graph).content.decode()
    assert "50 %" in page
    assert "1 placeholder" in page
    assert "some.package.odd" in page


def test_an_empty_form_says_what_to_do(client):
    assert b"Paste a workflow&#x27;s JSON or choose a file." in post(client, text="").content


def test_markup_in_an_import_stays_text(client):
    graph = json.dumps(chain(node("<script>alert(1)</script>", "set"), name="<b>x</b>"))
    page = post(client, text=graph).content.decode()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_the_owner_downloads_n8n_json(client):
    workflow = WorkflowFactory(name="My flow")
    client.force_login(workflow.created_by)
    answer = client.get(f"/workflows/{workflow.pk}/download")
    assert answer.json()["nodes"] == workflow.graph["nodes"]
    assert 'filename="my-flow.json"' in answer["Content-Disposition"]


def test_a_stranger_downloads_nothing(client):
    client.force_login(UserFactory())
    assert client.get(f"/workflows/{WorkflowFactory().pk}/download").status_code == 404


def test_a_paste_beyond_the_limit_is_told_its_limit(client):
    answer = post(client, text="x" * 20 * 1024 * 1024)
    assert answer.status_code == 413
    assert b"10 MB" in answer.content
    assert b"Nothing was stored" in answer.content


def test_a_file_beyond_the_limit_ends_on_a_report(client):
    answer = post(client, file=SimpleUploadedFile("w.json", b"x" * 20 * 1024 * 1024, "application/json"))
    assert b"20.0 MB; at most 10 MB" in answer.content


def test_too_many_nodes_end_on_a_report_with_their_number(client):
    nodes = [node(f"N{number}", "noOp") for number in range(5_000)]
    answer = post(client, text=json.dumps({"nodes": nodes, "connections": {}}))
    assert b"5000 nodes" in answer.content
    assert not Workflow.objects.exists()


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_a_body_that_is_no_form_does_not_end_silently(client, content_type):
    answer = client.post("/import", data=b"\xff\xfe{}", content_type=content_type)
    assert answer.status_code == 422
    assert b"Paste a workflow" in answer.content


def test_more_fields_than_a_form_has_are_refused(client):
    answer = client.post("/import", {f"f{number}": "x" for number in range(2_000)})
    assert answer.status_code == 400
    assert b"more fields" in answer.content
