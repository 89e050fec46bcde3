"""Every page, in both themes: nothing axe objects to, nothing wider than 320 px, everything by keyboard."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.e2e

OPEN_TO_ALL = [
    "/",
    "/search?q=csv",
    "/search?q=qqqqqqq",
    "/templates/json-diff",
    "/import",
    "/about",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/no/such/page",
]


@pytest.fixture
def audited(browser, product):
    """A context for axe, which puts in styles of its own that our policy would refuse."""
    made = []

    def open_page(scheme="dark", width=1440, state=None):
        context = browser.new_context(
            base_url=product.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            bypass_csp=True,
            storage_state=state,
        )
        made.append(context)
        return context.new_page()

    yield open_page
    for context in made:
        context.close()


def faults(page):
    """What axe found, as lines that say where."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def is_wider_than_the_window(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.fixture
def own_pages(maya):
    """Addresses of one's own: a workflow with a run, its wizard, the form to save it, the lists."""
    maya.use_title("json-diff")
    wizard = maya.page.url
    maya.page.get_by_test_id("wiz-run").click()
    maya.wait_for("Succeeded")
    run = maya.page.url
    workflow = run.split("?")[0]
    execution = run.split("run=")[1]
    return [wizard, workflow, run, f"{workflow}/promote", f"/executions/{execution}", "/workflows", "/runs"]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_on_open_pages(audited, scheme):
    page = audited(scheme)
    for address in OPEN_TO_ALL:
        page.goto(address)
        assert (address, faults(page)) == (address, [])


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_on_ones_own_pages_and_dialogs(audited, scheme, own_pages, context):
    page = audited(scheme, state=context.storage_state())
    for address in own_pages:
        page.goto(address)
        assert (address, faults(page)) == (address, [])
    page.goto(own_pages[1])
    page.get_by_role("link", name="Save as template").click()
    page.locator("dialog[open]").wait_for()
    assert faults(page) == []


def test_no_page_is_wider_than_320_pixels(audited, own_pages, context):
    page = audited(width=320, state=context.storage_state())
    for address in [*OPEN_TO_ALL, *own_pages]:
        page.goto(address)
        assert (address, is_wider_than_the_window(page)) == (address, False)


def test_every_page_has_one_heading_and_begins_with_a_way_to_the_content(audited):
    page = audited()
    for address in OPEN_TO_ALL[:-1]:
        page.goto(address)
        assert page.locator("h1").count() == page.locator("main").count() == 1
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_slash_leads_to_the_search_but_not_while_typing(page, product):
    page.goto("/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.dataset.testid") == "shell-search"
    page.keyboard.type("a/b")
    assert page.get_by_test_id("shell-search").input_value() == "a/b"


def test_a_row_is_one_tab_stop_that_arrows_move_in(page, product):
    page.goto("/")
    row = page.locator("row-scroller").first
    names = row.locator(".card-name a")
    assert names.count() > 1
    names.first.focus()
    page.keyboard.press("ArrowRight")
    assert names.nth(1).evaluate("link => link === document.activeElement")
    page.keyboard.press("Home")
    assert names.first.evaluate("link => link === document.activeElement")
    assert [names.nth(place).get_attribute("tabindex") for place in range(2)] == ["0", "-1"]
    page.keyboard.press("Enter")
    page.get_by_test_id("tpl-run-sample").wait_for()


def test_the_theme_changes_in_place_and_stays(page, product):
    page.goto("/")
    page.locator("summary[aria-label=Theme]").click()
    page.get_by_role("button", name="Light").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.goto("/about")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_escape_closes_the_menu_and_gives_the_focus_back(page, product):
    page.goto("/")
    page.locator("summary[aria-label=Theme]").click()
    page.keyboard.press("Escape")
    assert page.locator("details[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_cancel_closes_the_dialog_and_leaves_nothing_behind(maya, own_pages):
    maya.page.goto(own_pages[1])
    maya.page.get_by_role("link", name="Save as template").click()
    maya.page.locator("dialog[open]").get_by_text("Cancel").click()
    assert maya.page.locator("dialog[open]").count() == 0
    assert maya.page.url.split("?")[0] == own_pages[1]


def test_the_log_can_be_narrowed(maya, own_pages):
    maya.page.goto(own_pages[2])
    lines = maya.page.locator(".log-line:visible")
    before = lines.count()
    maya.page.get_by_label("Filter log").fill("Sort by field")
    assert 0 < lines.count() < before


def test_pages_work_without_scripts(browser, product):
    context = browser.new_context(base_url=product.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/templates/json-diff")
    page.get_by_test_id("tpl-run-sample").click()
    page.wait_for_url("**run=**")
    deadline = time.monotonic() + 15
    while not page.locator("[data-run-status]").get_by_text("Succeeded").count() and time.monotonic() < deadline:
        page.reload()
    assert page.locator("#run-result td").count() > 0
    page.goto("/")
    page.locator("summary[aria-label=Theme]").click()
    page.get_by_role("button", name="Dark").click()
    page.locator("html[data-theme=dark]").wait_for(state="attached")
    context.close()
