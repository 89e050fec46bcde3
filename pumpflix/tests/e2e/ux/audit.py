"""What is wrong with a page that anybody could measure: axe's rules, widths, boxes of targets, clipped words."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

THEMES = ("dark", "light")
AT_REST = """() => new Promise(done => requestAnimationFrame(() =>
  Promise.allSettled(document.getAnimations().map(one => one.finished)).then(done)))"""
OF_COLOURS = ["color-contrast", "link-in-text-block"]
RUN_AXE = """rules => axe.run(document, {preload: false, resultTypes: ["violations"], ...(rules && {runOnly: rules})})
  .then(found => found.violations)"""


def faults_of(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds, as lines that say where; all its rules unless some are named. The page's context must let axe put
    in its styles (`bypass_csp`)."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE, rules)
    return [f"{one['id']}: {node['html'][:140]}" for one in found for node in one["nodes"]]


def faults_in_both_themes(page: Page) -> list[str]:
    """One line a theme and fault. The themes differ in colours alone, so the second is judged by the rules on them."""
    found = []
    for theme, rules in zip(THEMES, (None, OF_COLOURS), strict=True):
        page.emulate_media(color_scheme=theme)
        page.evaluate(AT_REST)
        found += [f"{theme}: {fault}" for fault in faults_of(page, rules)]
    return found


def is_wider_than_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


CUT = """() => [...document.querySelectorAll('body *')].filter(one => {
  const style = getComputedStyle(one);
  const hides = value => value === 'hidden' || value === 'clip';
  if (!one.checkVisibility() || one.closest('svg, [aria-hidden=true]') || !one.innerText?.trim()) return false;
  if (one.clientWidth <= 2 || one.matches('.hidden-visually, [title]')) return false;
  if (style.webkitLineClamp !== 'none') return false;
  return (hides(style.overflowX) && one.scrollWidth > one.clientWidth + 1) ||
    (hides(style.overflowY) && one.scrollHeight > one.clientHeight + 2);
}).map(one => `cut: ${one.outerHTML.slice(0, 100)}`)"""

STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return { name: 'end', fault: '' };
  const words = one.getAttribute('aria-label') || one.innerText || one.name || '';
  const name = `${one.tagName} ${words}`.trim().slice(0, 80);
  if (one.tagName === 'A' && one.classList.contains('skip')) return { name, fault: '' };
  const box = one.getBoundingClientRect();
  const outlined = style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const halo = one.querySelector('.node-halo');
  const isSeen = halo ? getComputedStyle(halo).stroke !== 'none' :
    outlined(getComputedStyle(one)) || outlined(getComputedStyle(one, '::after')) ||
    outlined(getComputedStyle(one.parentElement));
  if (!isSeen) return { name, fault: 'no focus to see' };
  const across = Math.min(Math.max(box.left + Math.min(box.width, 40) / 2, 0), innerWidth - 1);
  const down = Math.min(Math.max(box.top + Math.min(box.height, 40) / 2, 0), innerHeight - 1);
  const isOutside = box.bottom < 1 || box.top > innerHeight - 1 || box.right < 1 || box.left > innerWidth - 1;
  const top = document.elementFromPoint(across, down);
  const bar = top?.closest('.bar, .bottom, .rail');
  if (isOutside) return { name, fault: 'outside the window' };
  return { name, fault: bar && !bar.contains(one) ? 'below a bar' : '' };
}"""
MOST_STOPS = 250


def cut_texts(page: Page) -> list[str]:
    """Elements that hide a part of their words. Those cut on purpose, with a clamp or a title, do not count."""
    found: list[str] = page.evaluate(CUT)
    return found


def tab_stops(page: Page) -> list[dict[str, str]]:
    """Where Tab leads, from the top of the page to its end, as {name, fault}."""
    stops = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(STOP))
        if stops[-1]["name"] == "end":
            break
    return stops
