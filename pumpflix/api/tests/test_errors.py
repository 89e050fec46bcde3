"""Whatever is wrong with a request: one body, a stable code, and never a 500."""

import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from executions_app.models import Execution
from pumpflix.api import views
from pumpflix.api.tests.world import account, as_user, graph
from pumpflix.lib.rest import samples
from workflows_app.models import Workflow
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import node

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(58)]

KEYS = {"code", "message", "problems", "requestId"}


@pytest.fixture
def owner() -> User:
    return account()


@pytest.fixture
def client(owner: User) -> APIClient:
    return as_user(owner)


def error_of(answer: Any) -> tuple[int, str]:
    """Status and code of an answer in the one shape."""
    body = answer.json()
    assert set(body) == KEYS, body
    assert all(set(problem) == {"path", "message"} for problem in body["problems"])
    assert body["requestId"] == answer.headers["X-Request-Id"]
    assert body["message"]
    return answer.status_code, body["code"]


def post(client: APIClient, body: str | bytes, path: str = "/api/workflows", **extra: Any) -> Any:
    return client.generic("POST", path, body, **{"content_type": "application/json", **extra})


def test_an_address_that_is_not_there(client):
    assert error_of(client.get("/api/nothing/here")) == (404, "not_found")
    assert error_of(Client().get("/api/nothing")) == (404, "not_found")


def test_a_method_that_an_address_does_not_take(client):
    answer = client.delete("/api/workflows")
    assert error_of(answer) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_database_that_is_away_is_a_pause(client, monkeypatch):
    """Told as such even where the error comes by way of the ORM."""

    def away(*_, **__):
        raise OperationalError("the connection is lost") from psycopg.OperationalError("server closed the connection")

    monkeypatch.setattr("workflows_app.api.workflows.WorkflowView.get", away)
    answer = client.get(f"/api/workflows/{uuid4()}")
    assert error_of(answer) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_an_answer_nobody_can_give(client):
    assert error_of(client.get("/api/workflows", HTTP_ACCEPT="text/html")) == (406, "not_acceptable")


def test_a_fault_of_ours_is_logged_and_told_without_details(client, monkeypatch):
    monkeypatch.setattr(views, "index", lambda: 1 / 0)
    answer = client.get("/api")
    assert error_of(answer) == (500, "unexpected_error")
    assert b"division" not in answer.content


@pytest.mark.parametrize("body,code", [
    ("  ", "empty"), ("{", "not_json"), ("{'a': 1}", "not_json"), ('{"name": "a"} {}', "not_json"), ("nul", "not_json"),
    ('{"name": NaN}', "not_json"), ('{"name": -Infinity}', "not_json"), ('{"name": 1e400}', "not_json"),
    ('{"name": "a", "name": "b"}', "duplicate_key"), ("[" * 100_000, "too_deep"), ("[" * 70 + "]" * 70, "too_deep"),
    (b'\xff\xfe{\x00}\x00', "not_utf8"), (b'{"name": "\xff"}', "not_utf8"),
    ('{"name": ' + "9" * 5_000 + "}", "not_json"),
], ids=lambda value: repr(value)[:30])  # fmt: skip
def test_a_body_that_cannot_be_read(client, body, code):
    assert error_of(post(client, body)) == (400, code)


@pytest.mark.parametrize("body", ["[]", '"x"', "1", "null", "true"])
def test_a_body_that_is_no_object(client, body):
    assert error_of(post(client, body)) == (400, "invalid")


def test_a_byte_order_mark_is_read_over(client):
    assert post(client, b'\xef\xbb\xbf{"name": "x"}').status_code == 201


@pytest.mark.parametrize("header", [
    {"content_type": "text/plain"}, {"content_type": "application/xml"},
    {"content_type": "application/json;charset=utf-7"},
    {"content_type": "application/json; charset=utf-16"}, {"HTTP_CONTENT_ENCODING": "gzip"}, {"content_type": ""},
], ids=str)  # fmt: skip
def test_a_body_of_a_type_that_is_not_read(client, header):
    assert error_of(post(client, '{"name": "x"}', **header))[0] == 415


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client):
    answer = post(client, b'{"name": "' + b"x" * (1024 * 1024) + b'"}')
    assert error_of(answer) == (413, "too_large")


@pytest.mark.parametrize("length", ["0", "5"])
def test_a_length_that_is_not_true_does_no_harm(client, length):
    assert post(client, '{"name": "x"}', CONTENT_LENGTH=length).status_code in (201, 400, 413)


