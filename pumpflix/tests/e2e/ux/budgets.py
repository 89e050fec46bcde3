"""Measuring pages: a slowed browser, what its user feels, how much it fetches, how soon the server answers."""

import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpcore
from playwright.sync_api import Page, Response

from pumpflix.tests.product import patience

KIB = 1024
OBSERVE = """
window.felt = { lcp: 0, cls: 0, inp: 0 };
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.felt.lcp = entry.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.felt.cls += entry.value;
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.felt.inp = Math.max(window.felt.inp, entry.duration);
}).observe({ type: "event", buffered: true, durationThreshold: 16 });
"""
TURNS = 3
"""How often a cold page is opened at most, until it is within its budget: the machine may be busy with other things."""
SLACK = 1.05
MOST_SHIFT = 0.02
WARMING = 2
REQUESTS = 40
"""How often the server is asked for its 95th percentile."""


@dataclass(frozen=True)
class Profile:
    """`cpu` is how many times slower; the rest is the line."""

    cpu: float
    down_bytes_s: float
    latency_ms: float


COLD = Profile(cpu=4, down_bytes_s=1_600_000 / 8, latency_ms=150)


@dataclass(frozen=True)
class Vitals:
    lcp_ms: float
    cls: float
    inp_ms: float


@dataclass(frozen=True)
class Weight:
    """Bytes as gzip sends them, by kind of file, and how many requests there were."""

    script: int
    style: int
    font: int
    font_files: int
    largest_image: int
    requests: int


@dataclass(frozen=True)
class Budget:
    """What a page may cost, as the product's table of budgets says it."""

    lcp_ms: float
    script_kb: float
    style_kb: float
    requests: int
    inp_ms: float
    server_p95_ms: float


@dataclass(frozen=True)
class Measured:
    """All that is known of one page."""

    vitals: Vitals
    weight: Weight
    server_p95_ms: float

    def faults(self, budget: Budget) -> list[str]:
        """What is over. Times grow with the load of the machine, sizes do not."""
        times = SLACK * patience()
        most = {
            "LCP ms": (self.vitals.lcp_ms, budget.lcp_ms * times),
            "INP ms": (self.vitals.inp_ms, budget.inp_ms * times),
            "server p95 ms": (self.server_p95_ms, budget.server_p95_ms * times),
            "JS KB": (self.weight.script / KIB, budget.script_kb * SLACK),
            "CSS KB": (self.weight.style / KIB, budget.style_kb * SLACK),
            "requests": (self.weight.requests, budget.requests),
            "CLS": (self.vitals.cls, MOST_SHIFT),
        }
        return [f"{name}: {found:.2f} of {allowed:.2f}" for name, (found, allowed) in most.items() if found > allowed]

    def row(self, name: str) -> list[str]:
        """As a line of the campaign's table."""
        return [
            name,
            f"{self.vitals.lcp_ms:.0f}",
            f"{self.vitals.cls:.3f}",
            f"{self.vitals.inp_ms:.0f}",
            f"{self.weight.script / KIB:.1f}",
            f"{self.weight.style / KIB:.1f}",
            str(self.weight.requests),
            f"{self.server_p95_ms:.0f}",
        ]


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def measure(visit: Callable[..., Page], address: str, budget: Budget, *, tap: str, **options: Any) -> Measured:
    """Open the page as a phone with an empty cache, and ask the server for it as often as a percentile needs. `tap` is
    pressed once to see how soon it answers."""
    for _turn in range(TURNS):
        page = visit(**PHONE, service_workers="block", **options)
        page.request.get(address)
        slowed(page, COLD)
        weight = weigh(page, address)
        page.locator(tap).first.tap()
        found = Measured(vitals(page), weight, server_p95_ms(page))
        page.context.close()
        if not found.faults(budget):
            break
    return found


def slowed(page: Page, profile: Profile) -> None:
    """From now on the page has that processor and that line, and an empty cache."""
    page.add_init_script(OBSERVE)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Emulation.setCPUThrottlingRate", {"rate": profile.cpu})
    conditions = {
        "offline": False,
        "latency": profile.latency_ms,
        "downloadThroughput": profile.down_bytes_s,
        "uploadThroughput": profile.down_bytes_s / 2,
    }
    session.send("Network.emulateNetworkConditions", conditions)


def vitals(page: Page) -> Vitals:
    """What was felt so far, once the page has been still for a moment."""
    page.wait_for_load_state("networkidle")
    felt: dict[str, Any] = page.evaluate("window.felt")
    return Vitals(lcp_ms=felt["lcp"], cls=felt["cls"], inp_ms=felt["inp"])


def weigh(page: Page, address: str) -> Weight:
    """Open the page and weigh what it fetched."""
    got: list[Response] = []
    page.on("response", lambda response: got.append(response))  # noqa: PLW0108 - Playwright marks its handlers
    page.goto(address, wait_until="load")
    page.wait_for_load_state("networkidle")
    sizes: dict[str, list[int]] = {"script": [], "stylesheet": [], "font": [], "image": []}
    for response in got:
        if response.request.resource_type in sizes:
            sizes[response.request.resource_type].append(len(gzip.compress(response.body())))
    return Weight(
        script=sum(sizes["script"]),
        style=sum(sizes["stylesheet"]),
        font=sum(sizes["font"]),
        font_files=len(sizes["font"]),
        largest_image=max(sizes["image"], default=0),
        requests=len(got),
    )


def server_p95_ms(page: Page) -> float:
    """Of the page's document, as its visitor asks for it: from the request to the last byte of the answer."""
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    took = []
    with httpcore.ConnectionPool() as connections:
        for _request in range(REQUESTS + WARMING):
            began = time.perf_counter()
            answer = connections.request("GET", page.url, headers={"Cookie": cookies, "Accept": "text/html"})
            took.append((time.perf_counter() - began) * 1_000)
            assert answer.status < 500, answer.status
    return sorted(took[WARMING:])[int(REQUESTS * 0.95) - 1]
