"""Signing in with more than a password, and with none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pumpflix.tests.e2e.conftest import PASSWORD, Visitor
from pumpflix.tests.e2e.second_factor import code_of, confirm, plug_in_device, set_up_app
from pumpflix.tests.product import Product

pytestmark = [pytest.mark.e2e]


@pytest.fixture
def at_a_name(browser: Browser, product: Product) -> Iterator[Visitor]:
    """Passkeys belong to names: an address of numbers has none."""
    context = browser.new_context(base_url=product.url.replace("127.0.0.1", "localhost"))
    context.set_default_timeout(15_000)
    yield Visitor(context.new_page())
    context.close()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto("/accounts/login/")


def give_password(page: Page, email: str) -> None:
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button.button-primary").click()


def test_the_code_of_an_app_is_the_second_step(visitor: Visitor):
    page, email = visitor.page, visitor.sign_up()
    secret = set_up_app(page, PASSWORD)
    sign_out(page)
    give_password(page, email)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_test_id("shell-user")).to_be_visible()


def test_a_passkey_signs_in_without_the_password(at_a_name: Visitor):
    page = at_a_name.page
    at_a_name.sign_up()
    plug_in_device(page)
    page.goto("/accounts/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page, PASSWORD)
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add it").click()
    page.get_by_test_id("recovery-codes").wait_for()
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_text("Work laptop").first).to_be_visible()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_test_id("shell-user")).to_be_visible()
