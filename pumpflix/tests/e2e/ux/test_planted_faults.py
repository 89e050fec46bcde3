"""The suite itself: a page that is broken on purpose turns its point red."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route

from pumpflix.tests.e2e.ux import (
    test_accessibility,
    test_api,
    test_auth,
    test_axe,
    test_home,
    test_import,
    test_runs,
    test_shell,
    test_small_screens,
    test_states,
    test_template,
    test_wizard,
    test_workflow,
)
from pumpflix.tests.e2e.ux.steps import Person

SOON_MS = 2_000
TOO_WIDE = ("}", "} main { min-inline-size: 70rem; }")


@dataclass(frozen=True)
class Fault:
    """What shows the point, where it is broken, and how: a text that stands for another, or nothing instead of a file.
    `given` are parameters of the test."""

    show: Callable[..., None]
    address: str
    change: tuple[str, str] | None = None
    given: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.show.__name__[5:]


FAULTS = [
    Fault(
        test_shell.test_SH_1_the_first_tab_press_offers_the_way_to_the_content, r"/about$", ('class="skip"', "hidden")
    ),
    Fault(test_shell.test_SH_2_slash_focuses_the_search_unless_somebody_types, r"/js/main\."),
    Fault(
        test_shell.test_SH_3_one_heading_one_main_named_landmarks_and_a_title_of_its_own, r"/search$", ("<h1", "<h2")
    ),
    Fault(test_home.test_HOME_5_a_trailer_plays_under_a_resting_pointer_and_stops_when_it_leaves, r"/js/gallery\."),
    Fault(test_home.test_HOME_7_a_row_is_one_tab_stop_with_arrows_inside, r"/js/gallery\."),
    Fault(test_home.test_HOME_10_a_screen_reader_hears_rows_and_facts, r"/$", ("aria-describedby", "data-nothing")),
    Fault(test_template.test_TPL_5_steps_are_a_list_in_the_order_they_run, r"/csv-clean-up$", ("<ol", "<div")),
    Fault(test_wizard.test_WIZ_7_turning_it_on_says_what_it_will_do, r"/js/wizard\."),
    Fault(test_import.test_IMP_2_says_line_and_column_with_an_excerpt, r"/import$", ("line 2", "somewhere")),
    Fault(test_workflow.test_WF_5_a_failure_is_led_to_and_can_be_retried_with_changed_items, r"/js/workflow\."),
    Fault(
        test_runs.test_RUN_4_a_picture_is_shown_and_another_file_described, r"/executions/", ("preview=1", "preview=")
    ),
    Fault(test_auth.test_AUTH_1_password_managers_fill_it_and_what_was_typed_can_be_seen, r"/js/show-password\."),
    Fault(test_axe.test_A11Y_1_axe_finds_nothing_on_phones, r"/$", ('alt=""', "")),
    Fault(test_accessibility.test_A11Y_2_a_dialog_keeps_the_focus_until_escape_gives_it_back, r"/js/workflow\."),
    Fault(
        test_accessibility.test_A11Y_5_forced_colours_keep_borders_and_focus,
        r"/app\.[^/]*css",
        ("}", "} .button { border: 0 !important; }"),
    ),
    Fault(test_accessibility.test_A11Y_6_help_is_at_the_foot_of_every_page, r"/about$", (">Help<", "><")),
    Fault(
        test_accessibility.test_A11Y_7_nothing_moves_for_who_asked_for_calm,
        r"/js/.*\.js",
        ("(prefers-reduced-motion: reduce)", "(width < 1px)"),
    ),
    Fault(
        test_accessibility.test_A11Y_8_nothing_is_lost, r"/app\.[^/]*css", TOO_WIDE, given={"width": 320, "style": ""}
    ),
    Fault(test_small_screens.test_RSP_1_nothing_is_wider_than_320_pixels_and_tables_stack, r"/app\.[^/]*css", TOO_WIDE),
    Fault(
        test_small_screens.test_RSP_2_two_fingers_move_and_zoom_the_map_after_the_keyboard_was_used,
        r"/app\.[^/]*css",
        ("pan-x pan-y pinch-zoom", "none"),
    ),
    Fault(test_states.test_STA_7_a_script_that_fails_leaves_the_rest_working_and_is_reported, r"/js/main\."),
    Fault(
        test_api.test_API_1_the_document_is_valid_and_every_operation_has_its_page,
        r"/api/docs$",
        ('"operation-path"', '"nothing"'),
    ),
    Fault(
        test_api.test_API_3_the_pages_ask_nobody_else_and_pass_axe,
        r"/api/docs$",
        ("<main", '<img src="http://127.0.0.1:9/elsewhere.png" alt="" width="1" height="1"><main'),
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_planted_fault_turns_its_point_red(visit, account, own, product, fault: Fault):
    def opened(**options: Any) -> Page:
        page = visit(**options | {"tolerant": True, "service_workers": "block"})
        page.context.set_default_timeout(SOON_MS)
        plant(page, fault)
        return page

    member = Person(opened(storage_state=account["state"]))
    given = {
        "visit": opened,
        "guest": opened(),
        "member": member,
        "newcomer": member,
        "account": account,
        "own": own,
        "product": product,
        **fault.given,
    }
    wanted = fault.show.__code__.co_varnames[: fault.show.__code__.co_argcount]
    if "document" in wanted:
        given["document"] = member.page.request.get("/api/openapi.json").json()
    with pytest.raises((AssertionError, Error)):
        fault.show(**{name: given[name] for name in wanted})


def plant(page: Page, fault: Fault) -> None:
    def broken(route: Route) -> None:
        if fault.change is None:
            route.fulfill(body="", content_type="text/javascript")
            return
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(*fault.change))

    page.route(re.compile(fault.address), broken)
