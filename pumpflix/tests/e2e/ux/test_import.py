"""IMP: whatever is brought ends on a report that says what it is, what is wrong, and what can be done about it."""

import io
import json
import secrets
import time
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from pumpflix.env import ROOT
from pumpflix.tests.e2e.ux.steps import Person, workflow_id
from pumpflix.tests.product import Product, patience

CATALOG = ROOT / "templates_app" / "catalog"
MANY = 500
WITHIN_S = 60
KEY = "sk-" + "a1B2c3D4" * 4


def node(name: str, kind: str, version: float = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": f"id-{name}",
        "name": name,
        "type": kind if "." in kind else f"n8n-nodes-base.{kind}",
        "typeVersion": version,
        "position": [0, 0],
        "parameters": {},
        **more,
    }


def chain(*nodes: dict[str, Any], name: str = "Brought along") -> dict[str, Any]:
    wires = {
        one["name"]: {"main": [[{"node": other["name"], "type": "main", "index": 0}]]} for one, other in pairwise(nodes)
    }
    return {"name": name, "nodes": list(nodes), "connections": wires, "settings": {}}


def good(name: str = "Brought along") -> dict[str, Any]:
    return chain(node("Start", "manualTrigger"), node("Rest", "noOp"), name=name)


def paste(page: Page, text: str) -> Locator:
    """Paste it and press *Check it*; returns the report."""
    page.goto("/import")
    page.locator("textarea[name=text]").fill(text)
    page.get_by_role("button", name="Check it").click()
    report = page.get_by_test_id("imp-report")
    report.wait_for()
    return report


def choose(page: Page, *files: tuple[str, bytes], field: str = "file") -> Locator:
    page.goto("/import")
    given = [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files]
    page.locator(f"input[name={field}]").set_input_files(given)
    page.get_by_role("button", name="Check it").click()
    report = page.get_by_test_id("imp-report")
    report.wait_for()
    return report


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def exported(page: Page, workflow: str) -> bytes:
    return page.request.get(f"/workflows/{workflow}/download").body()


INPUTS = {
    "a workflow": json.dumps(good()).encode(),
    "an envelope": json.dumps({"workflow": good()}).encode(),
    "a list": json.dumps([good("One"), good("Two")]).encode(),
    "an empty list": b"[]",
    "no JSON": b"hello",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\xff",
    "another kind of JSON": b'{"swagger": "2.0"}',
    "a broken zip": b"PK\x03\x04broken",
    "a zip without JSON": zipped({"readme.txt": b"hello"}),
    "nested too deep": b"[" * 5_000,
}


@pytest.mark.point("IMP-1")
@pytest.mark.parametrize("data", INPUTS.values(), ids=INPUTS)
def test_IMP_1_every_input_ends_on_a_report_soon(member: Person, data: bytes) -> None:
    report = choose(member.page, ("brought.json", data))
    expect(report.locator("tbody tr")).not_to_have_count(0)
    expect(report).to_have_attribute("data-stage", "checked")
    took = member.page.evaluate("performance.getEntriesByType('navigation')[0].responseEnd")
    assert took < 2_000 * patience()


@pytest.mark.point("IMP-1")
def test_IMP_1_five_hundred_files_are_checked_in_the_background(newcomer: Person) -> None:
    page = newcomer.page
    files = [(f"flow-{number:03}.json", json.dumps(good(f"Flow {number}")).encode()) for number in range(MANY)]
    report = choose(page, ("all.zip", zipped(dict(files))))
    began = time.monotonic()
    expect(page.get_by_role("progressbar").or_(report.get_by_text("500 can be imported"))).to_be_visible()

    page.goto("/runs")
    page.go_back()

    expect(page.get_by_role("heading", name="500 can be imported")).to_be_visible(timeout=WITHIN_S * 1_000 * patience())
    assert time.monotonic() - began < WITHIN_S * patience()
    expect(report.locator("tbody tr")).to_have_count(MANY)


