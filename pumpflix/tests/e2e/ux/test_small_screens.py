"""RSP: small screens and touch."""

import pytest
from playwright.sync_api import expect

from pumpflix.tests.e2e.ux.conftest import PHONE
from pumpflix.tests.e2e.ux.steps import Person
from workflows_app.tests.graphs import chain, node

SMALL = {"width": 320, "height": 640}
EVERYWHERE = [
    "/",
    "/search?q=csv",
    "/templates/json-diff",
    "/import",
    "/about",
    "/workflows",
    "/runs",
    "/accounts/password/reset/",
    "/no/such/page",
]


@pytest.mark.point("RSP-1")
def test_RSP_1_nothing_is_wider_than_320_pixels_and_tables_stack(visit, account):
    page = visit(viewport=SMALL, storage_state=account["state"])
    person = Person(page)
    person.use("json-diff")
    wizard = page.url
    page.get_by_test_id("wiz-run").click()
    person.wait_for("Succeeded")
    run = page.url
    for address in [*EVERYWHERE, wizard, run, run.split("?")[0]]:
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert (address, wide) == (address, False)
    page.goto("/runs")
    cell = page.locator("td[data-label]").first
    assert cell.evaluate("cell => getComputedStyle(cell).display") != "table-cell"
    assert cell.evaluate("cell => getComputedStyle(cell, '::before').content") not in ("none", "normal")


@pytest.mark.point("RSP-2")
def test_RSP_2_on_a_phone_the_nodes_come_as_a_list_and_the_map_on_request(visit, account):
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True, storage_state=account["state"])
    person = Person(page)
    person.bring(chain(node("Start", "manualTrigger"), node("Next", "noOp"), name="On a phone"))
    toggle = page.get_by_role("button", name="Map")
    graph = page.locator("svg.graph").first
    expect(page.locator(".node-list").first).to_be_visible()
    expect(graph).to_be_hidden()
    toggle.tap()
    expect(graph).to_be_visible()
    touch = page.locator(".graph-frame").first.evaluate("frame => getComputedStyle(frame).touchAction")
    assert touch in ("manipulation", "pan-x pan-y pinch-zoom", "auto")


@pytest.mark.point("RSP-3")
def test_RSP_3_from_a_failed_run_to_its_retry_in_four_taps(visit, account, query):
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True, storage_state=account["state"])
    person = Person(page)
    person.bring(
        chain(
            node("Start", "manualTrigger"),
            node("Breaks", "code", 2, jsCode="throw new Error('out of paper')"),
            name="Night job",
        )
    )
    person.run()
    person.wait_for("Failed")
    page.goto("/")
    taps = 0
    page.get_by_role("link", name="Runs").last.tap()
    taps += 1
    page.locator("[data-testid^=run-row]").first.get_by_role("link").first.tap()
    taps += 1
    expect(page.get_by_text("out of paper").first).to_be_visible()
    page.get_by_test_id("run-retry").tap()
    taps += 1
    page.wait_for_url("**/executions/**")
    assert taps <= 4
