"""Every operation of the API, called by everybody on one's own object, another team's, nobody's, and one's own with a
part of another's. `matrix.txt` says what each gets."""

import pytest

from pumpflix.api.tests.test_examples import operations
from pumpflix.lib.rest.operations import REGISTRY
from pumpflix.tests.access import calls, table
from pumpflix.tests.access.calls import shows_others
from pumpflix.tests.access.world import CALLERS, MEMBERS, OF_OTHERS, ROLES, People, api_client

pytestmark = [pytest.mark.app, pytest.mark.django_db, pytest.mark.requirement(48, 49, 50)]

ROWS = table.rows("operations")
BY_KEY = {(row.name, row.target): row for row in ROWS}


def targets_of(name: str) -> list[str]:
    """What an operation has to be called with: without an id in its address there is no other object to name."""
    own = ["own", "other", "random"] if REGISTRY[name].samples[0].path and name != "nodeTypesGet" else ["own"]
    return [*own, "nested"] if name in calls.NESTED else own


def test_every_operation_has_its_rows() -> None:
    """A new one is called with nothing yet: say in matrix.txt who may do it, on whose object."""
    lacking = [
        f"{method.upper()} {path} ({name}): no row '{name} {target}'"
        for name, (method, path, _) in operations().items()
        for target in targets_of(name)
        if (name, target) not in BY_KEY
    ]
    assert lacking == [], f"Add to {table.FILE.name}:\n" + "\n".join(lacking)


def test_no_row_is_of_an_operation_that_is_gone() -> None:
    wanted = {(name, target) for name in operations() for target in targets_of(name)}
    assert sorted(set(BY_KEY) - wanted) == []


def test_operations_that_take_ids_of_others_are_called_with_some() -> None:
    """Whoever adds a parameter or a field that names an object adds what happens when it is another team's."""
    named = {name for name, (_, _, said) in operations().items() if takes_an_id(said)}
    assert sorted(named - set(calls.NESTED)) == []


def takes_an_id(said: dict) -> bool:
    ids = [entry for entry in said.get("parameters", ()) if entry["in"] == "query" and is_id(entry["schema"])]
    paths = [entry for entry in said.get("parameters", ()) if entry["in"] == "path"]
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return bool(ids) or len(paths) > 1 or any(is_id(field) for field in fields_of(body))


def fields_of(schema: dict) -> list[dict]:
    from pumpflix.api.schema import document

    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    return list(document()["components"]["schemas"].get(name, {}).get("properties", {}).values())


def is_id(schema: dict) -> bool:
    return schema.get("format") == "uuid" or schema.get("items", {}).get("format") == "uuid"


# What the table has to say whatever an operation is, so that a row that was written down wrong is seen.
OPEN = {"apiIndex", "authLogin", "authRefresh", "authRegister"}
FOR_EVERYBODY = {"templatesGet", "templatesUse", "templatesVersions", "nodeTypesGet"}


def test_the_table_gives_nobody_what_is_not_theirs() -> None:
    wrong = []
    for row in ROWS:
        got = {caller for caller, status in row.expected.items() if status < 400}
        if row.name not in OPEN and row.expected["visitor"] != 401:
            wrong.append((row.name, row.target, "a visitor is not asked to sign in"))
        if row.target == "own" and (row.name, "other") in BY_KEY and row.name not in FOR_EVERYBODY:
            wrong += [(row.name, row.target, who) for who in (got & {"stranger", "other_key", "admin"})]
        if row.target == "other":
            wrong += [(row.name, row.target, who) for who in got - set(OF_OTHERS)]
        if row.target == "random":
            wrong += [(row.name, row.target, who) for who in got]
    assert wrong == []


def test_what_is_refused_or_only_read_changes_nothing() -> None:
    refused = [(row.name, row.target, who) for row in ROWS for who in row.changing if row.expected[who] >= 400]
    read = [(row.name, row.target) for row in ROWS if row.changing and operations()[row.name][0] == "get"]
    assert (refused, read) == ([], [])


def test_a_higher_role_may_do_what_a_lower_one_may() -> None:
    wrong = [
        (row.name, row.target)
        for row in ROWS
        if [row.expected[role] < 400 for role in ROLES]
        != sorted((row.expected[role] < 400 for role in ROLES), reverse=True)
    ]
    assert wrong == []


def test_a_key_may_no_more_than_its_holder() -> None:
    assert [row.name for row in ROWS if row.expected["read_key"] < 400 <= row.expected["owner"]] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name}-{row.target}")
def test_everybody_gets_what_the_matrix_says(people: People, row: table.Row) -> None:
    sample = calls.sample_of(row.name, row.target, people)
    clients = {caller: api_client(people, caller) for caller in CALLERS}
    seen = calls.seen_by(clients, lambda client: calls.called(client, row.name, sample), people.team)
    found = {caller: one.answer.status for caller, one in seen.items()}
    changing = {caller for caller, one in seen.items() if one.changed}
    assert (found, changing) == (row.expected, row.changing), (
        f"Got\n{table.as_line(row.name, row.target, found, changing)}"
    )
    assert [caller for caller, one in seen.items() if one.changed_own_team and caller not in MEMBERS] == []
    assert [caller for caller, one in seen.items() if shows_others(caller, one.answer.whole)] == []


REFUSED = [
    pytest.param(row.name, row.target, caller, id=f"{row.name}-{row.target}-{caller}")
    for row in ROWS
    for caller, status in row.expected.items()
    if status == 404 and row.target in ("own", "other", "nested")
    and caller in ("owner", "stranger") and (row.target == "own") == (caller == "stranger")
]  # fmt: skip


@pytest.mark.parametrize("name,target,caller", REFUSED)
def test_what_is_not_ones_own_answers_like_what_is_not_there(
    people: People, name: str, target: str, caller: str
) -> None:
    """The same body to the byte, the same headers, and as many questions to the database."""
    nobodys = "nested-random" if target == "nested" else "random"
    client = api_client(people, caller)
    calls.called(client, name, calls.sample_of(name, nobodys, people))
    theirs, none = (calls.called(client, name, calls.sample_of(name, which, people)) for which in (target, nobodys))
    assert (theirs.status, theirs.body) == (none.status, none.body)
    assert theirs.headers == none.headers
    assert theirs.queries == none.queries