@pytest.mark.parametrize(
    "field", ["userId", "user_id", "role", "version", "createdAt", "isPublic", "id", "__proto__", "status"]
)
def test_what_cannot_be_set_is_refused_by_name(client, field):
    answer = post(client, json.dumps({"name": "x", field: "y"}))
    assert error_of(answer) == (400, "invalid")
    assert answer.json()["problems"] == [{"path": field, "message": "There is no such field."}]
    assert Workflow.objects.count() == 0


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "a\nb", "x" * 191, 5, None, ["x"], {}, "\ud800"], ids=repr)
def test_a_name_that_is_none(client, name):
    answer = post(client, json.dumps({"name": name}))
    assert answer.status_code == 400 or (name == 5 and answer.status_code == 201)


@pytest.mark.parametrize(
    "name", ["\u202egnp.exe", "👩‍👩‍👧", "аdmin", "<img src=x onerror=alert(1)>", "$(id)", "../../etc"]
)
def test_a_name_that_is_only_odd_is_kept_as_it_is(client, name):
    assert post(client, json.dumps({"name": name})).json()["name"] == name


BAD_GRAPHS: dict[str, Any] = {
    "no object": [], "no nodes": {}, "nodes of another kind": {"nodes": {}}, "a node that is none": {"nodes": [1]},
    "a node without a name": {"nodes": [{"type": "x"}]}, "an empty name": {"nodes": [node("", "set")]},
    "a long name": {"nodes": [node("x" * 10_000, "set")]}, "the same name twice": {"nodes": [node("a", "set")] * 2},
    "parameters that are a list": {"nodes": [{**node("a", "set"), "parameters": ["x"]}]},
    "a version that is none": {"nodes": [node("a", "set", "1")]},
    "a huge version": {"nodes": [node("a", "set", 1e308)]},
    "a wire to nowhere": {"nodes": [node("a", "set")], "connections": {"a": {"main": [[{"node": "b"}]]}}},
    "a wire from nowhere": {"nodes": [], "connections": {"b": {"main": [[]]}}},
    "an index below zero": {
        "nodes": [node("a", "set")], "connections": {"a": {"main": [[{"node": "a", "index": -1}]]}}
    },
    "too many nodes": {"nodes": [{"name": str(n), "type": "x"} for n in range(2_001)]},
    "NUL": {"nodes": [node("a", "set", value="\x00")]},
    "a lone surrogate": {"nodes": [node("a", "set", value="\ud800")]},
    "a number beyond 64 bits": {"nodes": [node("a", "set", value=10**100)]},
    "a number that comes back as one": {"nodes": [node("a", "set", value=1e300)]},
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD_GRAPHS.values(), ids=BAD_GRAPHS)
def test_a_graph_that_is_none_is_refused_with_its_place(client, bad):
    answer = post(client, json.dumps({"name": "x", "graph": bad}))
    status, _code = error_of(answer)
    assert status in (400, 422)
    assert answer.json()["problems"]
    assert Workflow.objects.count() == 0


def test_numbers_that_fit_are_kept_as_they_are(client):
    values = [1e18, -1e18, 2**63 - 1, 0.1e-300, "1e300", 1.5]
    made = post(client, json.dumps({"name": "x", "graph": {"nodes": [node("a", "set", values=values)]}}))
    assert made.status_code == 201
    assert made.json()["graph"]["nodes"][0]["parameters"]["values"] == values


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString", '"', "../x", "$(id)", "<img onerror>"])
def test_a_node_with_an_odd_name_is_only_a_name(client, name):
    made = post(client, json.dumps({"name": "x", "graph": {"nodes": [node(name, "noOp")]}}))
    assert made.status_code == 201
    assert Workflow.objects.get().graph["nodes"][0]["name"] == name


@pytest.mark.parametrize("query", [
    "skip=-1", "skip=1e9", "limit=0", "limit=101", "limit=abc", "limit=1000000000", "orderBy=password",
    "filter[user__password__startswith]=a", "cursor=x", "cursor=W10", "status=nothing", "workflowId=1 OR 1=1",
    "since=yesterday", "until=9999-12-31T23:59:60Z", "since=0000-00-00", "created_by__password=a", "mode=x",
    "search=" + "x" * 201, "status=" + "," * 200,
])  # fmt: skip
def test_a_query_that_makes_no_sense(client, query):
    assert error_of(client.get(f"/api/executions?{query}"))[0] == 400


def test_tags_of_a_megabyte(client):
    assert client.get("/api/workflows?tags=" + "a," * 500_000).status_code == 400


@pytest.mark.parametrize("target", [
    "1%20OR%201=1", "%00", "a" * 5_000, "..%2f..%2fetc", "%252e", "-1", "null", "WORKFLOW", "CON", "%F0%9F%92%A9",
])  # fmt: skip
def test_an_id_that_is_none(client, owner, target):
    assert error_of(client.get(f"/api/workflows/{target}")) == (404, "not_found")
    assert error_of(client.get(f"/api/workflow-templates/{target}"))[0] == 404


