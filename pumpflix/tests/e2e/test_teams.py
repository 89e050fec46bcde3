"""Two people and one team: invited by mail, joined from its link, as much as the role allows, and gone."""

import re
import secrets
import time

import pytest
from playwright.sync_api import Page, expect

from pumpflix.tests.e2e.conftest import PASSWORD
from pumpflix.tests.e2e.ux.audit import faults_in_both_themes, is_wider_than_the_window
from pumpflix.tests.product import patience

pytestmark = pytest.mark.e2e

MAIL_WITHIN_S = 20


@pytest.fixture
def guest(browser, product):
    """Somebody else's browser, the size of a phone."""
    context = browser.new_context(base_url=product.url, viewport={"width": 390, "height": 844})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def link_mailed_to(product, address: str) -> str:
    """The link in the newest mail to that address, which the product writes to its log."""
    ends = time.monotonic() + MAIL_WITHIN_S * patience()
    while time.monotonic() < ends:
        found = re.findall(rf"To: {re.escape(address)}\b.*?(/invitations/[\w-]+)", product.log, flags=re.DOTALL)
        if found:
            return found[-1]
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}")


def team_with_a_workflow(page: Page, name: str) -> str:
    """Made on the pages; the address of its workflow."""
    page.goto("/teams")
    page.get_by_test_id("team-form").get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make a team").click()
    page.get_by_role("heading", level=1, name=name).wait_for()
    page.get_by_test_id("team-workflows").click()
    page.get_by_test_id("wf-new").click()
    page.get_by_role("heading", level=1, name="New workflow").wait_for()
    return page.url


def invite(page: Page, team: str, address: str, role: str) -> None:
    page.goto("/teams")
    page.get_by_role("link", name=team, exact=True).click()
    form = page.get_by_test_id("invite-form")
    form.get_by_label("E-mail").fill(address)
    form.get_by_label("Role").select_option(role)
    form.get_by_role("button", name="Send an invitation").click()
    page.get_by_text(f"A link is on its way to {address}.").wait_for()


def test_an_invited_person_joins_by_the_link_and_may_what_the_role_says(maya, guest, product):
    name, address = f"Night shift {secrets.token_hex(3)}", f"guest.{secrets.token_hex(4)}@mail.example"
    workflow = team_with_a_workflow(maya.page, name)
    invite(maya.page, name, address, "viewer")

    guest.goto(link_mailed_to(product, address))
    guest.get_by_test_id("invited-sign-up").click()
    expect(guest.locator("input[name=email]")).to_have_value(address)
    guest.locator("input[name=password1]").fill(PASSWORD)
    guest.locator("main form button.button-primary").click()
    guest.get_by_test_id("join").click()
    guest.get_by_text(f"Welcome to “{name}”.").wait_for()

    # A viewer sees it, and neither runs nor changes it.
    guest.get_by_test_id("team-workflows").click()
    guest.get_by_role("link", name="New workflow").click()
    guest.get_by_role("heading", level=1, name="New workflow").wait_for()
    for button in ("wf-run", "wf-delete", "wf-publish"):
        expect(guest.get_by_test_id(button)).to_have_count(0)

    # Raised to editor, the same page has the buttons, and they work.
    maya.page.goto("/teams")
    maya.page.get_by_role("link", name=name, exact=True).click()
    row = maya.page.get_by_test_id("member").filter(has_text=address)
    row.get_by_label(f"Role of {address}").select_option("editor")
    row.get_by_role("button", name="Change").click()
    maya.page.get_by_text(f"{address} is now editor.").wait_for()
    guest.reload()
    guest.get_by_test_id("wf-run").click()
    guest.locator("[data-run-status]").get_by_text("Succeeded").first.wait_for()

    # Removed, there is nothing any more: neither the workflow nor the team.
    row.get_by_role("link", name="Remove").click()
    maya.page.get_by_role("button", name="Remove from the team").click()
    maya.page.get_by_text(f"{address} is no longer in the team.").wait_for()
    for place in (workflow, maya.page.url):
        assert guest.goto(place).status == 404


def test_a_link_that_was_used_invites_nobody_else(maya, guest, product):
    name, address = f"Day shift {secrets.token_hex(3)}", f"guest.{secrets.token_hex(4)}@mail.example"
    team_with_a_workflow(maya.page, name)
    invite(maya.page, name, address, "editor")
    link = link_mailed_to(product, address)

    # Opened by somebody who is signed in with another address, it says so and lets nobody in.
    maya.page.goto(link)
    maya.page.get_by_text("The invitation went to").wait_for()
    expect(maya.page.get_by_test_id("join")).to_have_count(0)

    guest.goto(link)
    guest.get_by_test_id("invited-sign-up").click()
    guest.locator("input[name=password1]").fill(PASSWORD)
    guest.locator("main form button.button-primary").click()
    guest.get_by_test_id("join").click()
    guest.get_by_text(f"Welcome to “{name}”.").wait_for()
    assert guest.goto(link).status == 404
    guest.get_by_role("heading", name="Nothing to join here").wait_for()


def test_pages_of_teams_are_for_everybody_and_for_small_screens(maya, guest, product):
    """axe finds nothing in dark and in light, and nothing is wider than a phone of 320 pixels."""
    name, address = f"Late shift {secrets.token_hex(3)}", f"guest.{secrets.token_hex(4)}@a-rather-long-host.example"
    workflow = team_with_a_workflow(maya.page, name)
    invite(maya.page, name, address, "operator")
    team = maya.page.url
    guest.goto(link_mailed_to(product, address))
    found = {"invitation": faults_in_both_themes(guest)}
    wide = {"invitation": is_wider_than_the_window(guest)}
    guest.get_by_test_id("invited-sign-up").click()
    guest.locator("input[name=password1]").fill(PASSWORD)
    guest.locator("main form button.button-primary").click()
    guest.get_by_test_id("join").click()
    guest.get_by_text(f"Welcome to “{name}”.").wait_for()
    invite(maya.page, name, f"another.{address}", "viewer")
    maya.page.goto(f"{workflow}/sharing")
    maya.page.get_by_label("Everybody with an account here").check()
    maya.page.get_by_role("button", name="Save").click()
    maya.page.get_by_test_id("move-look").click()
    maya.page.get_by_test_id("move-report").wait_for()
    moving = maya.page.url
    maya.page.goto(team)
    removal = maya.page.get_by_role("link", name="Remove").get_attribute("href")
    maya.page.set_viewport_size({"width": 320, "height": 640})
    for place in ("/teams", team, removal, moving, "/workflows/public", "/invitations/not-a-link"):
        maya.page.goto(place)
        found[place], wide[place] = faults_in_both_themes(maya.page), is_wider_than_the_window(maya.page)
    assert {place: faults for place, faults in found.items() if faults} == {}
    assert [place for place, is_wide in wide.items() if is_wide] == []
