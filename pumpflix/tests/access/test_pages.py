"""Every page, asked for by everybody with a session, on one's own object, another team's, nobody's, and one's own with
a part of another's. `matrix.txt` says what each gets: 401 is the way to the sign-in page, `+` says that it changed
something."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver

from pumpflix.routing import websockets
from pumpflix.tests.access import calls, table
from pumpflix.tests.access.pages import NESTED, ask, everything, pages
from pumpflix.tests.access.world import CALLERS, MEMBERS, OF_OTHERS, ROLES, People, browser

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(48, 49, 50)]

ROWS = table.rows("pages")
BY_KEY = {(row.name, row.target): row for row in ROWS}
METHODS = ("GET", "POST")


# Parts of addresses that name a session or a passkey of whoever asks.
OF_A_PERSON = {"session_id", "pk"}
# It ends at the sign-in page, because it signs out.
SIGNS_OUT = {"accounts:session-end-all/POST"}
# The last owner may not leave.
FOR_THE_OTHERS = {"accounts:team-leave/POST"}
# A mere link to a title's use leads to its page, whichever that is; public workflows are everybody's to see and copy.
FOR_EVERYBODY = {"templates_app:template-use/GET", "workflows_app:public-show/GET", "workflows_app:public-copy/POST"}


def targets_of(key: str) -> list[str]:
    ids = set(pages()[key.rsplit("/", 1)[0]].parts) - OF_A_PERSON
    own = ["own", "other", "random"] if ids else ["own"]
    return [*own, "nested"] if key in NESTED else own


def answered(people: People) -> Iterator[str]:
    """Every page with every method that it answers."""
    for name in pages():
        for method in METHODS:
            with transaction.atomic():
                is_there = ask(browser(people, "owner"), f"{name}/{method}", "own", people).status != 405
                transaction.set_rollback(True)
            if is_there:
                yield f"{name}/{method}"


def test_every_page_has_its_rows(people: People) -> None:
    """A new one is asked for with nothing yet: say in matrix.txt who may, on whose object, or why everybody may."""
    lacking = [(key, target) for key in answered(people) for target in targets_of(key) if (key, target) not in BY_KEY]
    named = sorted({pages()[key.rsplit("/", 1)[0]].route for key, _ in lacking})
    assert lacking == [], (
        f"No row in {table.FILE.name} for {', '.join(named)}. This is what they do now; it may be wrong:\n"
        + "\n".join(observed(people, key, target) for key, target in lacking)
    )


def observed(people: People, key: str, target: str) -> str:
    seen = calls.seen_by(
        {caller: browser(people, caller) for caller in CALLERS}, asking(key, target, people), people.team
    )
    changing = {caller for caller, one in seen.items() if one.changed}
    return table.as_line(key, target, {caller: one.answer.status for caller, one in seen.items()}, changing)


def asking(key: str, target: str, people: People) -> Callable[[Any], calls.Answer]:
    return lambda client: ask(client, key, target, people)


def test_what_is_public_by_design_is_there_and_says_why() -> None:
    names = [page.name for page in everything(get_resolver().url_patterns)]
    names += [f"ws:{route.pattern}" for route in websockets.routes]
    names += ["front:/hook", "front:/webhook", "front:/form", "front:/chat", "front:/resume", "front:/health"]
    public = table.public()
    assert [pattern for pattern in public if not any(fnmatch(name, pattern) for name in names)] == []
    assert [pattern for pattern, why in public.items() if len(why) < 10] == []


def test_every_socket_and_everything_in_front_of_django_is_accounted_for() -> None:
    """Beside the pages: what they do is tested where the table says."""
    from executions_app.ingest import PREFIXES
    from pumpflix import health

    names = [f"ws:{route.pattern}" for route in websockets.routes]
    names += [f"front:{prefix.rstrip('/')}" for prefix in PREFIXES] + [f"front:{path}" for path in health.PATHS]
    assert [name for name in names if not any(fnmatch(name, pattern) for pattern in table.public())] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name}-{row.target}")
def test_everybody_gets_what_the_matrix_says(people: People, row: table.Row) -> None:
    clients = {caller: browser(people, caller) for caller in CALLERS}
    seen = calls.seen_by(clients, asking(row.name, row.target, people), people.team)
    found = {caller: one.answer.status for caller, one in seen.items()}
    changing = {caller for caller, one in seen.items() if one.changed}
    assert (found, changing) == (row.expected, row.changing), (
        f"Got\n{table.as_line(row.name, row.target, found, changing)}"
    )
    assert [caller for caller, one in seen.items() if one.changed_own_team and caller not in MEMBERS] == []
    assert [caller for caller, one in seen.items() if calls.shows_others(caller, one.answer.whole)] == []


def test_looking_and_being_refused_change_nothing() -> None:
    looked = [(row.name, row.target) for row in ROWS if row.changing and row.name.endswith("/GET")]
    asked = [row for row in ROWS if row.name not in SIGNS_OUT]
    refused = [(row.name, row.target, who) for row in asked for who in row.changing if row.expected[who] >= 400]
    assert (looked, refused) == ([], [])


def test_the_table_gives_nobody_what_is_not_theirs() -> None:
    wrong = []
    for row in [row for row in ROWS if row.name not in FOR_EVERYBODY]:
        got = {caller for caller, status in row.expected.items() if status < 400}
        outside = {"own": set(CALLERS) - set(MEMBERS), "other": set(CALLERS) - set(OF_OTHERS), "random": set(CALLERS)}
        if (row.name, "other") in BY_KEY:
            wrong += [(row.name, row.target, who) for who in got & outside.get(row.target, set())]
        elif row.changing & {"visitor", "read_key", "other_key"}:
            wrong.append((row.name, row.target, "a visitor changes something"))
    assert wrong == []


def test_a_higher_role_may_do_what_a_lower_one_may() -> None:
    order = [
        [role in row.changing if row.name.endswith("/POST") else row.expected[role] < 400 for role in ROLES]
        for row in ROWS
    ]
    wrong = [row.name for row, may in zip(ROWS, order, strict=True) if may != sorted(may, reverse=True)]
    assert set(wrong) == FOR_THE_OTHERS


REFUSED = [
    pytest.param(row.name, row.target, caller, id=f"{row.name}-{row.target}-{caller}")
    for row in ROWS
    for caller, target in (("stranger", "own"), ("owner", "other"))
    if row.target == target and row.expected[caller] == 404
]  # fmt: skip


@pytest.mark.parametrize("key,target,caller", REFUSED)
def test_what_is_not_ones_own_looks_like_what_is_not_there(people: People, key: str, target: str, caller: str) -> None:
    """The same page to the byte, and as many questions to the database."""
    client = browser(people, caller)
    ask(client, key, "random", people)
    theirs, none = (ask(client, key, which, people) for which in (target, "random"))
    assert (theirs.status, theirs.body) == (none.status, none.body)
    assert theirs.queries == none.queries
