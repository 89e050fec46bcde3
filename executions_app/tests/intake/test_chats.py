"""Chats: the page, a message with its answer in every way it is read, who may write, and what is refused."""

import asyncio
import base64
from typing import Any

import httpx
import orjson
import pytest
from django.test import Client

from accounts.models import Membership
from accounts.tests.factories import UserFactory
from executions_app import payload_codec
from executions_app.ingest import Ingest
from executions_app.intake.batcher import IntakeBatcher
from executions_app.intake.chats import Chats, is_chat
from executions_app.models import Execution
from executions_app.selectors.hooks import hook_views
from executions_app.stream import Hub
from executions_app.tests.parts import Parts
from workflows_app.models import Webhook
from workflows_app.services import credentials, workflows
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]

HTML = {"accept": "text/html"}
LINES = {"accept": "application/x-ndjson"}


def published(*nodes: dict[str, Any], **parameters: Any) -> Webhook:
    values = {"public": True, "options": {}, **parameters}
    trigger = node("Chat", "@n8n/n8n-nodes-langchain.chatTrigger", 1.1, **values) | {"webhookId": "abc-123"}
    end = nodes or (node("Say", "set", 3.4, **assign(output="Hello yourself")),)
    workflow = WorkflowFactory(name="Help <desk>", graph=chain(trigger, *end))
    workflows.publish(workflow, by=workflow.created_by)
    return Webhook.objects.get(workflow=workflow)


def go(method: str, path: str, parts: Parts | None = None, **request: Any) -> httpx.Response:
    """One request, as the web process takes it in; `parts` is a worker that runs what it starts."""

    async def ask() -> httpx.Response:
        batcher = IntakeBatcher(ring=lambda: None)
        batcher.start(asyncio.get_running_loop())
        hooks = Ingest(batcher=batcher, hub=Hub(), public_url="https://flix.example/")
        chats = Chats(batcher=batcher, hub=Hub(), otherwise=hooks)
        transport = httpx.ASGITransport(app=chats)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            asked = asyncio.ensure_future(client.request(method, path, **request))
            while parts is not None and not asked.done():
                await asyncio.to_thread(parts.runner.drain)
                await asyncio.wait({asked}, timeout=0.02)
            answer = await asked
        await asyncio.to_thread(batcher.stop)
        return answer

    return asyncio.run(ask())


def item() -> dict[str, Any]:
    return payload_codec.decode(Execution.objects.get().trigger_items)[0]


@pytest.mark.requirement(54)
def test_the_page_greets_and_holds_no_script_of_its_own() -> None:
    hook = published(initialMessages="Hi <b>there</b>\nAsk away", options={"subtitle": "Any time"})
    answer = go("GET", f"/chat/{hook.token}")
    assert answer.status_code == 200
    for text in ("Help &lt;desk&gt;", "Hi &lt;b&gt;there&lt;/b&gt;", "Ask away", "Any time", 'role="log"'):
        assert text in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


def test_an_embedded_chat_gets_what_the_last_node_put_out(parts: Parts) -> None:
    published()
    body = {"action": "sendMessage", "sessionId": "s-1", "chatInput": "Hello", "metadata": {"page": 7}}
    answer = go("POST", "/webhook/abc-123/chat", parts, json=body, headers={"origin": "https://shop.example"})
    assert (answer.status_code, answer.json()) == (200, {**body, "output": "Hello yourself"})
    assert answer.headers["access-control-allow-origin"] == "*"
    execution = Execution.objects.get()
    assert (execution.mode, execution.start_node) == ("chat", "Chat")
    assert item() == {"json": body}


def test_the_page_reads_lines_while_it_waits(parts: Parts) -> None:
    hook = published()
    answer = go("POST", f"/chat/{hook.token}", parts, data={"chatInput": "Hello", "sessionId": "s"}, headers=LINES)
    lines = [orjson.loads(line) for line in answer.text.splitlines()]
    assert lines[0] == {"type": "begin"}
    assert [line for line in lines if line["type"] != "wait"][1:] == [
        {"type": "item", "content": "Hello yourself"},
        {"type": "end"},
    ]


