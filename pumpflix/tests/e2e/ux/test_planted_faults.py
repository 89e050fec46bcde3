"""The suite itself: a page that is broken on purpose turns its point red."""

import re

import pytest
from playwright.sync_api import Error

from pumpflix.tests.e2e.ux import test_auth, test_home, test_import, test_runs, test_shell, test_template
from pumpflix.tests.e2e.ux.steps import Person

# (what shows the point, what is broken, what stands there instead)
FAULTS = [
    (test_shell.test_SH_2_slash_focuses_the_search_unless_somebody_types, r"/js/main\.", ""),
    (test_home.test_HOME_7_a_row_is_one_tab_stop_with_arrows_inside, r"/js/gallery\.", ""),
    (test_home.test_HOME_10_a_screen_reader_hears_rows_and_facts, r"/$", ("aria-describedby", "data-nothing")),
    (test_template.test_TPL_5_steps_are_a_list_in_the_order_they_run, r"/csv-clean-up$", ("<ol", "<div")),
    (test_import.test_IMP_2_says_line_and_column_with_an_excerpt, r"/import$", ("line 2", "somewhere")),
    (test_runs.test_RUN_4_a_picture_is_shown_and_another_file_described, r"/executions/", ("preview=1", "preview=")),
    (test_auth.test_AUTH_1_password_managers_fill_it_and_what_was_typed_can_be_seen, r"/js/show-password\.", ""),
    (test_shell.test_SH_1_the_first_tab_press_offers_the_way_to_the_content, r"/about$", ('class="skip"', "hidden")),
]


@pytest.mark.parametrize("show,address,fault", FAULTS, ids=[show.__name__[5:] for show, *_ in FAULTS])
def test_a_planted_fault_turns_its_point_red(visit, account, show, address, fault):
    page = visit(tolerant=True, service_workers="block")
    page.set_default_timeout(2_000)
    plant(page, address, fault)
    given = {"guest": page, "member": Person(page)}
    wanted = show.__code__.co_varnames[: show.__code__.co_argcount]
    with pytest.raises((AssertionError, Error)):
        show(**{name: given[name] for name in wanted})


def plant(page, address, fault) -> None:
    def broken(route):
        if isinstance(fault, str):
            route.fulfill(body=fault, content_type="text/javascript")
            return
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(*fault))

    page.route(re.compile(address), broken)
