"""A11Y-1: axe over every page and dialog, populated, empty, in error and loading, each in dark and in light."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from pumpflix.tests.e2e.ux import everywhere
from pumpflix.tests.e2e.ux.audit import THEMES, faults_in_both_themes
from pumpflix.tests.e2e.ux.conftest import PHONE, sign_up
from pumpflix.tests.e2e.ux.steps import Person
from workflows_app.tests.graphs import chain, node

LEAST = 60
SLOW = "const end = Date.now() + 20000; while (Date.now() < end) {} return $input.all();"
CAREFUL = {"bypass_csp": True, "reduced_motion": "reduce"}


@dataclass(frozen=True)
class State:
    """A page in a state: where it is (`{workflow}` and the like are `Own`'s), and what to do there first."""

    kind: str
    address: str
    do: Callable[[Page], None] | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.address}" + (f" {self.do.__name__}" if self.do else "")


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_test_id("palette-dialog").get_by_role("combobox").fill("csv")
    expect(page.get_by_test_id("palette-dialog").get_by_role("option").first).to_be_visible()


def empty_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_test_id("palette-dialog").get_by_role("combobox").fill("zzqqxx")
    expect(page.get_by_test_id("palette-dialog").locator(".palette-none")).to_be_visible()


def account_menu(page: Page) -> None:
    page.get_by_test_id("shell-user").locator("summary").click()


def promote_dialog(page: Page) -> None:
    page.get_by_role("link", name="Save as template").click()
    expect(page.locator("dialog[open]")).to_be_visible()


def wrong_password(page: Page) -> None:
    page.get_by_label("E-mail").fill("nobody@mail.example")
    page.get_by_label("Password", exact=True).fill("not-the-password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator(".notice-error").first.wait_for()


def short_password(page: Page) -> None:
    page.locator("input[name=email]").fill("not an address")
    page.locator("input[name=password1]").fill("short")
    page.locator("main form").first.evaluate("form => { form.noValidate = true; }")
    page.locator("main form button.button-primary").click()
    page.locator(".field-error, .notice-error").first.wait_for()


def broken_json(page: Page) -> None:
    page.locator("textarea[name=text]").fill("{ not json")
    page.get_by_role("button", name="Check it").click()
    page.locator(".field-error, .notice-error, [data-testid=imp-report]").first.wait_for()


def report(page: Page) -> None:
    graph = '{"name": "Odd", "nodes": [{"name": "A", "type": "x.unknown", "parameters": {}}], "connections": {}}'
    page.locator("textarea[name=text]").fill(graph)
    page.get_by_role("button", name="Check it").click()
    page.get_by_test_id("imp-report").wait_for()


def slow_search(page: Page) -> None:
    page.route(re.compile(r"/search\?q=slow"), lambda route: None)
    page.get_by_test_id("shell-search").fill("slow")
    expect(page.locator("instant-search")).to_have_attribute("aria-busy", "true")


def output_as_json(page: Page) -> None:
    page.get_by_role("link", name="JSON", exact=True).first.click()
    page.locator("pre").first.wait_for()


def edited_items(page: Page) -> None:
    page.get_by_text("Edit item and retry").first.click()


def wrong_value(page: Page) -> None:
    page.locator("main textarea").first.fill("{ not json")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".field-error").first.wait_for()


def failed_script(page: Page) -> None:
    page.evaluate("setTimeout(() => { throw new Error('a panel broke'); })")
    page.get_by_test_id("toast").locator(".notice").wait_for()


def offline(page: Page) -> None:
    page.context.set_offline(True)
    expect(page.locator("offline-banner")).to_be_visible()


def made_call(page: Page) -> None:
    page.get_by_role("button", name="Make the call").click()
    page.locator("[data-answer]").wait_for()


OF_VISITORS = [
    *(State("populated", address) for address in everywhere.OPEN_TO_ALL),
    *(State("error", address) for address in everywhere.FAULTS),
    State("empty", "/search?q=zzqqxx"),
    State("error", "/accounts/login/", wrong_password),
    State("error", "/accounts/signup/", short_password),
    State("error", "/import", broken_json),
    State("populated", "/import", report),
    State("loading", "/search", slow_search),
    State("error", "/about", failed_script),
    State("dialog", "/about", palette),
    State("dialog", "/about", account_menu),
    State("error", "/about", offline),
]
OF_MEMBERS = [
    *(State("populated", address) for address in everywhere.MEMBERS_ONLY),
    *(State("empty", address) for address in everywhere.NOTHING_FOUND),
    *(State("populated", "{" + name + "}") for name in ("workflow", "run", "execution", "wizard", "promote")),
    State("populated", "{run}", output_as_json),
    State("dialog", "{execution}", edited_items),
    State("empty", "{never_ran}"),
    State("error", "{failed}"),
    State("error", "{wizard}", wrong_value),
    State("dialog", "{workflow}", promote_dialog),
    State("dialog", "/workflows", account_menu),
    State("dialog", "/runs", empty_palette),
    State("populated", "/api/docs/workflowsList", made_call),
]
OF_NEWCOMERS = [State("empty", "/workflows"), State("empty", "/runs")]


def check(page: Page, states: list[State], own: everywhere.Own | None = None) -> None:
    """Open each and collect what axe finds, so that one run tells everything."""
    found = {}
    for state in states:
        page.goto(state.address.format(**vars(own)) if own else state.address)
        if state.do:
            state.do(page)
        faults = faults_in_both_themes(page)
        if faults:
            found[str(state)] = faults
        page.context.set_offline(False)
        page.unroute_all(behavior="ignoreErrors")
    assert not found, json.dumps(found, indent=1)


@pytest.mark.long
@pytest.mark.point("A11Y-1")
@pytest.mark.parametrize("place", range(2))
def test_A11Y_1_axe_finds_nothing_for_visitors(visit, place):
    check(visit(tolerant=True, **CAREFUL), OF_VISITORS[place::2])


@pytest.mark.long
@pytest.mark.point("A11Y-1")
@pytest.mark.parametrize("place", range(2))
def test_A11Y_1_axe_finds_nothing_for_members(visit, account, own, place):
    check(visit(tolerant=True, storage_state=account["state"], **CAREFUL), OF_MEMBERS[place::2], own)


@pytest.mark.point("A11Y-1")
def test_A11Y_1_axe_finds_nothing_on_phones(visit, account, own):
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True, storage_state=account["state"], **CAREFUL)
    page.goto("/")
    page.locator(".bottom summary").tap()
    found = faults_in_both_themes(page)
    page.goto(own.run)
    page.get_by_role("button", name="Map").tap()
    assert found + faults_in_both_themes(page) == []


@pytest.mark.point("A11Y-1")
def test_A11Y_1_axe_finds_nothing_while_somebody_new_runs_something(visit):
    page = visit(**CAREFUL)
    sign_up(page.context)
    person = Person(page)
    check(page, OF_NEWCOMERS)
    person.bring(chain(node("Start", "manualTrigger"), node("Slow", "code", 2, jsCode=SLOW), name="Takes its time"))
    execution = person.run()
    page.locator(".status-running, .status-queued").first.wait_for()
    found = faults_in_both_themes(page)
    person.cancel(execution)
    assert found == []


@pytest.mark.point("A11Y-1")
def test_A11Y_1_is_judged_on_sixty_snapshots_of_every_kind():
    states = OF_VISITORS + OF_MEMBERS + OF_NEWCOMERS
    assert len(states) * len(THEMES) >= LEAST
    assert {state.kind for state in states} == {"populated", "empty", "error", "loading", "dialog"}
