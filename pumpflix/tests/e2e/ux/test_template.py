"""TPL: the page of a title."""

import json
import re
import secrets
import time

import psutil
import pytest
from playwright.sync_api import expect

from pumpflix.tests.e2e.ux.conftest import PHONE
from pumpflix.tests.e2e.ux.steps import wait_for_status, workflow_id
from pumpflix.tests.product import patience
from workflows_app import nodes

LOCAL = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


def outside(product):
    """Connections of the product's processes to anywhere but this machine. Nobody is at the other end of those that
    wait to be closed: their servers went with the tests before."""
    family = [psutil.Process(product.process.pid), *psutil.Process(product.process.pid).children(recursive=True)]
    links = [link for process in family for link in process.net_connections(kind="inet") if link.raddr]
    return [link.raddr for link in links if link.raddr.ip not in LOCAL and link.status != psutil.CONN_CLOSE_WAIT]


LIGHTS = """
window.lit = {};
document.addEventListener("DOMContentLoaded", () => {
  const look = () => document.querySelectorAll("[data-node][data-status=success]").forEach((node) => {
    window.lit[node.dataset.label] ??= performance.now();
  });
  new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
  look();
});
addEventListener("click", () => { sessionStorage.pressedAt = Date.now(); }, true);
"""
STARTED_MS = (
    "performance.timeOrigin + performance.getEntriesByType('navigation')[0].responseEnd - sessionStorage.pressedAt"
)


@pytest.mark.alone
@pytest.mark.point("TPL-1")
@pytest.mark.parametrize("slug,result", [("csv-clean-up", "clean.csv"), ("weather-before-work", "you@orchard.example")])
def test_TPL_1_a_sample_runs_signed_out_lights_its_nodes_and_shows_a_result(guest, product, slug, result):
    guest.add_init_script(LIGHTS)
    guest.goto(f"/templates/{slug}")
    guest.get_by_test_id("tpl-run-sample").click()
    guest.locator("[data-run-status]").first.wait_for()
    assert guest.evaluate(STARTED_MS) <= 1_000 * patience()
    while guest.locator("[data-run-status]").get_by_text("Succeeded").count() == 0:
        assert outside(product) == []
        guest.wait_for_timeout(50)
    assert guest.locator("[data-node][data-status=success]").count() == guest.locator("[data-node]").count()
    expect(guest.locator("#run-result")).to_contain_text(result)
    assert len(guest.evaluate("window.lit")) == guest.locator("[data-node]").count()


@pytest.mark.point("TPL-4")
def test_TPL_4_use_is_one_click_from_anywhere_on_a_phone(visit, account):
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True, storage_state=account["state"])
    page.goto("/templates/json-diff")
    for place in ("0", "document.body.scrollHeight / 2", "document.body.scrollHeight"):
        page.evaluate(f"scrollTo(0, {place})")
        box = page.get_by_test_id("tpl-use").bounding_box()
        assert 0 <= box["y"] <= PHONE["height"] - box["height"], place
        assert box["height"] >= 44
    began = time.monotonic()
    page.get_by_test_id("tpl-use").tap()
    page.wait_for_url("**/setup")
    assert time.monotonic() - began <= 2 * patience()
    assert workflow_id(page)


@pytest.mark.point("TPL-5")
def test_TPL_5_steps_are_a_list_in_the_order_they_run(guest):
    guest.goto("/templates/csv-clean-up")
    section = guest.locator("section", has=guest.get_by_role("heading", name="What it does"))
    assert "list:" in section.aria_snapshot()
    shown = section.locator("ol > li > span:first-child").all_inner_texts()
    assert len(shown) == 7
    guest.get_by_test_id("tpl-run-sample").click()
    wait_for_status(guest, "Succeeded")
    guest.get_by_text("Log of this run").click()
    finished = guest.locator(".log-line", has_text="Finished").locator("b").all_inner_texts()
    graph = json.loads(guest.request.get("/templates/csv-clean-up/download").text())
    labels = [node["name"] for node in graph["nodes"] if not node["type"].endswith("stickyNote")]
    assert list(dict.fromkeys(finished)) == sorted(labels, key=finished.index)
    assert len(finished) == len(shown)


