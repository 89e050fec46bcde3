"""A11Y-2 to A11Y-8: keyboard, focus, targets, contrast, help, motion, zoom. A11Y-1 is in test_axe."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from pumpflix.tests.e2e.ux.audit import AT_REST, cut_texts, faults_of, is_wider_than_the_window, tab_stops
from pumpflix.tests.e2e.ux.conftest import PHONE
from pumpflix.tests.e2e.ux.everywhere import MEMBERS_ONLY, OPEN_TO_ALL

TAPPING = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
BY_KEYBOARD = ("/", "/search?q=csv", "/templates/json-diff", "/import", "/workflows", "/runs")
LONGEST_MS = 5_000
RESTED_MS = 1_000
"""Longer than a pointer has to rest until a trailer begins."""
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }"""


def everywhere(own) -> tuple[str, ...]:
    return (*OPEN_TO_ALL, *MEMBERS_ONLY, *own.addresses)


def judged(page: Page, addresses, find) -> None:
    """Open each and collect what `find` finds there, so that one run tells everything."""
    found = {}
    for address in addresses:
        page.goto(address)
        faults = find(page)
        if faults:
            found[address] = faults
    assert not found, json.dumps(found, indent=1)


@pytest.mark.point("A11Y-2")
def test_A11Y_2_tab_leads_through_every_page_with_a_focus_one_sees(visit, account, own):
    page = visit(storage_state=account["state"])

    def unseen(page: Page) -> list[str]:
        stops = tab_stops(page)
        ended = [] if stops[-1]["name"] == "end" else ["a trap: Tab never leaves"]
        return ended + [f"{one['fault']}: {one['name']}" for one in stops if one["fault"]]

    judged(page, (*BY_KEYBOARD, own.run, own.wizard, own.failed), unseen)


@pytest.mark.point("A11Y-2")
def test_A11Y_2_a_sample_is_run_and_a_node_opened_without_a_pointer(guest, member, own):
    guest.goto("/templates/json-diff")
    guest.get_by_test_id("tpl-run-sample").focus()
    guest.keyboard.press("Enter")
    guest.locator("[data-run-status]").get_by_text("Succeeded").first.wait_for()
    page = member.page
    page.goto(own.run)
    page.locator("#run-nodes a").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**node=**")
    expect(page.locator("#node-data h2")).to_be_visible()


@pytest.mark.point("A11Y-2")
def test_A11Y_2_a_dialog_keeps_the_focus_until_escape_gives_it_back(member, own):
    page = member.page
    page.goto(own.workflow)
    opener = page.get_by_role("link", name="Save as template")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => document.activeElement.closest('dialog[open]') || document.activeElement.matches('body')"
        )
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


@pytest.mark.point("A11Y-3")
def test_A11Y_3_what_can_be_dragged_can_be_tapped(visit, account, own):
    page = visit(storage_state=account["state"], **TAPPING)
    judged(page, everywhere(own), lambda page: page.locator("[draggable=true]").all_inner_texts())
    page.goto("/import")
    page.locator("input[type=file][name=file]").set_input_files(
        {"name": "mine.json", "mimeType": "application/json", "buffer": b"{}"}
    )
    expect(page.locator(".drop")).to_contain_text("mine.json")
    page.goto(own.run)
    page.locator("#run-nodes a").last.tap()
    page.wait_for_url("**node=**")
    expect(page.locator("#node-data h2")).to_be_visible()


@pytest.mark.point("A11Y-3")
def test_A11Y_3_rows_of_cards_move_by_buttons(visit):
    page = visit(viewport={"width": 1000, "height": 900})
    page.goto("/")
    page.locator("button[data-direction='1']:visible").first.click()
    page.wait_for_function("() => [...document.querySelectorAll('.row-track')].some(track => track.scrollLeft > 0)")


@pytest.mark.point("A11Y-4")
def test_A11Y_4_targets_are_large_enough_or_far_enough_apart(visit, account, own):
    page = visit(storage_state=account["state"], bypass_csp=True)
    judged(page, everywhere(own), lambda page: faults_of(page, ["target-size"]))


