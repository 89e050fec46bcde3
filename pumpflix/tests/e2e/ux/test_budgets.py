"""PERF: what pages cost on the cold profile, page by page; the campaign prints it as its table."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from pumpflix.lab.ux.plugin import PERF
from pumpflix.tests.e2e.ux.budgets import KIB, Budget, Measured, measure, weigh
from pumpflix.tests.e2e.ux.everywhere import OPEN_TO_ALL, Own

HOME = Budget(lcp_ms=2_500, script_kb=60, style_kb=30, requests=20, inp_ms=200, server_p95_ms=150)
PLAIN = Budget(lcp_ms=2_500, script_kb=90, style_kb=30, requests=20, inp_ms=200, server_p95_ms=200)
RUN = Budget(lcp_ms=2_800, script_kb=140, style_kb=35, requests=25, inp_ms=200, server_p95_ms=300)
SMALL = Budget(lcp_ms=1_500, script_kb=15, style_kb=15, requests=8, inp_ms=100, server_p95_ms=100)
MORE, PASSWORD, HEADING = ".bottom summary", "main button[type=button]", "h1"
# Name: address (`{wizard}` and the like are `Own`'s), budget, what is tapped, whether somebody is signed in.
PAGES = {
    "home": ("/", HOME, MORE, False),
    "search": ("/search?q=csv", PLAIN, MORE, False),
    "template": ("/templates/json-diff", PLAIN, MORE, False),
    "wizard": ("{wizard}", PLAIN, MORE, True),
    "import": ("/import", PLAIN, MORE, False),
    "workflows": ("/workflows", PLAIN, MORE, True),
    "runs": ("/runs", PLAIN, MORE, True),
    "run detail": ("{execution}", RUN, MORE, True),
    "sign in": ("/accounts/login/", SMALL, PASSWORD, False),
    "not found": ("/no/such/page", SMALL, HEADING, False),
}
LARGEST_IMAGE_KB = 20


@pytest.fixture(scope="session")
def cost(account: dict[str, Any], own: Own) -> Callable[[Callable[..., Page], str], Measured]:
    """What the page of that name costs; measured once."""
    known: dict[str, Measured] = {}

    def of(visit: Callable[..., Page], name: str) -> Measured:
        if name not in known:
            address, budget, tap, is_member = PAGES[name]
            options = {"storage_state": account["state"]} if is_member else {}
            known[name] = measure(visit, address.format(**vars(own)), budget, tap=tap, **options)
        return known[name]

    return of


@pytest.mark.alone
@pytest.mark.point("PERF-1")
@pytest.mark.parametrize("name", PAGES)
def test_PERF_1_a_page_stays_within_its_budget(visit, cost, record_property, name):
    found = cost(visit, name)
    record_property(PERF, found.row(name))
    assert found.faults(PAGES[name][1]) == []


@pytest.mark.alone
@pytest.mark.point("HOME-1")
def test_HOME_1_a_cold_phone_shows_the_page_in_time(visit, cost):
    assert cost(visit, "home").faults(HOME) == []


@pytest.mark.alone
@pytest.mark.point("STA-3")
@pytest.mark.parametrize("name", ["search", "template", "wizard", "workflows", "runs", "run detail"])
def test_STA_3_nothing_jumps_while_a_page_comes_in(visit, cost, name):
    assert cost(visit, name).vitals.cls <= 0.02


@pytest.mark.point("HOME-2", "PERF-4")
def test_HOME_2_scripts_styles_and_fonts_are_small(visit):
    page = visit(service_workers="block")
    weight = weigh(page, "/")
    assert weight.script <= 60 * KIB, weight
    assert weight.style <= 30 * KIB, weight
    assert weight.font_files <= 2, weight
    assert weight.font <= 60 * KIB, weight
    assert weight.requests <= HOME.requests, weight
    assert weight.largest_image <= LARGEST_IMAGE_KB * KIB, weight
    assert page.locator("img:not([width]), img:not([height])").count() == 0
    assert page.locator(".row img:not([loading=lazy])").count() == 0
    blocking = "() => [...document.fonts].filter(face => face.display !== 'swap').length"
    assert page.evaluate(blocking) == 0


@pytest.mark.point("PERF-2")
def test_PERF_2_nothing_comes_from_elsewhere_and_no_script_is_inline(visit, account, own, product):
    asked: list[str] = []
    guest = visit(service_workers="block")
    member = visit(service_workers="block", storage_state=account["state"])
    for_guests, for_members = (*OPEN_TO_ALL, "/no/such/page"), ("/workflows", "/runs", "/api/docs", *own.addresses)
    for page, addresses in ((guest, for_guests), (member, for_members)):
        page.on("request", lambda request: asked.append(request.url))
        for address in addresses:
            policy = page.goto(address).headers["content-security-policy"]
            scripts = next(part for part in policy.split(";") if "script-src" in part)
            assert "unsafe" not in scripts, scripts
            assert page.locator("script:not([src]):not([type='application/json'])").count() == 0, address
            assert page.evaluate(HANDLERS) == [], address
    assert [url for url in asked if not url.startswith((product.url, "data:"))] == []


HANDLERS = """() => [...document.querySelectorAll('*')].flatMap(one => [...one.attributes])
  .filter(given => given.name.startsWith('on')).map(given => given.name)"""