@pytest.mark.point("TPL-6")
def test_TPL_6_copy_and_download_give_the_same_importable_file(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/templates/csv-clean-up")
    page.get_by_test_id("tpl-copy").click()
    expect(page.get_by_test_id("tpl-copy")).to_contain_text("Copied")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download JSON").click()
    assert json.loads(download.value.path().read_text("utf-8")) == copied
    names = [node["name"] for node in copied["nodes"]]
    assert len(set(names)) == len(names)
    ends = {
        wire["node"]
        for by_type in copied["connections"].values()
        for out in by_type.values()
        for wires in out
        for wire in wires
    }
    assert {*copied["connections"], *ends} <= set(names)
    registry = nodes.load()
    unknown = [node["type"] for node in copied["nodes"] if node["typeVersion"] not in registry.versions(node["type"])]
    assert unknown == []


@pytest.mark.point("TPL-9")
def test_TPL_9_a_title_that_needs_a_swap_says_so_and_leads_to_it(member, query):
    slug = with_foreign_node(query)
    page = member.page
    page.goto(f"/templates/{slug}")
    main = page.get_by_test_id("tpl-run-sample")
    expect(main).to_have_text(re.compile("Needs 1 swap"))
    main.click()
    page.wait_for_url(re.compile("#works-here$"))
    expect(page.locator("#works-here")).to_contain_text("“Send email” can take its place")
    page.get_by_test_id("tpl-swap").click()
    page.wait_for_url("**/setup")
    expect(page.get_by_text("gmail became")).to_be_visible()
    query("UPDATE templates_app_template SET status = 'hidden' WHERE slug = %s", slug)


def with_foreign_node(query) -> str:
    """A copy of a shipped title in which one node is of a type that this instance does not have."""
    slug = f"needs-a-swap-{secrets.token_hex(4)}"
    query(FOREIGN_GRAPH, slug)
    query(FOREIGN_TEMPLATE, slug)
    query(FOREIGN_VERSION, slug, slug)
    query(
        """UPDATE templates_app_template SET current_version_id =
             (SELECT v.id FROM templates_app_templateversion v WHERE v.template_id = templates_app_template.id)
           WHERE slug = %s""",
        slug,
    )
    return slug


FOREIGN_GRAPH = """
INSERT INTO workflows_app_workflowversion (id, workflow_id, number, graph, checksum, reason, note, created_at)
SELECT gen_random_uuid(), w.workflow_id, w.number + 1000 + (random() * 1000000)::int,
       replace(w.graph::text, 'n8n-nodes-base.emailSend', 'n8n-nodes-base.gmail')::jsonb, %s, w.reason, '', now()
  FROM templates_app_template t
  JOIN templates_app_templateversion v ON v.id = t.current_version_id
  JOIN workflows_app_workflowversion w ON w.id = v.workflow_version_id
 WHERE t.slug = 'overdue-invoice-chaser'
"""
FOREIGN_TEMPLATE = """
INSERT INTO templates_app_template (id, slug, source_type, team_id, category_id, name, pitch, "when", description,
       poster_alt, thumbnail, tags, minutes_to_set_up, run_class, status, review_note, is_featured, position, use_count,
       search_text, search_grams, created_at, updated_at)
SELECT gen_random_uuid(), %s, source_type, team_id, category_id, 'Needs a swap', pitch, "when", '',
       '', '', tags, 2, run_class, 'published', '', false, 9000, 0, search_text, search_grams, now(), now()
  FROM templates_app_template WHERE slug = 'overdue-invoice-chaser'
"""
FOREIGN_VERSION = """
INSERT INTO templates_app_templateversion (id, template_id, number, workflow_version_id, variables,
       required_credentials, facts, changes, created_at)
SELECT gen_random_uuid(), t.id, 1, w.id, '[]', '{}', '{}', '', now()
  FROM templates_app_template t, workflows_app_workflowversion w WHERE t.slug = %s AND w.checksum = %s
"""
