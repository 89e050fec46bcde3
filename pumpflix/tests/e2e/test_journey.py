"""The main job in a browser: watch a sample, make it mine, feed it data of my own, see it come back, give it back."""

import csv
import io
import json
import secrets

import httpcore
import psutil
import psycopg
import pytest

from workflows_app.tests.graphs import assign, chain, node

pytestmark = pytest.mark.e2e


def random_contacts(rows=30):
    """A messy CSV that no cassette can know, and the names it must come back with."""
    token = secrets.token_hex(3)
    wanted = [(f"Ada {token.capitalize()}{chr(97 + n % 26)}{n}", f"ada.{token}.{n}@mail.example") for n in range(rows)]
    lines = ["Full name,Email,City,Plan"]
    lines += [f'"  {name.upper()}  ", {email.upper()} ,  west  BAY ,pro' for name, email in wanted]
    lines += [*lines[1:4], ",nobody@mail.example,Rome,free", "No Address,,Oslo,pro"]
    return "\n".join(lines) + "\n", wanted


def worker_pids(product):
    """Process ids of the Celery workers below the supervisor."""
    children = psutil.Process(product.process.pid).children(recursive=True)
    return {child.pid for child in children if "celery" in " ".join(child.cmdline())}


def row(product, sql, *values):
    with psycopg.connect(product.database_url) as connection:
        return connection.execute(sql, values).fetchone()


def test_a_visitor_watches_a_sample_run_without_signing_in(visitor, product):
    visitor.open_title("csv-clean-up")
    visitor.run_sample()

    page = visitor.page
    assert page.locator("[data-node][data-status='success']").count() == page.locator("[data-node]").count() == 7
    execution = page.url.split("run=")[1].split("#")[0].split("&")[0]
    mode, status, pid = row(
        product, "select mode, status, worker_pid from executions_app_execution where id = %s", execution
    )
    assert (mode, status) == ("sample", "success")
    assert pid in worker_pids(product)


def import_and_open(visitor, graph):
    """Paste an export, have it checked, store it; ends on its workflow page."""
    visitor.page.goto("/import")
    visitor.page.locator("textarea").fill(json.dumps(graph))
    visitor.page.get_by_role("button", name="Check it").click()
    visitor.page.get_by_test_id("imp-report").get_by_role("button").first.click()
    visitor.page.get_by_role("heading", level=1, name=graph["name"]).wait_for()


def test_nodes_light_up_while_the_run_goes_on(maya):
    busy = "const end = Date.now() + 6000; while (Date.now() < end) {} return $input.all();"
    before, slow, after = (
        node("Before", "set", 3.4, **assign(a=1)),
        node("Slow", "code", 2, jsCode=busy),
        node("After", "set", 3.4, **assign(b=2)),
    )
    import_and_open(maya, chain(node("Start", "manualTrigger"), before, slow, after, name="Takes its time"))
    maya.page.get_by_test_id("wf-run").click()

    maya.page.locator("[data-node='id-Slow'][data-status='started']").wait_for()
    assert maya.page.locator("[data-node='id-Before']").get_attribute("data-status") == "success"
    assert not maya.page.locator("[data-node='id-After']").get_attribute("data-status")
    maya.wait_for("Succeeded")
    assert maya.page.locator("[data-node='id-After']").get_attribute("data-status") == "success"


def test_a_file_of_ones_own_comes_back_tidy(maya, product, tmp_path):
    text, wanted = random_contacts()
    messy = tmp_path / "mine.csv"
    messy.write_text(text)

    maya.use_title("csv-clean-up")
    maya.page.get_by_test_id("wiz-run").click()
    maya.wait_for("Succeeded")
    first = maya.page.url
    maya.page.locator("#run-file").set_input_files(messy)
    maya.page.get_by_test_id("wf-run").click()
    maya.page.wait_for_url(lambda url, first=first: "run=" in url and url != first)
    maya.wait_for("Succeeded")

    with maya.page.expect_download() as download:
        maya.page.get_by_role("link", name="Download clean.csv").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [(r["Full name"], r["Email"]) for r in rows] == wanted
    assert {r["City"] for r in rows} == {"West Bay"}


def test_a_webhook_call_with_a_random_token_is_answered_transformed(maya):
    token = secrets.token_urlsafe(24)
    maya.use_title("webhook-transform-respond")
    maya.page.locator("input[name=live]").check()
    maya.page.get_by_test_id("wiz-run").click()
    url = maya.page.get_by_test_id("wf-hook-url").first.inner_text()

    answer = httpcore.request(
        "POST",
        url,
        headers={"Content-Type": "application/json"},
        content=json.dumps({"name": f"  {token} ", "extra": [1]}).encode(),
    )

    assert answer.status == 200
    body = json.loads(answer.content)
    assert body["message"] == f"Hello, {token}!"
    assert body["received"] == {"name": f"  {token} ", "extra": [1]}
    maya.page.reload()
    assert maya.page.get_by_text("Succeeded").count() >= 1


def test_a_changed_set_node_changes_the_result(maya):
    greeting = f"Moin{secrets.token_hex(3)}"
    maya.use_title("webhook-transform-respond")
    maya.page.get_by_label("Greeting").fill(greeting)
    maya.page.locator("input[name=live]").check()
    maya.page.get_by_test_id("wiz-run").click()
    url = maya.page.get_by_test_id("wf-hook-url").first.inner_text()

    answer = httpcore.request("POST", url, headers={"Content-Type": "application/json"}, content=b'{"name": "Bo"}')

    assert json.loads(answer.content)["message"] == f"{greeting}, Bo!"


def test_what_works_is_saved_as_a_template_and_runs_again(maya):
    name = f"My diff {secrets.token_hex(3)}"
    maya.use_title("json-diff")
    older, newer = {"kept": 1, "gone": secrets.token_hex(4)}, {"kept": 1}
    maya.page.get_by_label("The older document").fill(json.dumps(older))
    maya.page.get_by_label("The newer document").fill(json.dumps(newer))
    maya.page.get_by_test_id("wiz-run").click()
    maya.wait_for("Succeeded")

    maya.page.get_by_role("link", name="Save as template").click()
    dialog = maya.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("What it is for").fill("Two documents of mine, compared.")
    dialog.get_by_role("button", name="Save template").click()
    maya.page.get_by_role("heading", level=1, name=name).wait_for()

    maya.run_sample()
    maya.page.locator("#run-result").get_by_text(older["gone"]).first.wait_for()


def test_an_import_ends_on_a_report_whatever_is_pasted(maya):
    maya.page.goto("/import")
    maya.page.locator("textarea").fill('{"nodes": [\n  {"name": }]}')
    maya.page.get_by_role("button", name="Check it").click()
    report = maya.page.get_by_test_id("imp-report")
    report.wait_for()
    assert "line 2" in report.inner_text()


def test_an_export_comes_in_by_paste_and_is_stored_on_request(maya):
    import_and_open(maya, chain(node("Start", "manualTrigger"), name="Brought along"))
    maya.page.goto("/workflows")
    assert maya.page.get_by_role("link", name="Brought along").count() == 1
