"""Chromium against the whole product. One browser a session; every test has a context, and so a visitor, of its own."""

import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pumpflix.tests.product import Product

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "a-long-enough-password-41"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Debian's launcher is a shell script that calls tools a bare PATH may lack.
        environ = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/bin:/bin"}
        launched = playwright.chromium.launch(executable_path=settings.PUMPFLIX.chromium, args=ARGUMENTS, env=environ)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=product.url, viewport={"width": 1440, "height": 900}, color_scheme="dark")
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails its test when the browser reports an error, a script fails or the server answers 5xx."""
    faults: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(f"script: {error}"))
    opened.on("console", lambda said: faults.append(f"console: {said.text}") if is_fault(said) else None)
    opened.on("response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 500 else None)
    yield opened
    assert faults == []


def is_fault(said) -> bool:
    """Chromium also reports every 4xx that a test provokes on purpose as an error: those are the test's own matter."""
    return said.type == "error" and not re.search(r"status of 4\d\d", said.text)


@dataclass
class Visitor:
    """A person at the browser: the steps of the journey, named as the person would."""

    page: Page

    def open_title(self, slug: str) -> None:
        self.page.goto(f"/templates/{slug}")

    def run_sample(self) -> None:
        self.page.get_by_test_id("tpl-run-sample").click()
        self.wait_for("Succeeded")

    def sign_up(self) -> str:
        """Make an account and return its address."""
        email = f"maya.{secrets.token_hex(4)}@mail.example"
        self.page.goto("/accounts/signup/")
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=password1]").fill(PASSWORD)
        if self.page.locator("input[name=password2]").count():
            self.page.locator("input[name=password2]").fill(PASSWORD)
        self.page.locator("main form button.button-primary").click()
        self.page.get_by_test_id("shell-user").wait_for()
        return email

    def use_title(self, slug: str) -> None:
        """From the title page into the wizard."""
        self.open_title(slug)
        self.page.get_by_test_id("tpl-use").click()
        self.page.get_by_test_id("wiz-step-1").wait_for()

    def wait_for(self, status: str) -> None:
        self.page.locator("[data-run-status]").get_by_text(status).first.wait_for()


@pytest.fixture
def visitor(page: Page) -> Visitor:
    return Visitor(page)


@pytest.fixture
def maya(visitor: Visitor) -> Visitor:
    """A visitor with an account, signed in."""
    visitor.sign_up()
    return visitor
