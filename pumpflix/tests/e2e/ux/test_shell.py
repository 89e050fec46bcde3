"""SH: the shell that every page stands in."""

import re

import pytest
from playwright.sync_api import expect

from pumpflix.tests.e2e.ux.steps import Person, focused, sample_run
from workflows_app.tests.graphs import chain, node

OPEN_TO_ALL = ["/", "/search?q=csv", "/templates/json-diff", "/import", "/about", "/accounts/login/"]
MEMBERS_ONLY = ["/workflows", "/runs"]
SLOW = "const end = Date.now() + 20000; while (Date.now() < end) {} return $input.all();"


@pytest.mark.point("SH-1")
def test_SH_1_the_first_tab_press_offers_the_way_to_the_content(member, guest):
    for page, addresses in ((guest, OPEN_TO_ALL), (member.page, MEMBERS_ONLY)):
        for address in addresses:
            page.goto(address)
            page.keyboard.press("Tab")
            assert focused(page, "element.textContent") == "Skip to content", address
            box = page.locator(".skip").bounding_box()
            assert box["y"] >= 0, f"{address}: hidden while focused"
            page.keyboard.press("Enter")
            assert focused(page, "element.id") == "main", address


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


@pytest.mark.point("SH-3")
def test_SH_3_one_heading_one_main_named_landmarks_and_a_title_of_its_own(member, guest):
    titles = []
    for page, addresses in ((guest, OPEN_TO_ALL), (member.page, MEMBERS_ONLY)):
        for address in addresses:
            page.goto(address)
            assert page.locator("h1").count() == page.locator("main").count() == 1, address
            unnamed = page.locator("nav:not([aria-label]):not([aria-labelledby])").count()
            names = page.locator("nav").evaluate_all("all => all.map(nav => nav.getAttribute('aria-label'))")
            assert (unnamed, len(names)) == (0, len(set(names))), address
            assert page.title().endswith("· PumpFlix"), address
            titles.append(page.title())
    assert len(set(titles)) == len(titles), titles


@pytest.mark.point("SH-4")
def test_SH_4_visitors_see_the_gallery_and_the_report_and_sign_in_for_the_rest(guest):
    for address in ["/", "/templates/json-diff", "/import"]:
        assert guest.goto(address).status == 200
        assert "/accounts/" not in guest.url
    sample_run(guest, "json-diff")
    guest.goto("/import")
    guest.locator("textarea[name=text]").fill('{"nodes": [], "connections": {}}')
    guest.get_by_role("button", name="Check it").click()
    guest.get_by_test_id("imp-report").wait_for()
    for address in [*MEMBERS_ONLY, "/workflows/00000000-0000-0000-0000-000000000000/setup"]:
        guest.goto(address)
        assert "/accounts/login/" in guest.url, address
        assert f"next={address}" in guest.url, address


@pytest.mark.point("SH-4")
def test_SH_4_signing_in_leads_back(visit, account):
    page = visit()
    page.goto("/runs?status=error")
    page.get_by_label("E-mail").fill(account["email"])
    page.get_by_label("Password", exact=True).fill(account["password"])
    page.get_by_role("button", name="Sign in").click()
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
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
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