@pytest.mark.point("IMP-1")
def test_IMP_1_a_folder_and_its_other_files_are_told_apart(member: Person, tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text(json.dumps(good(name)))
    (tmp_path / "notes.txt").write_text("not a workflow")
    page = member.page
    page.goto("/import")
    page.locator("input[name=folder]").set_input_files(tmp_path)
    page.get_by_role("button", name="Check it").click()
    report = page.get_by_test_id("imp-report")
    expect(report.locator("tbody tr")).to_have_count(3)
    expect(report).to_contain_text("notes.txt")


@pytest.mark.point("IMP-1")
def test_IMP_1_a_link_ends_on_the_report_too(member: Person, product: Product) -> None:
    """Our own address is one that no link may lead to."""
    page = member.page
    page.goto("/import")
    page.locator("input[name=url]").fill(f"{product.url}/health")
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_test_id("imp-report")).to_contain_text("The link could not be read")


@pytest.mark.point("IMP-2")
def test_IMP_2_says_line_and_column_with_an_excerpt(member: Person) -> None:
    report = paste(member.page, '{"name": "Flow",\n  "nodes": [oops]}')
    expect(report).to_contain_text("line 2, column 13")
    expect(report).to_contain_text("[oops]")


@pytest.mark.point("IMP-2")
def test_IMP_2_text_after_a_workflow_is_cut_by_one_click(member: Person) -> None:
    page = member.page
    report = paste(page, json.dumps(good("With a tail")) + "\n\nHere is the workflow you asked for!")
    expect(report).to_contain_text("line 3, column 1")
    report.get_by_role("button", name="Cut the text off").click()
    expect(report.locator("[data-changes]")).to_contain_text("Text after the workflow cut")
    report.get_by_role("button", name="Import it").click()
    expect(page.get_by_role("heading", level=1, name="With a tail")).to_be_visible()


def damaged() -> dict[str, Any]:
    """As batch rewrites leave files: wires under ids, one to a node that is gone, a version that never was."""
    graph = chain(node("Start", "manualTrigger"), node("Rest", "noOp", 2.2), name="Damaged")
    graph["connections"] = {
        "id-Start": {"main": [[{"node": "id-Rest", "type": "main", "index": 0}]]},
        "Rest": {"main": [[{"node": "Gone", "type": "main", "index": 0}]]},
    }
    return graph


@pytest.mark.point("IMP-3")
def test_IMP_3_damage_is_counted_and_repaired_change_by_change(member: Person) -> None:
    page = member.page
    report = paste(page, json.dumps(damaged()))
    expect(report).to_contain_text("1 wire to or from a node that is missing")
    expect(report).to_contain_text("2 wires keyed by id")
    expect(report).to_contain_text("1 node of a version that never was")
    expect(report.get_by_role("button", name="Import it")).to_have_count(0)

    report.get_by_text("What a repair would change").click()
    promised = report.locator("details li").all_text_contents()
    report.get_by_role("button", name="Repair and check again").click()
    expect(report.locator("[data-changes] li")).to_have_text(promised)
    report.get_by_role("button", name="Import it").click()

    page.get_by_role("heading", level=1, name="Damaged").wait_for()
    stored = json.loads(exported(page, workflow_id(page)))
    assert stored["connections"]["Start"]["main"] == [[{"node": "Rest", "type": "main", "index": 0}]]
    assert stored["connections"]["Rest"]["main"] == [[]]
    assert stored["nodes"][1]["typeVersion"] == 1


@pytest.mark.point("IMP-3")
def test_IMP_3_nothing_is_repaired_that_nobody_asked_for(member: Person) -> None:
    graph = good("Odd version")
    graph["nodes"][1]["typeVersion"] = 2.2
    report = paste(member.page, json.dumps(graph))
    expect(report).to_contain_text("a version that never was")
    report.get_by_role("button", name="Import it").click()
    member.page.get_by_role("heading", level=1, name="Odd version").wait_for()
    assert json.loads(exported(member.page, workflow_id(member.page)))["nodes"] == graph["nodes"]


ODD = """{ "zeta": 1.50,  "id":"x-1", "name": "Odd one",
      "type" : "n8n-nodes-nobody.odd", "typeVersion": 3, "position": [ 220,0 ],
      "parameters": {"b": [1e2, 1.0, "\\u00e4"], "a": null}, "credentials": {"oddApi": {"id": "7", "name": "Mine"}} }"""