@pytest.mark.point("A11Y-4")
def test_A11Y_4_primary_controls_are_a_thumb_wide_on_phones(visit, account, own):
    page = visit(storage_state=account["state"], **TAPPING)
    small = """all => all.map(one => [one.innerText.trim() || one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
      .filter(([, box]) => box.height && (box.height < 43.9 || box.width < 43.9))
      .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
    primary = ".button-primary, .bottom a, .bottom summary, .bar a, .bar summary, .map-button, #run-nodes a"
    judged(page, everywhere(own), lambda page: page.locator(primary).evaluate_all(small))


@pytest.mark.point("A11Y-5")
def test_A11Y_5_forced_colours_keep_borders_and_focus(visit, account, own):
    page = visit(storage_state=account["state"], forced_colors="active")
    unframed = """all => all.filter(one => one.checkVisibility()).filter(one => {
        const style = getComputedStyle(one);
        return style.borderTopStyle === 'none' || parseFloat(style.borderTopWidth) < 1 ||
          style.borderTopColor === getComputedStyle(document.body).backgroundColor;
      }).map(one => one.outerHTML.slice(0, 100))"""
    framed = ".button:not(.button-quiet), .input, .box, .notice, dialog[open], .badge"
    judged(page, ("/", "/import", own.run, own.wizard), lambda page: page.locator(framed).evaluate_all(unframed))
    page.goto("/import")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert page.evaluate("() => parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2


@pytest.mark.point("A11Y-6")
def test_A11Y_6_help_is_at_the_foot_of_every_page(visit, account, own):
    page = visit(storage_state=account["state"])
    guest = visit()
    at_the_foot = "() => document.querySelector('body > * > footer a[href=\"/about\"]')?.innerText"
    for somebody, addresses in ((guest, OPEN_TO_ALL), (page, (*MEMBERS_ONLY, *own.addresses))):
        for address in addresses:
            somebody.goto(address)
            assert (address, somebody.evaluate(at_the_foot)) == (address, "Help")


@pytest.mark.point("A11Y-6")
def test_A11Y_6_nothing_typed_is_asked_twice(visit, account):
    page = visit()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill("maya@mail.example")
    page.get_by_label("Password", exact=True).fill("not-the-password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator(".notice-error").first.wait_for()
    expect(page.get_by_label("E-mail")).to_have_value("maya@mail.example")
    page.goto("/search?q=csv")
    expect(page.get_by_test_id("shell-search")).to_have_value("csv")
    page.goto("/import")
    page.locator("textarea[name=text]").fill('{"name": "Kept", "nodes": [], "connections": {}}')
    page.get_by_role("button", name="Check it").click()
    page.get_by_test_id("imp-report").wait_for()
    onward = page.get_by_role("link", name="Sign in to import it")
    expect(onward).to_have_attribute("href", re.compile("next=/import/"))


@pytest.mark.point("A11Y-7")
def test_A11Y_7_what_moves_stops_by_itself_or_by_escape(guest):
    guest.goto("/")
    card = guest.locator("trailer-preview").first
    card.locator(".card-name a").focus()
    guest.keyboard.press("Shift+Tab")
    guest.keyboard.press("Tab")
    trailer = guest.get_by_test_id("card-preview")
    expect(trailer).to_be_visible()
    guest.keyboard.press("Escape")
    expect(trailer).to_have_count(0)
    guest.evaluate(AT_REST)
    endless = """longest => document.getAnimations().map(one => one.effect.getComputedTiming())
      .filter(timing => timing.endTime > longest).length"""
    assert guest.evaluate(endless, LONGEST_MS) == 0


@pytest.mark.point("A11Y-7")
def test_A11Y_7_nothing_moves_for_who_asked_for_calm(visit):
    page = visit(reduced_motion="reduce")
    page.clock.install()
    page.goto("/")
    page.wait_for_function("() => customElements.get('trailer-preview')")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("trailer-preview").first.hover()
    page.clock.run_for(RESTED_MS)
    # A trailer that begins asks for its frames at once, so before this is asked.
    page.evaluate("() => fetch('/health')")
    assert [url for url in asked if "/trailer" in url] == []
    assert [url for url in asked if url.endswith("/health")]
    assert page.get_by_test_id("card-preview").count() == 0
    assert page.evaluate("() => document.getAnimations().filter(one => one.playState === 'running').length") == 0


@pytest.mark.point("A11Y-8")
@pytest.mark.parametrize(
    "width,style",
    [
        pytest.param(1280, ":root { font-size: 200% !important; }", id="text at 200 %"),
        pytest.param(320, "", id="zoom of 400 %"),
        pytest.param(1280, SPACED, id="text spaced"),
        pytest.param(390, SPACED, id="text spaced on a phone"),
    ],
)
def test_A11Y_8_nothing_is_lost(visit, account, own, width, style):
    page = visit(viewport={"width": width, "height": 720}, storage_state=account["state"], bypass_csp=True)

    def lost(page: Page) -> list[str]:
        if style:
            page.add_style_tag(content=style)
        return ["wider than the window"] * is_wider_than_the_window(page) + cut_texts(page)

    judged(
        page, ("/", "/templates/json-diff", "/search?q=csv", "/import", "/runs", own.run, own.wizard, own.failed), lost
    )