def test_without_scripts_the_page_comes_back_with_the_answer(parts: Parts) -> None:
    hook = published(node("Say", "set", 3.4, **assign(text="<i>yes</i>")))
    form = {"chatInput": "<b>Hello</b>", "sessionId": "s-9"}
    answer = go("POST", f"/chat/{hook.token}", parts, data=form, headers=HTML)
    assert "&lt;b&gt;Hello&lt;/b&gt;" in answer.text
    assert "&lt;i&gt;yes&lt;/i&gt;" in answer.text
    assert 'value="s-9"' in answer.text


def test_a_run_that_fails_is_told_without_its_insides(parts: Parts) -> None:
    hook = published(node("Break", "stopAndError", errorMessage="secret inside"))
    answer = go("POST", f"/chat/{hook.token}", parts, data={"chatInput": "x"}, headers=LINES)
    assert [orjson.loads(line)["type"] for line in answer.text.splitlines()][-1] == "error"
    assert "secret inside" not in answer.text


def test_files_come_as_binaries_with_their_list(parts: Parts) -> None:
    hook = published(options={"allowFileUploads": True, "allowedFilesMimeTypes": "text/*"})
    sent = [("files", ("a.txt", b"one", "text/plain")), ("files", ("b.txt", b"two", "text/plain"))]
    go("POST", f"/chat/{hook.token}", parts, data={"chatInput": "look"}, files=sent, headers=LINES)
    found = item()
    assert sorted(found["binary"]) == ["data0", "data1"]
    first = found["json"]["files"][0]
    assert (first["fileName"], first["mimeType"], first["fileType"], first["binaryKey"]) == (
        "a.txt", "text/plain", "text", "data0"
    )  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"allowFileUploads": True, "allowedFilesMimeTypes": "image/*"}], ids=str)
def test_files_that_are_not_wanted_are_refused(options) -> None:
    hook = published(options=options)
    sent = [("files", ("a.txt", b"one", "text/plain"))]
    answer = go("POST", f"/chat/{hook.token}", data={"chatInput": "look"}, files=sent, headers=LINES)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_refused")
    assert not Execution.objects.exists()


def test_one_message_sent_twice_counts_once(parts: Parts) -> None:
    hook = published()
    for _ in range(2):
        answer = go("POST", f"/chat/{hook.token}", parts, json={"chatInput": "x"}, headers={"idempotency-key": "m-1"})
        assert answer.json()["output"] == "Hello yourself"
    assert Execution.objects.count() == 1


@pytest.mark.parametrize(
    "body, code",
    [({}, "message_missing"), ({"chatInput": "  "}, "message_missing"), ({"chatInput": 7}, "message_missing"),
     ({"chatInput": "x" * 100_001}, "too_large"), ([], "message_missing")],
    ids=["nothing", "blank", "no text", "too long", "no object"],
)  # fmt: skip
def test_what_is_no_message_is_refused(body, code) -> None:
    hook = published()
    answer = go("POST", f"/chat/{hook.token}", json=body)
    assert (answer.status_code in (413, 422), answer.json()["code"]) == (True, code)
    assert not Execution.objects.exists()


def test_an_earlier_session_is_empty_and_starts_nothing() -> None:
    published()
    answer = go("POST", "/webhook/abc-123/chat?action=loadPreviousSession", json={"sessionId": "s"})
    assert answer.json() == {"data": []}
    assert not Execution.objects.exists()


