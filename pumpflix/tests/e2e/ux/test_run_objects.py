"""RUN-3 and RUN-5 to RUN-10, WF-4: runs are objects that are compared, followed, repeated, decided about and kept."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from pumpflix.tests.e2e.ux.conftest import sign_up
from pumpflix.tests.e2e.ux.counting import Outside
from pumpflix.tests.e2e.ux.steps import Person, wait_for_status
from pumpflix.tests.product import patience
from workflows_app.tests.graphs import assign, chain, node

Query = Callable[..., list[tuple[Any, ...]]]
CONTINUES_S = 30

FOUR = "return [1, 2, 3, 4].map((n) => ({json: {n, name: `Customer ${n}`}}));"


@pytest.fixture
def outside() -> Iterator[Outside]:
    made = Outside()
    yield made
    made.close()


def calls(name: str, address: str, **more: Any) -> dict[str, Any]:
    made = node(name, "httpRequest", 4.2, method="POST", url=address, options={})
    return {**made, **more}


def laid_out(graph: dict[str, Any]) -> dict[str, Any]:
    for place, one in enumerate(graph["nodes"]):
        one["position"] = [place * 240, 0]
    return graph


def shaping(limit: int, name: str = "Customers", **values: Any) -> dict[str, Any]:
    """Four customers, the first few of them kept, and a field set."""
    return laid_out(
        chain(
            node("Start", "manualTrigger"),
            node("Fetch", "code", 2, jsCode=FOUR),
            node("Keep", "limit", 1, maxItems=limit),
            node("Mark", "set", 3.4, **assign(**(values or {"mark": "a"}))),
            name=name,
        )
    )


def status_of(query: Query, execution: str) -> str:
    ((status,),) = query("SELECT status FROM executions_app_execution WHERE id = %s", execution)
    return str(status)


def until(holds: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds * patience()
    while not (found := holds()):
        assert time.monotonic() < deadline, "It did not come to that in time."
        time.sleep(0.1)
    return found


def kill_worker(query: Query, execution: str) -> None:
    ((pid,),) = query("SELECT worker_pid FROM executions_app_execution WHERE id = %s", execution)
    os.kill(pid, signal.SIGKILL)


def execution_in(page: Page) -> str:
    return page.url.split("/executions/")[1].split("?")[0].split("#")[0].split("/")[0]


# RUN-3 ---------------------------------------------------------------------------------------------------------------
@pytest.mark.point("RUN-3")
def test_RUN_3_chosen_runs_are_deleted_with_a_summary_and_come_back(newcomer: Person, query: Query) -> None:
    page = newcomer.page
    newcomer.bring(shaping(2, "Many at once"))
    runs = []
    for _time in range(3):
        runs.append(newcomer.run())
        newcomer.wait_for("Succeeded")
    page.goto("/runs?status=success")
    expect(page.get_by_test_id("bulk-delete")).to_be_hidden()
    page.get_by_label("Choose all runs on this page").check()
    expect(page.get_by_test_id("bulk-bar")).to_contain_text("3 chosen")
    page.get_by_test_id(f"run-row-{runs[0]}").get_by_role("checkbox").uncheck()
    page.get_by_test_id("bulk-delete").click()
    expect(page.get_by_test_id("bulk-summary")).to_contain_text("2 runs are deleted.")
    assert page.url.endswith("/runs?status=success")
    expect(page.get_by_test_id("run-list").locator("tbody tr")).to_have_count(1)
    page.get_by_test_id("bulk-undo").click()
    expect(page.get_by_test_id("run-list").locator("tbody tr")).to_have_count(3)


@pytest.mark.point("RUN-3")
def test_RUN_3_many_are_retried_and_cancelled_and_what_cannot_be_is_told(newcomer: Person, query: Query) -> None:
    page = newcomer.page
    newcomer.bring(shaping(2, "Retried"))
    done = newcomer.run()
    newcomer.wait_for("Succeeded")
    newcomer.bring(laid_out(chain(node("Start", "manualTrigger"), waits(), name="Waits")))
    waiting = newcomer.run()
    newcomer.wait_for("Waiting")
    page.goto("/runs")
    page.get_by_label("Choose all runs on this page").check()
    page.get_by_test_id("bulk-retry").click()
    summary = page.get_by_test_id("bulk-summary")
    expect(summary).to_contain_text("1 run is started again.")
    expect(summary).to_contain_text("1 × It is not over yet.")
    assert query("SELECT count(*) FROM executions_app_execution WHERE retry_of_id = %s", done) == [(1,)]

    page.get_by_test_id(f"run-row-{waiting}").get_by_role("checkbox").check()
    page.get_by_test_id("bulk-cancel").click()
    expect(page.get_by_test_id("bulk-summary")).to_contain_text("1 run is asked to stop.")
    assert status_of(query, waiting) == "canceled"


def waits() -> dict[str, Any]:
    return node("Ask", "wait", 1.1, resume="webhook", options={})


# RUN-5 ---------------------------------------------------------------------------------------------------------------
@pytest.mark.point("RUN-5")
def test_RUN_5_an_item_is_followed_through_all_nodes(newcomer: Person) -> None:
    page = newcomer.page
    newcomer.bring(shaping(2, "Followed"))
    execution = newcomer.run()
    newcomer.wait_for("Succeeded")
    page.goto(f"/executions/{execution}?node=Fetch")
    page.get_by_test_id("run-item-2").click()
    trail = page.get_by_test_id("run-lineage")
    expect(trail).to_contain_text("Trail of item 2 of Fetch")
    expect(page.locator(".node[data-verdict=traced]")).to_have_count(4)
    expect(page.locator("tr.is-traced")).to_have_count(1)
    trail.get_by_role("link", name="Mark, item 2").click()
    expect(page.locator("#node-data-head")).to_have_text("Mark")
    expect(page.locator("tr.is-traced")).to_contain_text("Customer 2")
    page.reload()
    expect(page.get_by_test_id("run-lineage")).to_contain_text("Trail of item 2 of Fetch")

    page.goto(f"/executions/{execution}?node=Fetch&trace=Fetch%7C0%7C0%7C3")
    expect(page.locator(".node[data-verdict=traced][data-label=Keep]")).to_have_count(0)
    page.get_by_role("link", name="Close the trail").click()
    expect(page.get_by_test_id("run-lineage")).to_have_count(0)


@pytest.mark.point("RUN-5")
def test_RUN_5_a_trail_that_is_lost_names_the_node(newcomer: Person) -> None:
    page = newcomer.page
    makes = node("Makes anew", "code", 2, jsCode="return [{json: {a: 1}}, {json: {a: 2}}, {json: {a: 3}}];")
    graph = chain(node("Start", "manualTrigger"), node("Fetch", "code", 2, jsCode=FOUR), makes, name="Lost")
    newcomer.bring(laid_out(graph))
    execution = newcomer.run()
    newcomer.wait_for("Succeeded")
    page.goto(f"/executions/{execution}?node=Makes+anew")
    page.get_by_test_id("run-item-1").click()
    expect(page.get_by_test_id("run-lineage")).to_contain_text("The trail is lost in Makes anew")


# RUN-6 ---------------------------------------------------------------------------------------------------------------
@pytest.mark.point("RUN-6")
def test_RUN_6_a_failed_run_is_put_beside_the_last_success(newcomer: Person, visit: Any, query: Query) -> None:
    page = newcomer.page
    workflow = newcomer.bring(shaping(3, "Compared"))
    good = newcomer.run()
    newcomer.wait_for("Succeeded")
    breaks = node("Break", "stopAndError", errorMessage="out of paper")
    changed = shaping(2, "Compared", mark="b")
    changed = laid_out(chain(*changed["nodes"][:3], breaks, name="Compared"))
    graph_json = query("SELECT graph FROM workflows_app_workflow WHERE id = %s", workflow)[0][0]
    save_graph(page, workflow, {**graph_json, "nodes": changed["nodes"], "connections": changed["connections"]})
    page.goto(f"/workflows/{workflow}")
    bad = newcomer.run()
    newcomer.wait_for("Failed")

    page.goto(f"/executions/{bad}")
    page.get_by_test_id("run-compare-link").click()
    expect(page.get_by_test_id("run-compare")).to_be_visible()
    assert good in page.url
    for label, verdict in {"Fetch": "same", "Keep": "changed", "Break": "only-here", "Mark": "only-there"}.items():
        expect(page.locator(f".node[data-label={label}][data-status={verdict}]")).to_have_count(1)
    page.get_by_role("table").first.get_by_role("link", name="Keep").click()
    items = page.get_by_test_id("compare-items")
    expect(items).to_contain_text("3 → 2 items: 2 same, 1 different")
    expect(items).to_contain_text("Customer 3")
    definition = page.get_by_test_id("compare-definition")
    expect(definition).to_contain_text("parameters.maxItems")
    expect(definition).to_contain_text("Mark is gone")
    expect(page.get_by_test_id("compare-delta")).to_have_text(re.compile(r"[+−±]"))

    shared = page.url
    page.goto("/runs")
    page.goto(shared)
    expect(items).to_contain_text("Customer 3")
    stranger = visit(tolerant=True)
    sign_up(stranger.context)
    assert stranger.goto(shared).status == 404


def save_graph(page: Page, workflow: str, graph: dict[str, Any]) -> None:
    """Store another draft as a program would, with the session of the page."""
    page.goto(f"/workflows/{workflow}")
    answer = page.request.patch(
        f"/api/workflows/{workflow}", data={"graph": graph}, headers={"X-CSRFToken": csrf(page), "Referer": page.url}
    )
    assert answer.ok, answer.text()


def csrf(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "pf_csrf")


# RUN-7 ---------------------------------------------------------------------------------------------------------------
@pytest.mark.point("RUN-7")
def test_RUN_7_items_are_edited_in_a_table_and_the_run_forks_there(newcomer: Person, query: Query) -> None:
    page = newcomer.page
    newcomer.bring(shaping(2, "Forked"))
    execution = newcomer.run()
    newcomer.wait_for("Succeeded")
    page.goto(f"/executions/{execution}?node=Mark&side=input")
    page.get_by_test_id("run-edit").click()
    page.get_by_role("button", name="Table", exact=True).click()
    page.get_by_label("Item 1, name").fill("Maya")
    page.get_by_label("Item 1, n", exact=True).fill("17")
    page.get_by_role("button", name="Remove item 2").click()
    page.get_by_test_id("run-fork-edited").click()
    page.wait_for_url(lambda url: "/executions/" in url and execution not in url)
    newcomer.wait_for("Succeeded")
    forked = execution_in(page)
    expect(page.get_by_test_id("run-parent")).to_contain_text("Forked at Mark")
    page.goto(f"/executions/{forked}?node=Mark&view=json")
    expect(page.locator("#node-data pre")).to_contain_text('"n": 17')
    expect(page.locator("#node-data pre")).to_contain_text('"name": "Maya"')
    assert query("SELECT origin FROM executions_app_noderun WHERE execution_id = %s AND node = 'Fetch'", forked) == [
        ("run",)
    ]


@pytest.mark.point("RUN-7")
def test_RUN_7_what_failed_is_gone_on_from_and_a_run_is_made_again_of_either_version(
    newcomer: Person, query: Query
) -> None:
    page = newcomer.page
    breaks = node("Break", "stopAndError", errorMessage="out of paper")
    graph = laid_out(chain(node("Start", "manualTrigger"), node("Fetch", "code", 2, jsCode=FOUR), breaks, name="Night"))
    workflow = newcomer.bring(graph)
    first = newcomer.run()
    newcomer.wait_for("Failed")
    stored = query("SELECT graph FROM workflows_app_workflow WHERE id = %s", workflow)[0][0]
    mended = [*stored["nodes"][:2], {**node("Break", "set", 3.4, **assign(ok=True)), "position": [480, 0]}]
    save_graph(page, workflow, {**stored, "nodes": mended})

    page.goto(f"/executions/{first}")
    page.get_by_test_id("run-retry").click()
    newcomer.wait_for("Failed")
    page.goto(f"/executions/{first}")
    page.get_by_label("More ways to run it again").click()
    page.get_by_test_id("run-retry-failed-draft").click()
    page.wait_for_url(lambda url: first not in url)
    newcomer.wait_for("Succeeded")
    expect(page.get_by_test_id("run-parent")).to_contain_text("Retried from Break")
    assert query("SELECT count(*) FROM executions_app_execution WHERE retry_of_id = %s", first) == [(2,)]


# RUN-8 and RUN-9 -----------------------------------------------------------------------------------------------------
@pytest.mark.point("RUN-8")
def test_RUN_8_a_run_goes_on_after_its_worker_was_killed(newcomer: Person, outside: Outside, query: Query) -> None:
    graph = chain(
        node("Start", "manualTrigger"),
        calls("Count", f"{outside.url}/count"),
        calls("Hold", f"{outside.url}/hold"),
        name="Killed",
    )
    newcomer.bring(laid_out(graph))
    execution = newcomer.run()
    assert outside.held.wait(30 * patience())
    kill_worker(query, execution)
    outside.release()
    began = time.monotonic()
    until(lambda: status_of(query, execution) == "success", CONTINUES_S * 2)
    assert time.monotonic() - began <= CONTINUES_S * patience()
    assert outside.calls["/count"] == 1
    assert len(set(outside.keys["/hold"])) == 1
    newcomer.wait_for("Succeeded")


@pytest.mark.point("RUN-9")
@pytest.mark.parametrize("decision, made", [("skip", 1), ("run", 2), ("happened", 1)])
def test_RUN_9_a_call_nobody_knows_the_outcome_of_is_decided_about(
    newcomer: Person, outside: Outside, query: Query, decision: str, made: int
) -> None:
    page = newcomer.page
    hold = calls("Charge", f"{outside.url}/hold", pumpflix={"onCrash": "stop"})
    graph = chain(node("Start", "manualTrigger"), hold, node("After", "set", 3.4, **assign(done=True)), name="Charges")
    newcomer.bring(laid_out(graph))
    execution = newcomer.run()
    assert outside.held.wait(30 * patience())
    kill_worker(query, execution)
    outside.release()
    until(lambda: status_of(query, execution) == "waiting", 60)
    page.goto("/runs")
    page.get_by_test_id("runs-undecided").get_by_role("link", name="Show").click()
    page.get_by_test_id(f"run-row-{execution}").get_by_role("link").click()
    asked = page.get_by_test_id("run-decide")
    expect(asked).to_contain_text("Did Charge go through?")
    asked.get_by_test_id(f"decide-{decision}").click()
    wait_for_status(page, "Succeeded")
    assert outside.calls["/hold"] == made
    rows = query(
        "SELECT details->>'decision', details->>'node' FROM accounts_auditentry WHERE action = 'execution.decide' "
        "AND object_id = %s",
        execution,
    )
    assert rows == [(decision, "Charge")]


# RUN-10 --------------------------------------------------------------------------------------------------------------
OLD = """
UPDATE executions_app_execution SET created_at = now() - interval '90 days', started_at = now() - interval '90 days',
       finished_at = now() - interval '90 days' WHERE id = %s
