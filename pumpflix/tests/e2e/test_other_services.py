"""Signing in with another service in Chromium: there, back, and the same account the next time."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pumpflix.tests.e2e.conftest import PASSWORD, Visitor
from pumpflix.tests.e2e.second_factor import confirm
from pumpflix.tests.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, openid_provider
from pumpflix.tests.product import OUTSIDE, Product, give_administrator, running, temporary_folder

pytestmark = [pytest.mark.e2e, pytest.mark.requirement(45)]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with openid_provider(OUTSIDE) as made:
        yield made


@pytest.fixture(scope="module")
def product(provider: Provider) -> Iterator[Product]:
    """PumpFlix with that provider set up, and its address opened to what leaves the product."""
    given = {
        "PUMPFLIX_OPENID_URL": provider.url,
        "PUMPFLIX_OPENID_NAME": "Elsewhere",
        "PUMPFLIX_OPENID_CLIENT_ID": CLIENT_ID,
        "PUMPFLIX_OPENID_CLIENT_SECRET": CLIENT_SECRET,
        "PUMPFLIX_OUTBOUND_ALLOW": f"{OUTSIDE}/32",
        "PUMPFLIX_WORKERS": "1",
        "PUMPFLIX_GRACE_S": "5",
    }
    with temporary_folder() as folder, running(given, folder / "data") as product:
        give_administrator(product)
        yield product


def come_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Continue with Elsewhere").click()
    page.get_by_role("link", name="Yes, it is me").click()
    expect(page.get_by_test_id("shell-user")).to_be_visible()


def test_somebody_comes_in_and_comes_back(page: Page, browser: Browser, product: Product):
    come_in(page)
    page.goto("/profile")
    expect(page.locator("#account").get_by_text("ada@mail.example")).to_be_visible()
    elsewhere = browser.new_context(base_url=product.url)
    try:
        another = elsewhere.new_page()
        come_in(another)
        another.goto("/profile")
        expect(another.locator("#account").get_by_text("ada@mail.example")).to_be_visible()
    finally:
        elsewhere.close()


def test_an_account_with_a_password_is_linked_after_the_password_and_taken_off_again(
    visitor: Visitor, provider: Provider
):
    page, usual = visitor.page, provider.person
    provider.person = usual | {"sub": "another", "email": "grace@mail.example"}
    try:
        email = visitor.sign_up()
        page.goto("/profile")
        page.get_by_role("link", name="Other services").click()
        page.get_by_role("button", name="Link Elsewhere").click()
        page.get_by_role("link", name="Yes, it is me").click()
        confirm(page, PASSWORD)
        expect(page.get_by_text("Linked. You can sign in with it")).to_be_visible()
        expect(page.get_by_text("grace@mail.example")).to_be_visible()
        page.context.clear_cookies()
        come_in(page)
        page.goto("/profile")
        expect(page.locator("#account").get_by_text(email)).to_be_visible()
        page.goto("/accounts/3rdparty/")
        page.get_by_role("button", name="Take Elsewhere off").click()
        confirm(page, PASSWORD)
        expect(page.get_by_text("None is linked to this account")).to_be_visible()
    finally:
        provider.person = usual
