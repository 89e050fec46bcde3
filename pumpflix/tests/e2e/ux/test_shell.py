"""SH: the shell that every page stands in."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from pumpflix.tests.e2e.ux.everywhere import MEMBERS_ONLY, OPEN_TO_ALL, Own
from pumpflix.tests.e2e.ux.steps import Person, focused, sample_run
from workflows_app.tests.graphs import chain, node

SLOW = "const end = Date.now() + 20000; while (Date.now() < end) {} return $input.all();"


def each_page(own: Own, guest: Page, member: Person) -> Iterator[tuple[Page, str]]:
    """Every page, opened by who may see it."""
    for page, addresses in ((guest, OPEN_TO_ALL), (member.page, (*MEMBERS_ONLY, *own.addresses))):
        for address in addresses:
            page.goto(address)
            yield page, address


@pytest.mark.point("SH-1")
def test_SH_1_the_first_tab_press_offers_the_way_to_the_content(guest, member, own):
    for page, address in each_page(own, guest, member):
        if address == own.failed:
            continue  # WF-5: there the focus is led to what failed
        page.keyboard.press("Tab")
        assert (address, focused(page, "element.textContent")) == (address, "Skip to content")
        box = page.locator(".skip").bounding_box()
        assert box["y"] >= 0, f"{address}: hidden while focused"
        page.keyboard.press("Enter")
        assert (address, focused(page, "element.id")) == (address, "main")


@pytest.mark.point("SH-2")
def test_SH_2_slash_focuses_the_search_unless_somebody_types(guest):
    guest.goto("/")
    guest.keyboard.press("/")
    assert focused(guest, "element.dataset.testid") == "shell-search"
    guest.keyboard.type("a/b")
    expect(guest.get_by_test_id("shell-search")).to_have_value("a/b")


@pytest.mark.point("SH-2")
def test_SH_2_the_palette_opens_by_its_keys_and_gives_the_focus_back(member):
    page = member.page
    page.goto("/about")
    opener = page.get_by_role("link", name="Workflows").first
    opener.focus()
    page.keyboard.press("Control+k")
    dialog = page.get_by_test_id("palette-dialog")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("csv clean")
    expect(dialog.get_by_role("option", name="CSV clean-up").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("runs")
    expect(dialog.get_by_role("option", name=re.compile("^Runs"))).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")


@pytest.mark.point("SH-2")
def test_SH_2_the_palette_takes_keys_from_the_first_on_and_enter_waits_for_the_answer(member):
    page = member.page
    page.goto("/about")
    page.keyboard.press("Control+k")
    page.keyboard.type("runs")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs")


NAMED = """() => [...document.querySelectorAll('nav, aside, body > header, body > footer, [role=region]')]
  .map(one => `${one.tagName} ${one.getAttribute('aria-label') ?? one.getAttribute('aria-labelledby') ?? ''}`)"""


@pytest.mark.point("SH-3")
def test_SH_3_one_heading_one_main_named_landmarks_and_a_title_of_its_own(guest, member, own):
    titles = []
    for page, address in each_page(own, guest, member):
        assert (address, page.locator("h1").count(), page.locator("main").count()) == (address, 1, 1)
        unnamed = page.locator("nav:not([aria-label]):not([aria-labelledby])").count()
        names = page.evaluate(NAMED)
        assert (address, unnamed, len(names)) == (address, 0, len(set(names)))
        name, _, product = page.title().rpartition(" · ")
        assert (address, product, bool(name)) == (address, "PumpFlix", True)
        titles.append(page.title())
    assert [title for title in titles if titles.count(title) > 1] == []


@pytest.mark.point("SH-3")
def test_SH_3_the_title_begins_with_the_name_of_the_page_and_follows_what_one_does(guest):
    named = {"/": "Home", "/search?q=csv": "Search: csv", "/templates/json-diff": "JSON diff", "/import": "Import"}
    for address, name in named.items():
        guest.goto(address)
        expect(guest).to_have_title(f"{name} · PumpFlix")
    guest.get_by_test_id("shell-search").fill("invoice")
    guest.keyboard.press("Enter")
    expect(guest).to_have_title("Search: invoice · PumpFlix")


@pytest.mark.point("SH-4")
def test_SH_4_visitors_see_the_gallery_and_the_report_and_sign_in_for_the_rest(guest, own):
    for address in OPEN_TO_ALL:
        answer = guest.request.get(address, max_redirects=0)
        assert (address, answer.status) == (address, 200)
    sample_run(guest, "json-diff")
    guest.goto("/import")
    guest.locator("textarea[name=text]").fill('{"nodes": [], "connections": {}}')
    guest.get_by_role("button", name="Check it").click()
    guest.get_by_test_id("imp-report").wait_for()
    for address in (*MEMBERS_ONLY, *own.addresses):
        if address == "/accounts/logout/":
            continue  # nobody is to be signed out after signing in
        answer = guest.request.get(address, max_redirects=0)
        assert (address, answer.status) == (address, 302)
        where = urlsplit(answer.headers["location"])
        assert (address, where.path, parse_qs(where.query)["next"]) == (address, "/accounts/login/", [address])


@pytest.mark.point("SH-4")
def test_SH_4_signing_in_leads_back(visit, account):
    page = visit()
    page.goto("/runs?status=error")
    page.get_by_label("E-mail").fill(account["email"])
    page.get_by_label("Password", exact=True).fill(account["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/runs?status=error")


@pytest.mark.point("SH-5")
def test_SH_5_pages_are_whole_without_scripts(visit):
    page = visit(java_script_enabled=False)
    page.goto("/")
    assert page.get_by_test_id("home-hero").get_by_role("heading", level=1).is_visible()
    assert page.locator(".card").count() > 10
    page.locator(".card-name a").first.click()
    expect(page.get_by_test_id("tpl-run-sample")).to_be_visible()
    expect(page.get_by_role("heading", name="What it does")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    page.get_by_role("link", name="PumpFlix").click()
    page.get_by_test_id("shell-search").fill("json")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("search-results")).to_contain_text("JSON diff")


@pytest.mark.point("SH-6")
def test_SH_6_live_status_tells_when_the_socket_dies_and_when_it_is_back(newcomer: Person):
    page = newcomer.page
    newcomer.bring(chain(node("Start", "manualTrigger"), node("Slow", "code", 2, jsCode=SLOW), name="Takes its time"))
    state = {"is_dead": False, "sockets": []}

    def between(socket):
        if state["is_dead"]:
            socket.close()
            return
        socket.connect_to_server()
        state["sockets"].append(socket)

    page.route_web_socket(re.compile("/ws/executions/"), between)
    page.route("**/executions/*/events*", lambda route: route.abort() if state["is_dead"] else route.continue_())
    execution = newcomer.run()
    light = page.get_by_test_id("live-status")
    expect(light).to_have_text("Live")
    page.evaluate("window.isTheSamePage = true")
    state["is_dead"] = True
    state["sockets"][-1].close()
    expect(light).to_have_text(re.compile("Reconnecting|Polling"), timeout=5_000)
    expect(light).to_have_text("Polling", timeout=8_000)
    state["is_dead"] = False
    expect(light).to_have_text("Live", timeout=5_000)
    assert page.evaluate("window.isTheSamePage")
    newcomer.cancel(execution)
