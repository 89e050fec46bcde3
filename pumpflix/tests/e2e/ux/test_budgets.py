"""Budgets of the cold profile: bytes, largest paint, shifts and the answer to a tap, printed page by page."""

import pytest

from pumpflix.tests.e2e.ux.budgets import felt, patience, weigh
from pumpflix.tests.e2e.ux.conftest import PHONE

KIB = 1024
# Page: JS and CSS as gzip in KB, largest paint in ms.
BUDGETS = {
    "/": (60, 30, 2_500),
    "/search?q=csv": (60, 30, 2_500),
    "/templates/json-diff": (90, 30, 2_500),
    "/import": (90, 30, 2_500),
    "/accounts/login/": (15, 15, 1_500),
    "/no/such/page": (15, 15, 1_500),
}
OWN = {"/workflows": (90, 30, 2_500), "/runs": (90, 30, 2_500)}
SLACK = 1.05


@pytest.mark.parametrize("address", [*BUDGETS, *OWN])
def test_a_page_stays_within_its_bytes(visit, account, address):
    page = visit(storage_state=account["state"] if address in OWN else None, service_workers="block")
    script, style, _paint = {**BUDGETS, **OWN}[address]
    weight = weigh(page, address)
    print(f"{address}: JS {weight.script / KIB:.1f} KB, CSS {weight.style / KIB:.1f} KB, {weight.requests} requests")  # noqa: T201
    assert weight.script <= script * KIB * SLACK, weight
    assert weight.style <= style * KIB * SLACK, weight


@pytest.mark.parametrize("address", ["/", "/templates/json-diff", "/runs"])
def test_a_cold_phone_paints_in_time_and_nothing_shifts(visit, account, address):
    def opened(**options):
        return visit(storage_state=account["state"] if address in OWN else None, **options)

    paint = {**BUDGETS, **OWN}[address][2]
    measured = felt(opened, address, tap=".bottom summary")
    print(f"{address}: {measured}, patience {patience():.1f}, {PHONE}")  # noqa: T201
    assert measured.lcp_ms <= paint * SLACK * patience()
    assert measured.cls <= 0.02
    assert measured.inp_ms <= 200 * patience()


@pytest.mark.point("PERF-2")
def test_PERF_2_nothing_comes_from_elsewhere_and_no_script_is_inline(visit, product):
    page = visit(service_workers="block")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in BUDGETS:
        answer = page.goto(address)
        policy = answer.headers["content-security-policy"]
        scripts = next(part for part in policy.split(";") if "script-src" in part)
        assert "unsafe" not in scripts, scripts
        assert page.locator("script:not([src]):not([type='application/json'])").count() == 0, address
    assert [url for url in asked if not url.startswith((product.url, "data:"))] == []