@pytest.mark.point("IMP-4")
def test_IMP_4_an_unknown_node_leaves_byte_for_byte(member: Person) -> None:
    page = member.page
    text = json.dumps(chain(node("Start", "manualTrigger"), name="With an odd one")).replace(
        '"nodes": [', f'"nodes": [{ODD}, '
    )
    report = choose(page, ("odd.json", text.encode()))
    expect(report).to_contain_text("1 placeholder")
    expect(report.locator("svg .node[data-verdict=placeholder]")).to_have_count(1)
    report.get_by_role("button", name="Import it").click()
    page.get_by_role("heading", level=1, name="With an odd one").wait_for()
    assert ODD.encode() in exported(page, workflow_id(page))


@pytest.mark.point("IMP-4")
def test_IMP_4_a_swap_is_one_click(member: Person) -> None:
    page = member.page
    mail = node("Tell", "sendGrid", parameters={"toEmail": "maya@mail.example", "subject": "Hi"})
    report = paste(page, json.dumps(chain(node("Start", "manualTrigger"), mail, name="Swap me")))
    expect(report).to_contain_text("1 swap")
    report.get_by_role("button", name="Swap 1 node").click()
    expect(report.locator("[data-changes]")).to_contain_text("Tell: sendGrid became")
    expect(report).to_contain_text("Runs now")


def with_secrets(name: str) -> dict[str, Any]:
    call = node("Call", "httpRequest", 4.2)
    call["parameters"] = {
        "url": "https://api.mail.example/v1",
        "sendHeaders": True,
        "headerParameters": {"parameters": [{"name": "Authorization", "value": f"Bearer {KEY}"}]},
    }
    keep = node("Keep", "set", 3.4, parameters={"mode": "raw", "jsonOutput": json.dumps({"key": KEY})})
    return chain(node("Start", "manualTrigger"), call, keep, name=name)


@pytest.mark.point("IMP-5")
@pytest.mark.parametrize("choice", ["Move to the vault", "Drop them"])
def test_IMP_5_secrets_are_masked_and_decided_about(
    member: Person, product: Product, query: Callable[..., list[tuple[Any, ...]]], choice: str
) -> None:
    page, name = member.page, f"Secret {secrets.token_hex(4)}"
    report = paste(page, json.dumps(with_secrets(name)))
    expect(report).to_contain_text("2 texts look like secrets")
    expect(report).to_contain_text("can only be dropped here")
    assert KEY not in page.content()
    expect(report.get_by_role("button", name="Import it")).to_have_count(0)

    report.get_by_role("button", name=choice).click()
    report.get_by_role("button", name="Import it").click()
    page.get_by_role("heading", level=1, name=name).wait_for()

    stored = exported(page, workflow_id(page)).decode()
    assert KEY not in stored
    assert KEY not in product.log
    kept = query("SELECT name, type FROM workflows_app_credential WHERE name LIKE %s", f"{name}%")
    assert kept == ([(f"{name}: Call", "httpHeaderAuth")] if choice == "Move to the vault" else [])
    assert not query("SELECT 1 FROM workflows_app_importentry WHERE report::text LIKE %s", f"%{KEY}%")


def titles() -> dict[str, dict[str, Any]]:
    """Workflows made of native nodes alone: the shipped ones."""
    return {path.parent.name: json.loads(path.read_bytes()) for path in sorted(CATALOG.glob("*/template.json"))}


@pytest.mark.point("IMP-6")
def test_IMP_6_what_goes_in_comes_out(newcomer: Person) -> None:
    page, found = newcomer.page, titles()
    for graph in found.values():
        graph.pop("id", None)
    report = choose(
        page, ("titles.zip", zipped({f"{slug}.json": json.dumps(graph).encode() for slug, graph in found.items()}))
    )
    expect(report).to_have_attribute("data-stage", "checked", timeout=30_000)
    report.get_by_role("button", name="Import all").click()
    expect(report).to_have_attribute("data-stage", "stored", timeout=30_000)

    links = report.get_by_role("link", name="Stored")
    expect(links).to_have_count(len(found))
    addresses = [link.get_attribute("href") or "" for link in links.all()]
    for graph, address in zip(found.values(), addresses, strict=True):
        assert json.loads(exported(page, address.rsplit("/", 1)[-1])) == graph, graph["name"]
