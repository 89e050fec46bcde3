"""ADM: curators and administrators in the admin."""

import json
import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from pumpflix.tests.e2e.conftest import PASSWORD
from pumpflix.tests.e2e.second_factor import set_up_app
from pumpflix.tests.e2e.ux.conftest import sign_up
from pumpflix.tests.e2e.ux.steps import Person
from pumpflix.tests.test_admin import admin_addresses
from workflows_app.tests.graphs import manual_set

MOST_CLICKS = 4


class Clicks:
    """Counts what a curator has to press."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def on(self, locator) -> None:
        self.count += 1
        locator.click()


@pytest.fixture
def curator(visit, newcomer_of_role) -> Person:
    return newcomer_of_role("is_curator")


@pytest.fixture
def newcomer_of_role(visit, query):
    """A fresh account with a role."""

    def made(column: str) -> Person:
        page = visit()
        email = sign_up(page.context)
        query(f"update accounts_user set {column} = true where email = %s", email)
        return Person(page, email=email)

    return made


def submission(author: Person) -> str:
    """A workflow that ran, saved as a template and submitted, as its author does it. Returns its name."""
    name = f"Submission {secrets.token_hex(3)}"
    page = author.page
    workflow = author.bring({**manual_set(greeting="Hello"), "name": name})
    author.run()
    author.wait_for("Succeeded")
    page.goto(f"/workflows/{workflow}/promote")
    page.get_by_label("What it is for").fill("Greets whoever runs it.")
    page.get_by_role("button", name="Save template").click()
    page.wait_for_url("**/templates/**")
    page.get_by_test_id("tpl-submit").click()
    expect(page.get_by_text("Submitted. A curator looks at it")).to_be_visible()
    return name


@pytest.mark.point("ADM-1")
def test_ADM_1_a_submission_is_published_in_four_clicks(newcomer, curator, guest):
    name = submission(newcomer)
    page = curator.page
    page.goto("/admin/")
    clicks = Clicks(page)
    clicks.on(page.get_by_role("link", name="Submissions"))
    clicks.on(page.get_by_role("link", name=name))
    expect(page.get_by_test_id("admin-review")).to_contain_text("Self-test: Passed")
    clicks.on(page.get_by_test_id("admin-publish"))
    expect(page.get_by_text(f"Done: {name}")).to_be_visible()
    assert clicks.count <= MOST_CLICKS
    guest.goto(f"/search?q={name.replace(' ', '+')}")
    expect(guest.get_by_role("link", name=name)).to_be_visible()


@pytest.mark.point("ADM-1")
def test_ADM_1_publishing_is_disabled_with_reasons_while_a_check_is_red(newcomer, curator, query):
    name = submission(newcomer)
    broken = json.dumps({"version": 1, "trigger": {"node": "Nobody", "items": [{"json": {}}]}, "calls": []})
    query(
        "update templates_app_templateversion set cassette = %s where template_id = (select id from"
        " templates_app_template where name = %s)",
        broken.encode(),
        name,
    )
    page = curator.page
    page.goto("/admin/templates_app/template/?status__exact=submitted")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_test_id("admin-publish")).to_be_disabled()
    expect(page.get_by_test_id("admin-review")).to_contain_text("Self-test: Failed")
    expect(page.get_by_text("It cannot be published while")).to_be_visible()


@pytest.mark.point("ADM-1")
def test_ADM_1_publishing_is_disabled_while_a_secret_may_be_in_it(newcomer, curator, query):
    name = submission(newcomer)
    query(
        "update workflows_app_workflowversion set graph = jsonb_set(graph, '{nodes,1,parameters,note}', %s)"
        " where id = (select v.workflow_version_id from templates_app_templateversion v join templates_app_template t"
        " on t.current_version_id = v.id where t.name = %s)",
        json.dumps("Bearer sk-" + "a1B2c3D4" * 4),
        name,
    )
    page = curator.page
    page.goto("/admin/templates_app/template/?status__exact=submitted")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_test_id("admin-publish")).to_be_disabled()
    expect(page.get_by_test_id("admin-review")).to_contain_text(re.compile("secret", re.IGNORECASE))


@pytest.mark.point("ADM-2")
def test_ADM_2_rows_are_ordered_by_number_and_the_next_load_shows_it(curator, guest, query):
    before = row_order(guest)
    assert before.index("row-forms") < before.index("row-dev")
    page = curator.page
    try:
        set_positions(page, {"forms": "40", "dev": "30"})
        after = row_order(guest)
        assert after.index("row-dev") < after.index("row-forms")
    finally:
        query("update templates_app_category set position = 4 where slug = 'forms'")
        query("update templates_app_category set position = 5 where slug = 'dev'")


@pytest.mark.point("ADM-2")
def test_ADM_2_a_submission_can_be_looked_at_before_it_is_published(newcomer, curator):
    name = submission(newcomer)
    page = curator.page
    page.goto("/admin/templates_app/template/?status__exact=submitted")
    page.get_by_role("link", name=name).click()
    page.get_by_test_id("admin-preview").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def row_order(page: Page) -> list[str]:
    page.goto("/")
    rows = page.locator("[data-testid^=row-]").evaluate_all("rows => rows.map(row => row.dataset.testid)")
    return [row for row in rows if row]


def set_positions(page: Page, wanted: dict[str, str]) -> None:
    page.goto("/admin/templates_app/category/")
    for slug, position in wanted.items():
        row = page.locator("tr", has=page.get_by_text(slug, exact=True))
        row.locator("input[name$=-position]").fill(position)
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state("networkidle")


@pytest.mark.point("ADM-3")
def test_ADM_3_a_decision_is_in_the_audit_trail_with_all_that_is_asked(newcomer, curator, query):
    name = submission(newcomer)
    page = curator.page
    page.goto("/admin/templates_app/template/?status__exact=submitted")
    page.get_by_role("link", name=name).click()
    page.get_by_label("Note to the author").fill("Which greeting?")
    page.get_by_role("button", name="Return with note").click()
    expect(page.get_by_text(f"Done: {name}")).to_be_visible()
    [(actor, details, address, agent, request_id)] = query(
        "select u.email, e.details, host(e.ip_address), e.user_agent, e.request_id from accounts_auditentry e"
        " join accounts_user u on u.id = e.actor_id join templates_app_template t on t.id::text = e.object_id"
        " where e.action = 'template.returned' and t.name = %s",
        name,
    )
    assert actor == curator.email
    assert (details["before"]["status"], details["after"]["status"]) == ("submitted", "returned")
    assert details["after"]["review_note"] == "Which greeting?"
    assert (address, len(request_id) >= 8, "Chrome" in agent) == ("127.0.0.1", True, True)


@pytest.mark.point("ADM-3")
def test_ADM_3_every_decision_is_told_with_before_and_after(newcomer, curator, query):
    name = submission(newcomer)
    page = curator.page
    page.goto("/admin/templates_app/template/?status__exact=submitted")
    page.get_by_role("link", name=name).click()
    address = page.url
    for button in ("Publish", "Feature", "Hide"):
        page.goto(address)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_text(f"Done: {name}")).to_be_visible()
    rows = query(
        "select e.action, e.details -> 'before', e.details -> 'after', u.email, e.request_id from accounts_auditentry e"
        " join accounts_user u on u.id = e.actor_id join templates_app_template t on t.id::text = e.object_id"
        " where t.name = %s and u.email = %s order by e.at",
        name,
        curator.email,
    )
    assert [action for action, *_ in rows] == ["template.published", "template.featured", "template.hidden"]
    assert all(before != after and len(request_id) >= 8 for _, before, after, _, request_id in rows), rows


@pytest.mark.point("ADM-3")
def test_ADM_3_an_administrator_reads_it(newcomer_of_role):
    page = newcomer_of_role("is_staff").page
    set_up_app(page, PASSWORD)
    page.goto("/admin/accounts/auditentry/")
    expect(page.locator("#result_list").get_by_text(re.compile("^\\s*Template ")).first).to_be_visible()


@pytest.mark.point("ADM-4")
def test_ADM_4_who_is_no_curator_is_told_no_on_every_address(visit, account):
    page = visit(storage_state=account["state"], tolerant=True)
    for address in admin_addresses():
        assert page.request.get(address).status in (403, 404), address
    page.goto("/admin/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/")
    expect(page.get_by_test_id("shell-nav").get_by_role("link", name="Admin")).to_have_count(0)
