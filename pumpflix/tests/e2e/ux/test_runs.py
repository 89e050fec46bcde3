"""RUN: a hundred thousand runs are a list like any other, and what a node put out is read a page at a time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pumpflix.tests.e2e.ux.steps import Person
from pumpflix.tests.product import patience

Query = Callable[..., list[tuple[Any, ...]]]
ROWS = 100_000
FIRST_PAGE_MS = 300
START = {
    "id": "1",
    "name": "Start",
    "type": "n8n-nodes-base.manualTrigger",
    "typeVersion": 1,
    "position": [0, 0],
    "parameters": {},
}
GRAPH = {"name": "Nightly sync", "nodes": [START], "connections": {}, "settings": {}}

COLUMNS = """
INSERT INTO executions_app_execution (id, team_id, workflow_id, version_id, mode, status, error_text, created_at,
  started_at, finished_at, reason, priority, epoch, owner, crash_count, crash_node, cancel_requested, resume_node,
  next_seq, commit_no, engine_version, start_node, destination_node, trigger_key, response_mode, cassette_ref, depth,
  error_code, last_node)
"""
REST = "'', 0, 1, 'many', 0, '', false, '', 1, 1, 1, '', '', '', '', '', 0, '', ''"
FILL = f"""{COLUMNS}
SELECT gen_random_uuid(), seed.team_id, seed.workflow_id, seed.version_id,
  (ARRAY['manual', 'webhook', 'schedule'])[number %% 3 + 1],
  CASE WHEN number %% 10 = 0 THEN 'error' ELSE 'success' END,
  CASE WHEN number %% 10000 = 0 THEN 'The teapot is short' WHEN number %% 10 = 0 THEN 'Timed out' ELSE '' END,
  seed.created_at - number * interval '30 seconds', seed.created_at - number * interval '30 seconds',
  seed.created_at - number * interval '30 seconds' + (number %% 60) * interval '1 second', {REST}
FROM executions_app_execution AS seed, generate_series(1, %s) AS number WHERE seed.id = %s
"""
COPY_ONE = f"""{COLUMNS}
SELECT gen_random_uuid(), team_id, workflow_id, version_id, mode, status, '', now(), now(), now(), {REST}
FROM executions_app_execution, generate_series(1, 3) WHERE id = %s
"""
LABEL = """
INSERT INTO executions_app_executionlabel (execution_id, team_id, key, value)
SELECT id, team_id, 'order', 'A-17' FROM executions_app_execution WHERE id = %s
"""


@contextmanager
def many_runs(query: Query, seed: str, count: int = ROWS) -> Iterator[None]:
    """`count` runs of the seed's workflow before it, every tenth of them failed."""
    query(FILL, count, seed)
    query("ANALYZE executions_app_execution")
    try:
        yield
    finally:
        query("DELETE FROM executions_app_execution WHERE owner = 'many'")


def server_ms(page: Page) -> float:
    """From the request's last byte to the answer's first, less what the machine's load adds."""
    took = page.evaluate(
        "(([entry]) => entry.responseStart - entry.requestStart)(performance.getEntriesByType('navigation'))"
    )
    return float(took) / patience()


def rows_on(page: Page) -> Any:
    return page.get_by_test_id("run-list").locator("tbody tr")


@pytest.fixture
def seeded(newcomer: Person) -> tuple[Person, str]:
    """Somebody with one run of one workflow."""
    newcomer.bring(GRAPH)
    execution = newcomer.run()
    newcomer.wait_for("Succeeded")
    return newcomer, execution


@pytest.mark.alone
@pytest.mark.point("RUN-1")
def test_RUN_1_a_hundred_thousand_runs_open_at_once_and_narrow_down(seeded: tuple[Person, str], query: Query) -> None:
    person, execution = seeded
    page = person.page
    query(LABEL, execution)
    with many_runs(query, execution):
        page.goto("/runs")
        times = []
        for _turn in range(3):
            page.reload()
            times.append(server_ms(page))
        assert min(times) <= FIRST_PAGE_MS, times
        expect(page.get_by_test_id("run-count")).to_have_text("more than 1,000 runs")
        expect(rows_on(page)).to_have_count(50)

        page.get_by_role("link", name="Older runs").click()
        page.wait_for_url("**before=*")
        expect(rows_on(page)).to_have_count(50)
        assert server_ms(page) <= FIRST_PAGE_MS

        narrow(page, "filter-text", "teapot")
        expect(page.get_by_test_id("run-count")).to_have_text("10 runs")
        page.reload()
        expect(page.get_by_test_id("filter-text")).to_have_value("teapot")
        expect(page.get_by_test_id("run-count")).to_have_text("10 runs")

        page.goto("/runs?status=error&mode=webhook&period=24h&longer=20&shorter=40")
        fitting = [n for n in range(1, 2_870) if n % 10 == 0 and n % 3 == 1 and 20 <= n % 60 <= 40]
        expect(page.get_by_test_id("run-count")).to_have_text(f"{len(fitting)} runs")
        page.get_by_test_id("filter-workflow").select_option(label="Nightly sync")
        page.get_by_role("button", name="Filter", exact=True).click()
        page.wait_for_url("**workflow=**")
        expect(page.get_by_test_id("run-count")).to_have_text(f"{len(fitting)} runs")
        page.goto("/runs?label=order%3DA-17")
        expect(page.get_by_test_id("run-count")).to_have_text("1 run")
        assert server_ms(page) <= FIRST_PAGE_MS


def narrow(page: Page, field: str, text: str) -> None:
    page.goto("/runs")
    page.get_by_test_id(field).fill(text)
    page.get_by_role("button", name="Filter", exact=True).click()
    page.wait_for_url("**text=**")


