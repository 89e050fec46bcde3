"""Measuring pages: a slowed browser, what its user feels, and how much it fetches."""

import gzip
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

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


@dataclass(frozen=True)
class Profile:
    """`cpu` is how many times slower; the rest is the line."""

    cpu: float
    down_bytes_s: float
    latency_ms: float


TURNS = 3
COLD = Profile(cpu=4, down_bytes_s=1_600_000 / 8, latency_ms=150)


@dataclass(frozen=True)
class Vitals:
    lcp_ms: float
    cls: float
    inp_ms: float


@dataclass
class Weight:
    """Bytes as gzip sends them, by kind, and how many requests there were."""

    script: int = 0
    style: int = 0
    font: int = 0
    font_files: int = 0
    requests: int = 0
    largest: dict[str, int] = field(default_factory=dict)


def patience() -> float:
    """How much longer things take than on a machine that has nothing else to do."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


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


def felt(visit: Callable[..., Page], address: str, *, tap: str) -> Vitals:
    """What a phone with an empty cache feels: the best of a few visits, for the machine may be busy with other things.
    `tap` is pressed once to see how soon it answers."""
    best = []
    for _turn in range(TURNS):
        page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, service_workers="block")
        page.request.get(address)
        slowed(page, COLD)
        page.goto(address, wait_until="load")
        page.locator(tap).tap()
        best.append(vitals(page))
        page.close()
    return Vitals(min(v.lcp_ms for v in best), min(v.cls for v in best), min(v.inp_ms for v in best))


def vitals(page: Page) -> Vitals:
    """What was felt so far, once the page has been still for a moment."""
    page.wait_for_load_state("networkidle")
    felt: dict[str, Any] = page.evaluate("window.felt")
    return Vitals(lcp_ms=felt["lcp"], cls=felt["cls"], inp_ms=felt["inp"])


def weigh(page: Page, address: str) -> Weight:
    """Open the page and weigh what it fetched."""
    weight = Weight()
    got: list[Any] = []
    page.on("response", lambda response: got.append(response))  # noqa: PLW0108 - Playwright marks its handlers
    page.goto(address, wait_until="load")
    page.wait_for_load_state("networkidle")
    for response in got:
        kind = response.request.resource_type
        weight.requests += 1
        if kind not in ("script", "stylesheet", "font"):
            continue
        size = len(gzip.compress(response.body()))
        if kind == "font":
            weight.font += size
            weight.font_files += 1
        elif kind == "script":
            weight.script += size
        else:
            weight.style += size
        weight.largest[response.url.rsplit("/", 1)[-1]] = size
    return weight
