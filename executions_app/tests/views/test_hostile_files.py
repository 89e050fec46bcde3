"""Files of runs: what a workflow or a caller says about one is never believed, and never shown as a page of ours."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache

from accounts.tests.factories import MembershipFactory
from executions_app import payloads
from executions_app.models import Execution, Payload, PayloadUse
from executions_app.tests.parts import Parts
from executions_app.tests.selectors.runs import ended, turn
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(document.cookie)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
NAMES = ["../../etc/passwd", "a\r\nSet-Cookie: x=1", 'a"; x="b', "CON", "x" * 300, "\u202egnp.exe", "..;/a", "a\0b"]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("executions_app.doorbell.ring", lambda: None)
    cache.clear()


def kept(execution: Execution, data: bytes) -> str:
    stored = payloads.pack(execution.team_id, data)
    row = Payload.objects.create(**payloads.as_row(stored) | {"team_id": execution.team_id})
    PayloadUse.objects.create(payload=row, execution=execution)
    return stored.ref


def with_file(data: bytes, name: str = "a.svg", mime_type: str = "image/svg+xml") -> tuple[Execution, str]:
    execution = ended()
    ref = kept(execution, data)
    meta = {"id": ref, "fileName": name, "mimeType": mime_type, "fileSize": "1 kB"}
    turn(execution, "Start", 0, [{"json": {}, "binary": {"data": meta}}])
    return execution, ref


def fetched(client: Any, execution: Execution, ref: str, **query: str) -> Any:
    client.force_login(execution.workflow.created_by)
    return client.get(f"/executions/{execution.pk}/file", {"node": "Start", "ref": ref, **query})


@pytest.mark.requirement(19)
@pytest.mark.parametrize("mime_type", ["image/svg+xml", "text/html", "image/png", "application/xhtml+xml", "text/xml"])
def test_svg_and_pages_are_downloads_whatever_they_say_they_are(client: Any, mime_type: str) -> None:
    execution, ref = with_file(SVG, mime_type=mime_type)
    answer = fetched(client, execution, ref, preview="1")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.requirement(19)
def test_a_picture_is_shown_by_its_bytes_and_in_a_sandbox(client: Any) -> None:
    execution, ref = with_file(PNG, mime_type="text/html")
    answer = fetched(client, execution, ref, preview="1")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.requirement(14)
@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_file_stays_inside_its_header(client: Any, name: str) -> None:
    execution, ref = with_file(b"x", name=name.replace("\0", ""))
    answer = fetched(client, execution, ref)
    said = answer["Content-Disposition"]
    assert answer.status_code == 200
    assert not {"\r", "\n", "\0"} & set(said)
    assert "Set-Cookie" not in answer.headers
    assert said.startswith("attachment")


@pytest.mark.requirement(13, 14)
@pytest.mark.parametrize(
    "ref", ["/etc/passwd", "file:///etc/passwd", "sha256:../../etc/passwd", "filesystem-v2:../x", "sha256:" + "0" * 64]
)
def test_a_reference_names_a_stored_file_of_the_run_or_nothing(client: Any, ref: str) -> None:
    execution, _ = with_file(b"x")
    assert fetched(client, execution, ref).status_code == 404


CLAIMS = [
    {"id": "/etc/passwd"},
    {"id": "filesystem-v2:/etc/passwd"},
    {"filepath": "/etc/passwd", "originalFilename": "x"},
    {"path": "/etc/passwd", "data": "AA=="},
    {"directory": "/etc", "fileName": "passwd", "data": "AA=="},
]


@pytest.mark.requirement(13)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("claim", CLAIMS, ids=["id", "n8n's id", "formidable's", "path", "directory"])
def test_an_item_that_claims_a_file_gets_none(client: Any, parts: Parts, claim: dict[str, str]) -> None:
    member = MembershipFactory()
    client.force_login(member.user)
    reading = node("Read", "extractFromFile", 1, operation="text", binaryPropertyName="data", options={})
    workflow = WorkflowFactory(membership=member, graph=chain(node("Start", "manualTrigger"), reading))
    body = {"items": [{"json": {}, "binary": {"data": {"mimeType": "text/plain", **claim}}}]}
    answer = client.post(f"/api/workflows/{workflow.pk}/execute", body, content_type="application/json")
    if answer.status_code < 300:
        execution = Execution.objects.get()
        parts.run(execution)
        told = client.get(f"/api/executions/{execution.pk}/outputs", {"node": "Read"}).content
        assert b"root:" not in told
    else:
        assert answer.status_code in (400, 422)


@pytest.mark.requirement(13)
@pytest.mark.django_db(transaction=True)
def test_another_teams_file_is_not_had_by_its_reference(client: Any, parts: Parts) -> None:
    theirs = ended()
    ref = kept(theirs, b"their secret")
    member = MembershipFactory()
    client.force_login(member.user)
    reading = node("Read", "extractFromFile", 1, operation="text", binaryPropertyName="data", options={})
    after = node("After", "set", 3.4, **assign(a=1))
    workflow = WorkflowFactory(membership=member, graph=chain(node("Start", "manualTrigger"), reading, after))
    body = {"items": [{"json": {}, "binary": {"data": {"id": ref, "mimeType": "text/plain", "fileName": "a.txt"}}}]}
    answer = client.post(f"/api/workflows/{workflow.pk}/execute", body, content_type="application/json")
    if answer.status_code < 300:
        execution = parts.run(Execution.objects.exclude(pk=theirs.pk).get())
        assert execution.status == "error"
        assert client.get(f"/executions/{execution.pk}/file", {"node": "Start", "ref": ref}).status_code == 404
    assert client.get(f"/executions/{uuid4()}/file", {"node": "Start", "ref": ref}).status_code == 404
