"""Calls that end a wait: once, by the right address, in the right way; all else looks the same from outside."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from executions_app import payload_codec
from executions_app.intake.resume import ResumeCalls, is_resume
from executions_app.models import Execution
from executions_app.resume_links import node_mark, read_link, resume_link
from executions_app.tests.adapters.test_workflows import CALLED, caller, calls, member, workflow_of  # noqa: F401
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


def holding(**parameters: Any) -> dict[str, Any]:
    hold = node("Hold on", "wait", 1.1, resume="webhook", **parameters)
    return chain(node("Start", "manualTrigger"), hold, node("After", "set", 3.4, **assign(ok=True)))


def waiting(parts: Parts, **parameters: Any) -> Execution:
    execution = parts.run(execution_of(holding(**parameters), items=[{"json": {"n": 1}}]))
    assert (execution.status, execution.reason) == ("waiting", "webhook")
    return execution


def address(execution: Execution) -> str:
    return resume_link(execution.pk, "Hold on", 0)


def send(method: str, url: str, **request: Any) -> httpx.Response:
    """One call, as the web process takes it in."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=ResumeCalls(ring=lambda: None))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.request(method, url, **request)

    return asyncio.run(ask())


def output_of(execution: Execution, name: str) -> dict[str, Any]:
    return payload_codec.decode(execution.node_runs.get(node=name).output)[0][0]["json"]


def test_the_caller_s_data_go_on(parts: Parts):
    execution = waiting(parts, httpMethod="POST")
    answer = send("POST", f"{address(execution)}?from=mail", json={"answer": "yes"})
    assert (answer.status_code, answer.json()) == (200, {"message": "Workflow was started"})
    assert parts.run(execution).status == "success"
    got = output_of(execution, "After")
    assert (got["body"], got["query"], got["ok"]) == ({"answer": "yes"}, {"from": "mail"}, True)


@pytest.mark.requirement(54, 56)
def test_cookies_of_the_site_do_not_go_on(parts: Parts):
    execution = waiting(parts, httpMethod="POST")
    send("POST", address(execution), headers={"cookie": "pf_session=secret; cart=7"})
    assert parts.run(execution).status == "success"
    assert output_of(execution, "After")["headers"]["cookie"] == "cart=7"


def forged(url: str) -> str:
    return f"{url[:-4]}AAAA"


@pytest.mark.parametrize(
    "method, change",
    [
        ("POST", forged),
        ("POST", lambda url: url.replace("/0/", "/1/")),
        ("POST", lambda url: f"{url}/extra"),
        ("POST", lambda _: "/resume/x"),
        ("POST", lambda url: url[:-1]),
        ("POST", lambda url: url.replace("/0/", "/\u0660/")),
        ("POST", lambda url: url.replace("/0/", "/00/")),
        ("POST", lambda url: url.upper()),
        ("POST", lambda url: f"{url}%00"),
        ("POST", lambda url: resume_link(uuid4(), "Hold on", 0)),
        ("GET", lambda url: url),
        ("HEAD", lambda url: url),
        ("OPTIONS", lambda url: url),
    ],
    ids=[
        "forged",
        "another turn",
        "something behind",
        "nonsense",
        "truncated",
        "digits of another script",
        "more digits",
        "another case",
        "a NUL",
        "another run's",
        "a link opened",
        "a head",
        "options",
    ],
)
def test_a_wrong_call_ends_nothing_and_all_get_one_answer(parts: Parts, method, change):
    execution = waiting(parts, httpMethod="POST")
    answer = send(method, change(address(execution)))
    assert answer.status_code == 404
    if method != "HEAD":
        assert answer.json()["code"] == "not_waiting"
    execution.refresh_from_db()
    assert execution.status == "waiting"


def test_late_repeated_and_forged_calls_are_told_the_same(parts: Parts):
    execution = waiting(parts, httpMethod="POST")
    url = address(execution)
    assert send("POST", url).status_code == 200
    repeated = send("POST", url).json()
    parts.run(execution)
    late, wrong = send("POST", url).json(), send("POST", forged(url)).json()
    assert {tuple((key, str(value)) for key, value in sorted(body.items()) if key != "requestId") for body in
            (repeated, late, wrong)} == {(("code", "not_waiting"), ("message", "Nothing waits at this address."),
                                          ("problems", "[]"))}  # fmt: skip


def test_of_many_calls_at_once_one_counts(parts: Parts):
    execution = waiting(parts, httpMethod="POST")
    url = address(execution)

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(app=ResumeCalls(ring=lambda: None))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return [answer.status_code for answer in await asyncio.gather(*(client.post(url) for _ in range(8)))]

    assert sorted(asyncio.run(ask())) == [200, *[404] * 7]
    assert parts.run(execution).status == "success"


def test_opening_the_address_goes_on_only_where_the_node_says_so(parts: Parts):
    assert send("GET", address(waiting(parts))).status_code == 200


def test_crawlers_end_no_wait_where_the_node_wants_none(parts: Parts):
    execution = waiting(parts, options={"ignoreBots": True})
    assert send("GET", address(execution), headers={"user-agent": "Slackbot-LinkExpanding"}).status_code == 404
    assert send("GET", address(execution), headers={"user-agent": "Mozilla/5.0"}).status_code == 200


def test_an_ending_of_its_own_belongs_to_the_address(parts: Parts):
    execution = waiting(parts, options={"webhookSuffix": "yes"})
    assert send("GET", address(execution)).status_code == 404
    assert send("GET", f"{address(execution)}/yes").status_code == 200


def test_a_file_in_the_call_arrives(parts: Parts):
    execution = waiting(parts, httpMethod="POST")
    answer = send("POST", address(execution), files={"report": ("may.txt", b"numbers", "text/plain")})
    assert answer.status_code == 200
    parts.run(execution)
    (item,) = payload_codec.decode(execution.node_runs.get(node="Hold on").output)[0]
    assert next(iter(item["binary"].values()))["fileName"] == "may.txt"


def test_an_approval_shows_a_button_first(parts: Parts):
    execution = waiting(parts)
    Execution.objects.update(reason="approval")
    shown = send("GET", f"{address(execution)}?approved=true")
    assert (shown.status_code, '<form method="post"' in shown.text) == (200, True)
    execution.refresh_from_db()
    assert execution.status == "waiting"
    assert send("POST", f"{address(execution)}?approved=true").status_code == 200


def test_a_called_run_that_waits_goes_on_with_its_caller(parts: Parts, member):  # noqa: F811
    hold = node("Hold on", "wait", 1.1, resume="webhook", httpMethod="POST")
    middle = workflow_of(member, CALLED, calls(workflow_of(member, CALLED, hold).pk))
    execution = parts.run(caller(member, calls(middle.pk)))
    assert (execution.status, execution.resume_at) == ("waiting", None)
    waits = Execution.objects.get(depth=2)
    assert send("POST", address(waits), json={"n": 7}).status_code == 200
    assert send("POST", address(waits)).status_code == 404
    parts.run(execution)
    assert set(Execution.objects.values_list("status", flat=True)) == {"success"}
    assert output_of(execution, "Call")["body"] == {"n": 7}


def test_addresses_hold_any_name_and_are_read_again():
    execution = execution_of()
    url = resume_link(execution.pk, "Ask / wait: ü?", 3)
    path = url[url.index("/resume/") :]
    assert is_resume(path)
    assert read_link(path) == (execution.pk, node_mark("Ask / wait: ü?"), 3, "")