def test_an_id_of_another_kind_of_thing(client, owner):
    workflow = WorkflowFactory(created_by=owner)
    assert error_of(client.get(f"/api/executions/{workflow.pk}")) == (404, "not_found")


def test_an_id_in_capitals_is_the_same_id(owner):
    workflow = WorkflowFactory()
    answer = as_user(workflow.created_by).get(f"/api/workflows/{str(workflow.pk).upper()}")
    assert answer.status_code in (200, 404)


@pytest.mark.parametrize("items", [
    [1], [{}], [{"json": []}], [{"json": None}], "x", {"json": {}}, [{"json": {}, "binary": 1}],
    [{"json": {}, "binary": {"a": {"data": "not base64!"}}}], [{"json": {"a": "\ud800"}}] * 2,
], ids=repr)  # fmt: skip
def test_items_that_are_none_start_nothing_or_run_as_they_are(items):
    workflow = WorkflowFactory(graph=graph())
    answer = post(as_user(workflow.created_by), json.dumps({"items": items}), f"/api/workflows/{workflow.pk}/execute")
    assert answer.status_code in (202, 400, 422)
    assert Execution.objects.count() == (1 if answer.status_code == 202 else 0)


@pytest.mark.requirement(61)
@pytest.mark.parametrize("thumbnail", [
    "javascript:alert(1)", "data:text/html,x", "http://169.254.169.254/", "//evil", "http://localhost/x",
    "http://127.1/",
    "http://[::1]/", "ftp://a.example/x", "http://user@a.example/", "http://2130706433/", "file:///etc/passwd",
    "x" * 600,
])  # fmt: skip
def test_a_thumbnail_that_is_no_public_address(client, thumbnail):
    body = {"name": "x", "description": "y", "thumbnail": thumbnail}
    answer = post(client, json.dumps(body), f"/api/workflow-templates/promote/{samples.WORKFLOW}")
    assert answer.status_code in (400, 404)
    workflow = WorkflowFactory()
    answer = post(as_user(workflow.created_by), json.dumps(body), f"/api/workflow-templates/promote/{workflow.pk}")
    assert error_of(answer) == (400, "invalid")
    assert answer.json()["problems"][0]["path"] == "thumbnail"


def test_a_body_that_poses_as_an_upload_reads_no_file(client):
    body = {"files": {"a": {"filepath": "/etc/passwd", "originalFilename": "x", "mimetype": "text/plain"}}}
    answer = post(client, json.dumps(body), "/api/imports")
    assert answer.status_code == 422
    assert b"root:" not in answer.content


@pytest.mark.parametrize(
    "email", ["a@b", "x" * 320 + "@a.example", "a@a.example\r\nBcc: b@b.example", "", "@", "a b@c.d"]
)
def test_an_address_that_is_none(email):
    body = {"email": email, "password": "correct horse battery"}
    answer = post(APIClient(), json.dumps(body), "/api/auth/register")
    assert error_of(answer) == (400, "invalid")
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "password",
    ["x" * 72 + "1 Ab", "x" * 4_000 + "Ab1", "pass\x00word long", "🐎🔋🪛🧷 " * 4, " " * 12, "é" * 20],
    ids=lambda value: repr(value)[:20],
)
def test_a_password_of_any_kind_is_taken_or_refused_but_never_a_fault(password):
    User.objects.create_user("first@mail.example")
    body = {"email": "new@mail.example", "password": password}
    made = post(APIClient(), json.dumps(body), "/api/auth/register")
    assert made.status_code in (201, 400)
    signed_in = post(APIClient(), json.dumps(body), "/api/auth/login")
    assert signed_in.status_code in ((200,) if made.status_code == 201 else (400, 401))


def test_a_host_that_is_not_ours(client):
    assert error_of(client.get("/api", HTTP_HOST="evil.example")) == (400, "bad_request")


def test_a_request_id_that_could_break_a_log_is_replaced(client):
    answer = client.get("/api/nothing", HTTP_X_REQUEST_ID="a\r\nb")
    assert error_of(answer)[0] == 404
    assert "\n" not in answer.headers["X-Request-Id"]


@pytest.mark.parametrize("value", [str(2**70), str(-(2**70)), '"\\ud800"'])
def test_a_key_for_a_body_with_odd_values_is_as_good_as_any(client: APIClient, value: str) -> None:
    """Integers beyond 64 bits and lone surrogates have no place in some writers of JSON."""
    body = f'{{"name": "Big", "graph": {{"nodes": [], "connections": {{}}, "meta": {{"x": {value}}}}}}}'
    answers = [
        client.generic(
            "POST", "/api/workflows", body, content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert [answer.status_code < 500 for answer in answers] == [True, True]
    assert answers[0].status_code == answers[1].status_code
