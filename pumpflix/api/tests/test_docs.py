"""The documentation pages: for who is signed in, whole, and without anything from elsewhere."""

import re

import pytest
from django.test import Client

from accounts.tests.factories import UserFactory
from pumpflix.api import docs_pages
from pumpflix.api.tests.test_examples import operations

pytestmark = [pytest.mark.app, pytest.mark.django_db]

PAGES = ["/api/docs", "/api/docs/socket", "/api/docs/workflowsExecute"]
BASE = "https://flows.example.org"


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(UserFactory())
    return client


@pytest.mark.requirement(60)
@pytest.mark.parametrize("page", PAGES)
def test_they_are_for_who_is_signed_in(browser, page):
    assert browser.get(page).status_code == 200
    assert Client().get(page).headers["Location"].startswith("/accounts/login/")


@pytest.mark.requirement(60)
@pytest.mark.parametrize("page", [*PAGES, "/api/openapi.json"])
def test_they_can_be_switched_off(browser, settings, page):
    settings.PUMPFLIX_API_DOCS = False
    assert browser.get(page).status_code == 404


def test_every_operation_has_a_page_and_is_listed(browser):
    listed = browser.get("/api/docs").content.decode()
    for name in operations():
        assert f'href="/api/docs/{name}"' in listed
        shown = browser.get(f"/api/docs/{name}")
        assert shown.status_code == 200
        assert shown.content.decode().count("<h1") == 1


def test_an_operation_that_is_not_there(browser):
    assert browser.get("/api/docs/nothing").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_nothing_comes_from_elsewhere_and_nothing_is_inline(browser, page):
    shown = browser.get(page).content.decode()
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", shown)
    assert not re.findall(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S|\sstyle=|\son\w+=", shown)


def test_a_page_shows_parameters_fields_answers_and_three_languages():
    page = docs_pages.pages(BASE)["workflowsExecute"]
    assert [(field.name, field.place) for field in page.parameters] == [
        ("Idempotency-Key", "header"), ("workflow_id", "path")
    ]  # fmt: skip
    assert [field.name for field in page.body] == ["input", "items", "destinationNode"]
    assert {answer.status for answer in page.answers} >= {"202", "404", "429"}
    example = page.examples[0]
    assert example.curl.startswith(f"curl -X POST '{BASE}/api/workflows/")
    assert "httpx.request('POST'" in example.python
    assert 'method: "POST"' in example.javascript


def test_fields_of_lists_and_of_objects_are_told_with_their_place():
    page = docs_pages.pages(BASE)["executionsGet"]
    fields = {field.name: field.kind for field in page.answers[0].fields}
    assert fields["nodeRuns[].status"].startswith("one of started, success")
    assert fields["error.code"] == "string"


def test_python_of_an_example_is_python():
    for page in docs_pages.pages(BASE).values():
        for example in page.examples:
            compile(example.python, page.id, "exec")
