"""API: the REST API as its document and its pages tell it."""

import json
import re
from urllib.parse import urlsplit

import pytest
from drf_spectacular.validation import validate_schema
from playwright.sync_api import expect

from pumpflix.tests.e2e.ux.audit import faults_in_both_themes
from pumpflix.tests.e2e.ux.conftest import sign_up

METHODS = ("get", "post", "put", "patch", "delete")
ERROR = {"code", "message", "problems", "requestId"}
PAGES = ("/api/docs", "/api/docs/socket", "/api/docs/workflowsList", "/api/docs/workflowsCreate")
LISTS = ("workflowsList", "executionsList", "templatesList", "nodeTypesList", "notificationsList", "apiIndex", "health")
MOST_EXPORTS = 20
A_MEGABYTE = 1_048_576


def operations(document):
    """Operation id, method and path of each."""
    return {
        (said["operationId"], method, path)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if method in METHODS
    }


@pytest.fixture
def document(member):
    return member.page.request.get("/api/openapi.json").json()


@pytest.mark.point("API-1")
def test_API_1_the_document_is_valid_and_every_operation_has_its_page(member, document):
    page = member.page
    validate_schema(document)
    listed = {(one["method"].lower(), one["path"]) for one in page.request.get("/api").json()["endpoints"]}
    assert listed == {(method, path) for _, method, path in operations(document)}
    page.goto("/api/docs")
    shown = page.locator("a.operation").evaluate_all(
        """all => all.map(link => [link.pathname.split('/').pop(),
             link.querySelector('.operation-method').innerText.toLowerCase(),
             link.querySelector('.operation-path').innerText])"""
    )
    assert {tuple(one) for one in shown} == operations(document)
    assert {page.request.get(f"/api/docs/{name}").status for name, _, _ in operations(document)} == {200}


@pytest.mark.point("API-1")
def test_API_1_examples_run_from_their_pages(newcomer):
    page = newcomer.page
    for name in LISTS:
        page.goto(f"/api/docs/{name}")
        page.get_by_role("button", name="Make the call").click()
        expect(page.locator("[data-status]")).to_have_text(re.compile("^200"))
        json.loads(page.locator("[data-text]").inner_text())
    page.goto("/api/docs/workflowsCreate")
    page.get_by_role("button", name="Make the call").click()
    expect(page.locator("[data-status]")).to_have_text(re.compile("^201"))
    made = json.loads(page.locator("[data-text]").inner_text())
    page.goto("/workflows")
    expect(page.get_by_role("link", name=made["name"]).first).to_be_visible()


@pytest.mark.point("API-2")
def test_API_2_every_error_has_the_one_shape_and_the_number_of_its_request(visit, member):
    guest = visit().request
    mine = member.page.context
    token = next(cookie["value"] for cookie in mine.cookies() if cookie["name"] == "pf_csrf")
    csrf = {"X-CSRFToken": token, "Content-Type": "application/json"}
    unknown = "00000000-0000-0000-0000-000000000000"

    def send(method, path, data=None, **headers):
        return mine.request.fetch(path, method=method, data=data, headers=csrf | headers)

    made = send("POST", "/api/workflows", json.dumps({"name": "Contested"})).json()
    send("PATCH", f"/api/workflows/{made['id']}", json.dumps({"name": "Mine", "lockVersion": made["lockVersion"]}))
    answers = {
        400: send("POST", "/api/workflows", "{"),
        401: guest.get("/api/workflows"),
        403: mine.request.post("/api/workflows", data="{}", headers={"Content-Type": "application/json"}),
        404: send("GET", f"/api/workflows/{unknown}"),
        405: send("DELETE", "/api/workflows"),
        409: send(
            "PATCH", f"/api/workflows/{made['id']}", json.dumps({"name": "His", "lockVersion": made["lockVersion"]})
        ),
        413: send("POST", "/api/workflows", json.dumps({"name": "x" * A_MEGABYTE})),
        415: send("POST", "/api/workflows", "name=x", **{"Content-Type": "text/plain"}),
    }
    for status, answer in answers.items():
        assert answer.status == status, (status, answer.status, answer.text()[:300])
        said = answer.json()
        assert set(said) >= ERROR, status
        assert said["code"], status
        assert said["message"], status
        assert said["requestId"] == answer.headers["x-request-id"], status
    assert set(answers[409].json()) == ERROR | {"yours", "theirs"}
    assert "POST" in answers[405].headers["allow"]


@pytest.mark.point("API-2")
def test_API_2_who_asks_too_often_is_told_when_to_go_on(visit):
    context = visit().context
    sign_up(context)
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "pf_csrf")
    headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
    for _ in range(MOST_EXPORTS):
        answer = context.request.post("/api/exports", data="{}", headers=headers)
        if answer.status == 429:
            break
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["ratelimit-remaining"] == "0"
    assert set(answer.json()) == ERROR
    assert answer.json()["code"] == "too_many_requests"


@pytest.mark.point("API-3")
def test_API_3_the_pages_ask_nobody_else_and_pass_axe(visit, account, product):
    page = visit(storage_state=account["state"], bypass_csp=True, reduced_motion="reduce")
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
    for address in PAGES:
        page.goto(address)
        assert (address, faults_in_both_themes(page)) == (address, [])
    assert set(asked) == {urlsplit(product.url).netloc}
