"""Fixtures of the acceptance points: one product and one browser a session, a fresh context a test, accounts made
without a page. Tests of a point are named after it and carry `@pytest.mark.point("SH-1")`."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from pumpflix.tests.e2e.conftest import PASSWORD, is_fault
from pumpflix.tests.e2e.ux.everywhere import Own, settle
from pumpflix.tests.e2e.ux.steps import Person
from pumpflix.tests.product import Product
from pumpflix.tests.servers import FOLDER

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder is of the e2e tier, and a campaign of its own: `make ux`. What takes long begins
    first, what has to be alone comes last and in one worker."""
    ours = [item for item in items if "/e2e/ux/" in item.path.as_posix()]
    for item in ours:
        item.add_marker(pytest.mark.e2e)
        item.add_marker(pytest.mark.ux)
        if item.get_closest_marker("alone"):
            item.add_marker(pytest.mark.xdist_group("alone"))
    if len(ours) == len(items):
        items.sort(key=lambda item: (bool(item.get_closest_marker("alone")), not item.get_closest_marker("long")))


@pytest.fixture(autouse=True)
def _in_turn(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test marked `alone` waits until no other worker runs one, and the others wait for it."""
    folder = Path(os.environ[FOLDER])
    is_alone = request.node.get_closest_marker("alone") is not None
    with (folder / "ux-gate").open("a") as gate, (folder / "ux-turn").open("a") as turn:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(turn, fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH)
        if not is_alone:
            fcntl.flock(gate, fcntl.LOCK_UN)
        yield


@pytest.fixture(scope="session")
def account(browser: Browser, product: Product) -> dict[str, Any]:
    """An account that many tests share: its browser state and its address. Who changes the account makes another."""
    context = browser.new_context(base_url=product.url)
    email = sign_up(context)
    state = context.storage_state()
    context.close()
    return {"state": state, "email": email, "password": PASSWORD}


def sign_up(context: BrowserContext) -> str:
    """Make an account by its form, without a page. Returns its address; the context is signed in."""
    email = f"maya.{secrets.token_hex(4)}@mail.example"
    context.request.get("/accounts/signup/")
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "pf_csrf")
    form = {"email": email, "password1": PASSWORD, "csrfmiddlewaretoken": token}
    answer = context.request.post("/accounts/signup/", form=form)
    assert answer.ok, answer.status
    return email


@pytest.fixture
def visit(browser: Browser, product: Product) -> Iterator[Callable[..., Page]]:
    """Open a page in a context of its own: `visit(viewport=PHONE, storage_state=…)`. Faults of the page fail the test
    unless `tolerant` is given."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(*, tolerant: bool = False, **options: Any) -> Page:
        options = {"base_url": product.url, "viewport": DESK, "color_scheme": "dark"} | options
        context = browser.new_context(**options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        if not tolerant:
            page.on("pageerror", lambda error: faults.append(f"script: {error}"))
            page.on("console", lambda said: faults.append(f"console: {said.text}") if is_fault(said) else None)
            page.on("response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 500 else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def guest(visit: Callable[..., Page]) -> Page:
    """A visitor who is not signed in."""
    return visit()


@pytest.fixture
def member(visit: Callable[..., Page], account: dict[str, Any]) -> Person:
    """Somebody signed in, with the shared account."""
    return Person(visit(storage_state=account["state"]))


@pytest.fixture
def newcomer(visit: Callable[..., Page]) -> Person:
    """Somebody with an account of their own and nothing in it."""
    page = visit()
    return Person(page, email=sign_up(page.context))


@pytest.fixture(scope="session")
def own(browser: Browser, product: Product, account: dict[str, Any]) -> Own:
    """Addresses of what the shared account has: workflows, runs, a failed one."""
    context = browser.new_context(base_url=product.url, viewport=DESK, storage_state=account["state"])
    context.set_default_timeout(15_000)
    found = settle(context.new_page())
    context.close()
    return found


@pytest.fixture
def query(product: Product) -> Callable[..., list[tuple[Any, ...]]]:
    """Run SQL on the product's database, to look at what is stored or to put much of it there at once."""

    def run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(product.database_url) as connection:
            cursor = connection.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    return run
