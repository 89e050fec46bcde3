"""AUTH: signing in and up, the first start, a session that ends, and the profile."""

import math
import os
import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pumpflix.tests.e2e.conftest import PASSWORD
from pumpflix.tests.e2e.ux.conftest import PHONE, sign_up
from pumpflix.tests.e2e.ux.steps import Person
from pumpflix.tests.product import Product, fresh_database, running, temporary_folder
from pumpflix.tests.servers import product_number, with_number

ANSWER_MS = "(([entry]) => entry.responseStart - entry.requestStart)(performance.getEntriesByType('navigation'))"
REFUSED = "The e-mail address or the password is not right."


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """On the page of sign-in, wherever it leads then."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.point("AUTH-1")
def test_AUTH_1_password_managers_fill_it_and_what_was_typed_can_be_seen(guest):
    guest.goto("/accounts/login/")
    password = guest.get_by_label("Password", exact=True)
    expect(guest.get_by_label("E-mail")).to_have_attribute("autocomplete", "username")
    expect(password).to_have_attribute("autocomplete", "current-password")
    password.fill("seen by nobody else")
    guest.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")
    guest.get_by_role("button", name="Hide password").click()
    expect(password).to_have_attribute("type", "password")
    guest.goto("/accounts/signup/")
    expect(guest.get_by_label("Password", exact=True)).to_have_attribute("autocomplete", "new-password")


@pytest.mark.point("AUTH-1")
def test_AUTH_1_pasting_works_and_nothing_is_a_puzzle(visit, account):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    for address in ("/accounts/signup/", "/accounts/password/reset/", "/accounts/login/"):
        page.goto(address)
        assert page.locator("main img, main canvas, iframe, [onpaste]").count() == 0
    page.evaluate("text => navigator.clipboard.writeText(text)", PASSWORD)
    page.get_by_label("E-mail").fill(account["email"])
    page.get_by_label("Password", exact=True).focus()
    page.keyboard.press("Control+V")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    expect(page.get_by_test_id("shell-bell")).to_be_visible()


@pytest.mark.point("AUTH-1")
def test_AUTH_1_signing_in_needs_no_script(visit, account):
    page = visit(java_script_enabled=False)
    page.goto("/accounts/login/?next=/runs")
    sign_in(page, account["email"])
    expect(page).to_have_url(re.compile("/runs$"))


@pytest.mark.point("AUTH-1")
def test_AUTH_1_services_that_are_not_set_up_are_not_offered(guest):
    guest.goto("/accounts/login/")
    expect(guest.get_by_role("button", name=re.compile("Google|Facebook"))).to_have_count(0)


@pytest.mark.point("AUTH-2")
def test_AUTH_2_a_refusal_is_the_same_whether_or_not_the_account_exists(guest, account):
    emails, said, took = (account["email"], "nobody.at.all@mail.example"), [], {}
    for email in emails * 2:
        guest.goto("/accounts/login/")
        sign_in(guest, email, "certainly not this one")
        said.append(guest.get_by_role("alert").inner_text())
        took[email] = min(took.get(email, math.inf), guest.evaluate(ANSWER_MS))
    assert said == [REFUSED] * 4
    # Without the work of a password for unknown addresses, one answer would take a small part of the other.
    assert max(took.values()) <= 2 * min(took.values()) + 20, took
    asked = []
    for email in (account["email"], "nobody.at.all@mail.example"):
        guest.goto("/accounts/password/reset/")
        guest.get_by_label("E-mail").fill(email)
        guest.get_by_role("button", name="Mail me the link").click()
        asked.append(guest.get_by_role("main").inner_text())
    assert asked[0] == asked[1]
    assert "log of the server" in asked[0]


@pytest.mark.point("AUTH-2")
def test_AUTH_2_a_lock_has_a_way_out_by_mail_and_leaves_open_sessions_alone(visit, product):
    owner = visit()
    email = sign_up(owner.context)
    page = visit()
    for _ in range(6):
        page.goto("/accounts/login/")
        sign_in(page, email, "certainly not this one")
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts from here")
    sign_in(page, email)
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts from here")
    owner.goto("/profile")
    expect(owner.get_by_role("heading", name="Profile", level=1)).to_be_visible()

    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Mail me the link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    page.goto(re.findall(r"http\S+/accounts/password/reset/key/\S+", product.log)[-1])
    page.get_by_label("New password").fill("quite-another-password-7")
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    expect(page.get_by_test_id("shell-bell")).to_be_visible()
    owner.goto("/profile")
    expect(owner).to_have_url(re.compile("/accounts/login/"))


@pytest.fixture
def first_start(servers: None) -> Iterator[Product]:
    """PumpFlix as it is on the day it is installed."""
    with fresh_database(os.environ["DATABASE_URL"], "first") as database_url, temporary_folder() as folder:
        given = {
            "DATABASE_URL": database_url,
            "REDIS_URL": with_number(os.environ["REDIS_URL"], product_number(1)),
            "PUMPFLIX_GRACE_S": "5",
            "PUMPFLIX_WORKERS": "1",
        }
        with running(given, folder / "data") as product:
            yield product


@pytest.mark.long
@pytest.mark.point("AUTH-3")
def test_AUTH_3_the_first_account_needs_the_printed_token_and_lands_on_a_full_home(
    visit: Callable[..., Page], first_start: Product
):
    page = visit(base_url=first_start.url)
    page.goto("/")
    page.get_by_test_id("first-admin").get_by_role("link", name="Create the first administrator").click()
    page.get_by_label("One-time token").fill("a guess")
    page.get_by_label("E-mail").fill("Root@Mail.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create the administrator").click()
    expect(page.get_by_text("This is not the token of the latest start.")).to_be_visible()
    page.goto("/accounts/signup/")
    expect(page.get_by_role("heading", level=1, name="Create the first administrator")).to_be_visible()

    link = re.search(r"http\S+/first-administrator\?token=\S+", first_start.log)
    assert link is not None
    page.goto(link.group())
    page.get_by_label("E-mail").fill("Root@Mail.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create the administrator").click()
    page.wait_for_url(f"{first_start.url}/")
    expect(page.get_by_test_id("first-admin")).to_have_count(0)
    expect(page.get_by_role("link", name="Admin", exact=True).first).to_be_visible()
    assert page.get_by_test_id(re.compile("^row-")).count() >= 3
    page.get_by_test_id("home-hero").get_by_role("button", name="Run with sample data").click()
    page.locator("[data-run-status]").get_by_text("Succeeded").first.wait_for()

    stranger = visit(base_url=first_start.url)
    stranger.goto(link.group())
    expect(stranger).to_have_url(f"{first_start.url}/")
    stranger.goto("/accounts/signup/")
    expect(stranger.get_by_role("heading", level=1, name="Create an account")).to_be_visible()


@pytest.mark.point("AUTH-4")
def test_AUTH_4_a_session_that_ends_in_the_wizard_costs_nothing_that_was_typed(newcomer):
    page = newcomer.page
    newcomer.use("json-diff")
    wizard = page.url
    field = page.get_by_label("The older document")
    field.fill('{"typed": "before the end"}')
    page.wait_for_function("() => Object.keys(localStorage).some(key => localStorage[key].includes('before the end'))")
    page.context.clear_cookies(name="pf_session")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/accounts/login/**")
    sign_in(page, newcomer.email)
    page.wait_for_url(wizard)
    expect(field).to_have_value('{"typed": "before the end"}')


@pytest.mark.point("AUTH-4")
def test_AUTH_4_signing_in_again_leads_back_to_the_same_node(newcomer):
    page = newcomer.page
    newcomer.use("json-diff")
    page.get_by_test_id("wiz-run").click()
    newcomer.wait_for("Succeeded")
    page.get_by_test_id(re.compile("^run-node-")).last.click()
    page.wait_for_url(re.compile("node="))
    at_node = page.url
    page.context.clear_cookies(name="pf_session")
    page.reload()
    page.wait_for_url("**/accounts/login/**")
    sign_in(page, newcomer.email)
    page.wait_for_url(at_node.split("#")[0])
    page.context.clear_cookies(name="pf_session")
    page.get_by_test_id("wf-run").click()
    page.wait_for_url("**/accounts/login/**")
    sign_in(page, newcomer.email)
    page.wait_for_url(at_node.split("#")[0])
    expect(page.get_by_test_id("wf-run")).to_be_visible()


@pytest.mark.point("AUTH-4")
def test_AUTH_4_signing_out_everywhere_reaches_the_other_browser(visit, newcomer):
    other = visit()
    other.goto("/accounts/login/")
    sign_in(other, newcomer.email)
    other.wait_for_url(lambda url: "/accounts/" not in url)
    page = newcomer.page
    page.goto("/profile")
    expect(page.locator("#sessions li")).to_have_count(2)
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))
    other.goto("/profile")
    expect(other).to_have_url(re.compile(r"/accounts/login/\?next=/profile"))


def test_the_profile_keeps_looks_shows_a_key_once_and_follows_to_another_browser(visit, newcomer):
    page = newcomer.page
    page.goto("/")
    page.get_by_test_id("shell-user").locator("summary").click()
    page.get_by_role("link", name="Profile").first.click()
    page.get_by_label("Name").fill("Maya Example")
    page.get_by_label("Theme", exact=True).and_(page.locator("select")).select_option("light")
    page.get_by_label("Time zone").select_option("Europe/Vienna")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_label("What is it for?").fill("Nightly report")
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_test_id("new-key").locator("code").first).to_contain_text(re.compile(r"^pf_live_\w{12}_\w{40}$"))
    page.goto("/profile")
    expect(page.get_by_test_id("new-key")).to_have_count(0)
    page.get_by_role("button", name="Revoke Nightly report").click()
    expect(page.get_by_text("Revoked", exact=True)).to_be_visible()
    other = visit()
    other.goto("/accounts/login/")
    sign_in(other, newcomer.email)
    other.wait_for_url(lambda url: "/accounts/" not in url)
    expect(other.locator("html")).to_have_attribute("data-theme", "light")


def test_the_bell_counts_what_is_new_until_it_is_read(newcomer, query):
    add = """INSERT INTO accounts_notification (id, user_id, kind, title, text, url, created_at)
             SELECT gen_random_uuid(), id, 'run', 'CSV clean-up failed', 'No such file.', '/runs', now()
             FROM accounts_user WHERE email = %s"""
    query(add, newcomer.email)
    page = newcomer.page
    page.goto("/")
    page.get_by_role("link", name="Notifications, 1 new").click()
    page.get_by_role("button", name="Open CSV clean-up failed").click()
    expect(page).to_have_url(re.compile("/runs$"))
    expect(page.get_by_role("link", name="Notifications, 0 new")).to_be_visible()


@pytest.mark.parametrize("look", ["dark", "light"])
def test_axe_finds_nothing_on_the_pages_of_an_account(visit, look):
    page = visit(bypass_csp=True, color_scheme=look, viewport=PHONE, tolerant=True)
    Person(page, email=sign_up(page.context))
    for address in ("/profile", "/notifications", "/accounts/email/", "/accounts/password/change/"):
        page.goto(address)
        assert (address, faults(page)) == (address, [])
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.context.clear_cookies()
    for address in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/done/", "/accounts/inactive/"):
        page.goto(address)
        assert (address, faults(page)) == (address, [])
