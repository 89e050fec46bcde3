"""RSP: small screens and touch."""

import secrets

import pytest
from playwright.sync_api import Locator, Page, expect

from pumpflix.tests.e2e.ux import everywhere
from pumpflix.tests.e2e.ux.audit import is_wider_than_the_window
from pumpflix.tests.e2e.ux.conftest import PHONE, sign_up
from pumpflix.tests.e2e.ux.steps import Person
from pumpflix.tests.e2e.ux.touch import Fingers
from workflows_app.tests.graphs import chain, node

SMALL = {"width": 320, "height": 640}
KEYBOARD = 300
TRIES = 60
MOST_TAPS = 4


@pytest.mark.point("RSP-1")
def test_RSP_1_nothing_is_wider_than_320_pixels_and_tables_stack(visit, account, own):
    page = visit(viewport=SMALL, storage_state=account["state"])
    guest = visit(viewport=SMALL)
    ones_own = (*everywhere.MEMBERS_ONLY, *everywhere.NOTHING_FOUND, *own.addresses)
    for somebody, addresses in ((guest, (*everywhere.OPEN_TO_ALL, *everywhere.FAULTS)), (page, ones_own)):
        for address in addresses:
            somebody.goto(address)
            assert (address, is_wider_than_the_window(somebody)) == (address, False)
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
    toggle.tap()
    expect(graph).to_be_hidden()


@pytest.mark.point("RSP-2")
def test_RSP_2_two_fingers_move_and_zoom_the_map_after_the_keyboard_was_used(visit, account):
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True, storage_state=account["state"])
    long = chain(node("Start", "manualTrigger"), *(node(f"Step {place}", "noOp") for place in range(9)), name="Wide")
    person = Person(page)
    person.bring(long)
    person.run()
    person.wait_for("Succeeded")
    page.get_by_role("button", name="Map").tap()
    typing_on_screen(page, page.get_by_label("Filter log"), "step")

    frame = page.locator(".graph-frame").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    fingers = Fingers(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    fingers.pan(-160)
    page.wait_for_function("() => document.querySelector('.graph-frame').scrollLeft > 60")
    fingers.pinch(4)
    page.wait_for_function("() => visualViewport.scale > 1.5")
    fingers.pinch(0.25)
    page.wait_for_function("() => visualViewport.scale < 1.05")


def typing_on_screen(page: Page, field: Locator, text: str) -> None:
    """The keyboard of a phone takes the lower part of the window while somebody types."""
    field.tap()
    page.set_viewport_size({**PHONE, "height": PHONE["height"] - KEYBOARD})
    page.keyboard.type(text)
    expect(field).to_be_in_viewport()
    field.blur()
    page.set_viewport_size(PHONE)


@pytest.mark.point("RSP-3")
def test_RSP_3_from_the_notification_to_the_retry_in_four_taps(visit):
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    sign_up(page.context)
    breaks = node("Breaks", "code", 2, jsCode="throw new Error('out of paper')")
    Person(page).bring(
        chain(node("Hook", "webhook", 2, path=secrets.token_hex(4), httpMethod="POST"), breaks, name="Night job")
    )
    page.get_by_test_id("wf-publish").tap()
    expect(page.locator(".run-head .badge-ok")).to_have_text("Live")
    assert page.request.post(page.get_by_test_id("wf-hook-url").inner_text(), data={}).ok
    taps = count_taps(page)
    bell = page.get_by_role("link", name="Notifications, 1 new")
    for _ in range(TRIES):
        page.goto("/")
        if bell.count():
            break
        page.wait_for_timeout(500)
    taps.clear()
    bell.tap()
    page.get_by_test_id("notifications").get_by_role("button", name="Open Night job failed").tap()
    page.wait_for_url("**/executions/**")
    failed = page.url
    expect(page.get_by_text("out of paper").first).to_be_visible()
    page.get_by_test_id("run-retry").tap()
    page.wait_for_url(lambda url: "/executions/" in url and url != failed)
    assert len(taps) <= MOST_TAPS, taps


def count_taps(page: Page) -> list[str]:
    """Fills with what is tapped from now on, whatever page it is on."""
    taps: list[str] = []
    page.expose_function("tapped", lambda what: taps.append(what))  # noqa: PLW0108 - Playwright marks its handlers
    page.add_init_script("addEventListener('pointerdown', (event) => window.tapped(event.target.outerHTML), true)")
    return taps