def test_basic_auth_is_asked_for_as_the_node_says(parts: Parts) -> None:
    hook = published(authentication="basicAuth")
    workflow = hook.workflow
    fields = {"user": "ada", "password": "s3cret"}
    row = credentials.create(
        team=workflow.team, by=workflow.created_by, name="Chat", type="httpBasicAuth", fields=fields
    )
    workflow.graph["nodes"][0]["credentials"] = {"httpBasicAuth": {"id": str(row.pk), "name": "Chat"}}
    workflow.save()
    workflows.publish(workflow, by=workflow.created_by)
    address = f"/chat/{hook.token}"
    assert go("GET", address).status_code == 401
    wrong = base64.b64encode(b"ada:no").decode()
    assert go("GET", address, headers={"authorization": f"Basic {wrong}"}).status_code == 403
    right = {"authorization": f"Basic {base64.b64encode(b'ada:s3cret').decode()}"}
    assert go("GET", address, headers=right).status_code == 200
    assert go("POST", address, parts, json={"chatInput": "x"}, headers=right).status_code == 200
    assert "s3cret" not in str(item())


def signed_in(user: Any) -> dict[str, str]:
    """The headers of a browser of that person."""
    client = Client()
    client.force_login(user)
    return {"cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())}


def test_one_that_is_not_public_is_for_the_team(parts: Parts) -> None:
    hook = published(public=False)
    address, team = f"/chat/{hook.token}", hook.workflow.team
    assert go("GET", address).headers["location"] == f"/accounts/login/?next={address}"
    assert go("POST", address, json={"chatInput": "x"}).status_code == 401
    stranger = signed_in(UserFactory())
    assert go("GET", address, headers=stranger).status_code == 404
    mate = UserFactory()
    Membership.objects.create(user=mate, team=team, role="operator")
    assert go("GET", address, headers=signed_in(mate)).status_code == 200
    answer = go("POST", address, parts, json={"chatInput": "x"}, headers=signed_in(mate))
    assert answer.json()["output"] == "Hello yourself"
    foreign = {"origin": "https://evil.example"}
    assert go("POST", address, json={"chatInput": "x"}, headers=signed_in(mate) | foreign).status_code == 403


def test_any_account_may_write_where_the_node_asks_for_one(parts: Parts) -> None:
    hook = published(authentication="n8nUserAuth")
    assert go("GET", f"/chat/{hook.token}").status_code == 303
    assert go("GET", f"/chat/{hook.token}", headers=signed_in(UserFactory())).status_code == 200


def test_switched_off_it_is_gone_and_other_hooks_are_no_chats() -> None:
    hook = published()
    assert go("GET", f"/webhook/{hook.token}").status_code == 404
    workflows.unpublish(hook.workflow, by=hook.workflow.created_by)
    gone = go("GET", f"/chat/{hook.token}", headers=HTML)
    assert gone.status_code == 404
    assert "switched off" in gone.text
    assert go("POST", "/webhook/abc-123/chat", json={"chatInput": "x"}).json()["code"] == "webhook_not_found"


def test_embedded_mode_has_no_page_and_only_named_origins_may_read() -> None:
    hook = published(mode="webhook", options={"allowedOrigins": "https://shop.example"})
    assert go("GET", f"/chat/{hook.token}").status_code == 404
    ask = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    assert go("OPTIONS", f"/chat/{hook.token}", headers=ask).headers["access-control-allow-origin"] == ask["origin"]
    other = {**ask, "origin": "https://evil.example"}
    assert "access-control-allow-origin" not in go("OPTIONS", f"/chat/{hook.token}", headers=other).headers


def test_the_workflow_page_shows_its_address_and_leads_there(client) -> None:
    hook = published()
    client.force_login(hook.workflow.created_by)
    shown = client.get(f"/workflows/{hook.workflow_id}").content.decode()
    assert "When somebody writes in this chat" in shown
    assert f"/chat/{hook.token}" in shown.partition("wf-open-page")[0].rpartition("href=")[2]
    found = hook_views(hook.workflow, absolute=lambda path: f"https://flix.example{path}")[0]
    assert (found.kind, found.url) == ("chat", f"https://flix.example/chat/{hook.token}")
    assert '{"chatInput": "Hello", "sessionId": "1"}' in found.curl


@pytest.mark.parametrize(
    "path, expected", [("/chat/x", True), ("/webhook/a/chat", True), ("/webhook/chat", False), ("/hook/x", False)]
)
def test_addresses_of_chats(path, expected) -> None:
    assert is_chat(path) is expected
