"""What hostile people and broken programs send, put through the running product: real requests, a real worker, real
sockets. One stack serves all entries of `bad_inputs.yaml`; each is judged by what came back and what is unchanged."""

import os
import time
from collections.abc import Iterator

import pytest

from pumpflix.tests.live.hostile import (  # noqa: F401 - the doors register themselves
    door_files,
    door_hooks,
    door_imports,
    door_outside,
    door_people,
    door_requests,
    door_runs,
    door_sockets,
    door_teams,
)
from pumpflix.tests.live.hostile.doors import DOORS
from pumpflix.tests.live.hostile.entries import Entry, entries
from pumpflix.tests.live.hostile.outside import canary, machine
from pumpflix.tests.live.hostile.stage import Stage, environ
from pumpflix.tests.product import fresh_database, give_administrator, patience, running, temporary_folder
from pumpflix.tests.servers import product_number, with_number

pytestmark = pytest.mark.live

FIRST, LAST = 54, 128
FOREIGN = ("the-key-of-other", "x-injected:")
SHOWN_BY = [
    (pytest.mark.requirement(13), {68, 99}),
    (pytest.mark.requirement(14), {54, 70, 78, 99, 105}),
    (pytest.mark.requirement(15), {63, 65, 98}),
    (pytest.mark.requirement(16), {78, 124}),
    (pytest.mark.requirement(17), {100}),
    (pytest.mark.requirement(22), {77, *range(79, 95)}),
    (pytest.mark.requirement(23), set(range(79, 85))),
    (pytest.mark.requirement(24), {85}),
    (pytest.mark.requirement(25), {86, 92}),
    (pytest.mark.requirement(27), {91}),
    (pytest.mark.requirement(34), {58, 59}),
    (pytest.mark.requirement(40), {107}),
    (pytest.mark.requirement(41), {108}),
    (pytest.mark.requirement(43), {109}),
    (pytest.mark.requirement(56), {115}),
    (pytest.mark.requirement(57), {113}),
    (pytest.mark.requirement(59), {103, 114, 116}),
    (pytest.mark.requirement(62), {95, 96}),
    (pytest.mark.requirement(63), {103}),
]


def shows(number: int) -> list[pytest.MarkDecorator]:
    """The requirements that an entry is a test of."""
    return [mark for mark, numbers in SHOWN_BY if number in numbers]


@pytest.fixture(scope="module")
def stage(servers: None) -> Iterator[Stage]:
    """The stack, with a team under attack from its own people, and another one that must not notice."""
    with (
        fresh_database(os.environ["DATABASE_URL"], "hostile") as database_url,
        temporary_folder() as folder,
        canary() as listener,
        machine(listener.port, folder) as outside,
    ):
        given = {
            **environ(folder / "names"),
            "DATABASE_URL": database_url,
            "REDIS_URL": with_number(os.environ["REDIS_URL"], product_number(1)),
        }
        with running(given, folder / "data") as product:
            give_administrator(product)
            yield Stage.set_up(product, listener, outside)


@pytest.mark.parametrize("entry", [pytest.param(one, id=str(one), marks=shows(one.id)) for one in entries()])
def test_it_harms_nobody(stage: Stage, entry: Entry) -> None:
    rows, processes, size = stage.rows_of_other(), stage.processes(), len(stage.product.log)
    began = time.monotonic()
    found = list(DOORS[entry.where](stage, entry.cases(stage.names)))
    took = time.monotonic() - began
    wrong = [
        f"{case.name}: {outcome}, not {' or '.join(case.expect)}"
        for case, outcome in found
        if outcome.is_fault or not case.fits(outcome) or any(word in outcome.text for word in entry.never)
    ]
    assert wrong == []
    assert took < entry.limit_s * patience()
    assert stage.next_good_request().word == "200"
    assert stage.rows_of_other() == rows, "something of another team has changed"
    assert stage.processes() == processes, f"a process died: {stage.news_of_workers_after(size)}"
    assert stage.faults_after(size) == []
    assert stage.canary.knocks == [], "somebody knocked at a door of this machine"
    headers = [f"{name}: {value}" for seen in stage.machine.plain.seen for name, value in seen.headers.items()]
    assert [line for line in headers if any(word in line.lower() for word in FOREIGN)] == []


def test_every_bad_input_of_the_list_has_an_entry() -> None:
    given = {entry.id for entry in entries()}
    assert given == set(range(FIRST, LAST + 1))
    assert {entry.where for entry in entries()} == set(DOORS)
    assert [entry.id for entry in entries() if not entry.payload or not entry.about] == []