@pytest.mark.point("RUN-1")
def test_RUN_1_a_view_is_saved_found_again_and_deleted(seeded: tuple[Person, str]) -> None:
    page = seeded[0].page
    page.goto("/runs?status=success")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill("Went well")
    page.get_by_role("button", name="Save", exact=True).click()

    page.goto("/runs")
    page.get_by_role("link", name="Went well").click()
    expect(page.get_by_test_id("filter-status")).to_have_value("success")
    page.get_by_role("button", name="Delete view Went well").click()
    expect(page.get_by_role("link", name="Went well")).to_have_count(0)


@pytest.mark.point("RUN-2")
def test_RUN_2_new_runs_are_told_and_move_nothing(seeded: tuple[Person, str], query: Query) -> None:
    person, execution = seeded
    page = person.page
    page.goto("/runs")
    row = page.get_by_test_id(f"run-row-{execution}")
    before = row.bounding_box()
    query(COPY_ONE, execution)
    try:
        chip = page.get_by_test_id("run-news")
        expect(chip).to_have_text("3 new", timeout=15_000)
        assert row.bounding_box() == before
        expect(rows_on(page)).to_have_count(1)
        chip.click()
        expect(rows_on(page)).to_have_count(4)
    finally:
        query("DELETE FROM executions_app_execution WHERE owner = 'many'")


def making(items: str) -> dict[str, Any]:
    """A workflow whose node `Make` puts out what the code says."""
    code = {"language": "javaScript", "jsCode": items}
    make = {**START, "id": "2", "name": "Make", "type": "n8n-nodes-base.code", "typeVersion": 2, "parameters": code}
    wires = {"Start": {"main": [[{"node": "Make", "type": "main", "index": 0}]]}}
    return {"name": "Makes items", "nodes": [START, make], "connections": wires, "settings": {}}


SHAPED = """return Array.from({length: 450}, (_, n) => ({json: {
  n, who: {name: `Maya ${n}`, tags: ['a', 'b']}, note: n ? 'short' : 'long '.repeat(200) + 'the end'}}));"""


@pytest.mark.point("RUN-4")
def test_RUN_4_items_come_as_table_json_and_schema(member: Person) -> None:
    page = member.page
    member.bring(making(SHAPED))
    execution = member.run()
    member.wait_for("Succeeded")
    page.goto(f"/executions/{execution}?node=Make")
    panel = page.get_by_test_id("run-node-Make")
    rows = panel.get_by_role("table", name="Make").locator("tbody tr")
    expect(rows).to_have_count(200)
    expect(panel).to_contain_text("1 to 200 of 450")

    nested = rows.first.locator("details").first
    nested.locator("summary").click()
    expect(nested.locator("pre")).to_contain_text('"name": "Maya 0"')
    long = rows.first.locator("details").nth(1)
    expect(long.locator("pre")).to_be_hidden()
    long.get_by_text("open", exact=True).click()
    expect(long.locator("pre")).to_contain_text("the end")

    panel.get_by_role("link", name="Next", exact=True).click()
    expect(panel).to_contain_text("201 to 400 of 450")
    panel.get_by_role("link", name="JSON").click()
    expect(panel.locator("pre")).to_contain_text('"name": "Maya 200"')
    panel.get_by_role("link", name="Schema").click()
    expect(panel.get_by_role("row", name="who.name text 100 %")).to_be_visible()
    expect(panel.get_by_role("row", name="who.tags list 100 %")).to_be_visible()

    panel.get_by_role("link", name="Input").click()
    panel.get_by_role("link", name="Table").click()
    expect(panel).to_contain_text("1 item without fields")


PICTURE = """const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk' +
  '+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
return [{json: {}, binary: {
  dot: {data: dot, mimeType: 'image/png', fileName: 'dot.png'},
  notes: {data: 'aGVsbG8=', mimeType: 'application/x-notes', fileName: 'notes.bin'}}}];"""


@pytest.mark.point("RUN-4")
def test_RUN_4_a_picture_is_shown_and_another_file_described(member: Person) -> None:
    page = member.page
    member.bring(making(PICTURE))
    execution = member.run()
    member.wait_for("Succeeded")
    page.goto(f"/executions/{execution}?node=Make")
    picture = page.get_by_role("img", name="dot.png")
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.file-picture').naturalWidth === 1")
    expect(page.get_by_test_id("run-node-Make")).to_contain_text("application/x-notes")


MANY = "return Array.from({length: 100000}, (_, n) => ({json: {n, name: `Customer ${n}`, total: n * 3}}));"
HEAP = "performance.memory.usedJSHeapSize"


@pytest.mark.alone
@pytest.mark.point("RUN-4")
def test_RUN_4_a_hundred_thousand_items_open_in_a_second(member: Person) -> None:
    page = member.page
    member.bring(making(MANY))
    execution = member.run()
    page.locator("[data-run-status]").get_by_text("Succeeded").first.wait_for(timeout=60_000)
    page.goto("/runs")
    before = page.evaluate(HEAP)
    times = []
    for _turn in range(2):
        page.goto(f"/executions/{execution}?node=Make&turn=0")
        expect(page.get_by_test_id("run-node-Make")).to_contain_text("of 100000")
        times.append(page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"))
    assert min(times) / patience() <= 1_000, times
    assert page.evaluate(HEAP) - before <= 50 * 1024 * 1024
    page.goto(f"/executions/{execution}?node=Make&turn=0&page=500")
    expect(page.get_by_test_id("run-node-Make")).to_contain_text(json.dumps(99_999))