"""
LARGE = """
INSERT INTO executions_app_noderun (execution_id, node, run_index, "order", epoch, attempt, status, started_at,
       items_in, items_out, sources, output, output_ref, output_bytes)
SELECT %s, 'Large', number, number + 100, 0, 1, 'success', now(), '{}', '{}', '[]',
       decode(string_agg(md5(random()::text), ''), 'hex'), '', 16000
  FROM generate_series(1, 200) AS number, generate_series(1, 1000) AS part GROUP BY number
"""


@pytest.mark.point("RUN-10")
def test_RUN_10_sizes_are_shown_and_reclaiming_makes_the_files_smaller(visit: Any, query: Query) -> None:
    page = visit()
    email = sign_up(page.context)
    query("UPDATE accounts_user SET is_staff = true WHERE email = %s", email)
    person = Person(page, email=email)
    person.bring(shaping(2, "Takes room"))
    execution = person.run()
    person.wait_for("Succeeded")
    query(LARGE, execution)
    query(OLD, execution)
    before = table_bytes(query)
    page.goto("/runs/retention")
    expect(page.get_by_test_id("retention-sizes")).to_contain_text("Takes room")
    expect(page.get_by_test_id("retention-sizes")).to_contain_text(re.compile(r"3\.\d\sMB"))
    expect(page.get_by_test_id("retention-next").locator("time")).to_be_visible()
    page.get_by_test_id("retention-reclaim").click()
    until(
        lambda: query("SELECT status FROM executions_app_job WHERE kind = 'maintenance.reclaim'") == [("success",)], 60
    )
    page.reload()
    expect(page.get_by_test_id("retention-freed")).to_contain_text("before")
    assert query("SELECT count(*) FROM executions_app_execution WHERE id = %s", execution) == [(0,)]
    assert table_bytes(query) < before - 2_000_000


def table_bytes(query: Query) -> int:
    return int(query("SELECT pg_total_relation_size('executions_app_noderun')")[0][0])


# WF-4 ----------------------------------------------------------------------------------------------------------------
@pytest.mark.point("WF-4")
def test_WF_4_bars_tell_tries_and_waits_apart_and_open_their_node(newcomer: Person, outside: Outside) -> None:
    page = newcomer.page
    tries = calls("Try", f"{outside.url}/fail-once", retryOnFail=True, maxTries=3, waitBetweenTries=300)
    wait = {**waits(), "id": "rest", "name": "Rest"}
    graph = chain(node("Start", "manualTrigger"), tries, wait, name="Over time")
    newcomer.bring(laid_out(graph))
    execution = newcomer.run()
    newcomer.wait_for("Waiting")
    link = page.get_by_test_id("run-resume-link").inner_text()
    assert page.request.get(urlsplit(link).path).ok
    newcomer.wait_for("Succeeded")
    page.goto(f"/executions/{execution}")
    rows = page.get_by_test_id("wf-timeline").locator("a.timeline-row")
    expect(rows).to_have_count(3)
    tried = rows.filter(has_text="Try")
    expect(tried).to_contain_text("2 tries")
    expect(tried.locator("rect.is-failed-try[fill='url(#hatch-failed)']")).to_have_count(1)
    expect(tried.locator("rect.is-waiting")).to_have_count(1)
    expect(rows.filter(has_text="Rest")).to_contain_text("waited")
    dashes = rows.filter(has_text="Rest").locator("rect.is-waiting").first
    assert dashes.evaluate("bar => getComputedStyle(bar).strokeDasharray") != "none"
    for row in rows.all():
        box = row.bounding_box()
        assert box["height"] >= 24
        assert box["width"] >= 24
    rows.filter(has_text="Try").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#node-data-head")).to_have_text("Try")
