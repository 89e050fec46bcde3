"""STA: the states nobody designs."""

import json
import re
from contextlib import contextmanager
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
from playwright.sync_api import expect

from pumpflix.tests.e2e.ux.conftest import sign_up
from pumpflix.tests.e2e.ux.steps import Person
from pumpflix.tests.product import patience
from workflows_app.tests.graphs import chain, node


@pytest.mark.point("STA-1")
def test_STA_1_empty_places_say_what_they_are_for_and_offer_one_action(newcomer):
    page = newcomer.page
    for address in ("/workflows", "/runs", "/search?q=zzqqxx"):
        page.goto(address)
        place = page.locator(".empty")
        assert len(place.locator("p").inner_text()) > 30, address
        assert place.locator(".button-primary").count() == 1, address
        assert "no data" not in place.inner_text().lower()


@pytest.mark.point("STA-2", "STA-5")
def test_STA_2_and_5_without_a_database_pages_say_so_and_typed_words_stay(visit, product, query):
    page = visit(tolerant=True)
    sign_up(page.context)
    person = Person(page)
    person.use("json-diff")
    wizard = page.url
    page.get_by_label("The older document").fill('{"kept": "over a fault"}')
    page.wait_for_function("() => Object.keys(localStorage).some(key => localStorage[key].includes('over a fault'))")
    with closed_database(product):
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Out for a moment")
        expect(page.locator("main")).to_contain_text("Your data is safe")
        expect(page.get_by_role("link", name="Try again")).to_be_visible()
        assert re.search(r"Request [0-9a-f]{32}", page.locator("main").inner_text())
        assert page.goto("/").status == 503
        assert page.goto("/no/such/page").status in (404, 503)
        assert page.locator("main.fault > svg").count() == 1
    # Connections that the fault broke are found out one by one.
    for _turn in range(12):
        if page.goto(wizard).status == 200:
            break
    expect(page.get_by_label("The older document")).to_have_value('{"kept": "over a fault"}')


@contextmanager
def closed_database(product):
    """The product's database lets nobody in; its server and everything else go on."""
    name = urlsplit(product.database_url).path.lstrip("/")
    with psycopg.connect(product.database_url, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')


@pytest.mark.point("STA-5")
def test_STA_5_faults_have_pages_of_their_own_that_stand_alone(guest):
    assert guest.goto("/no/such/page").status == 404
    expect(guest.get_by_role("heading", level=1)).to_have_text("Nothing is here")
    answer = guest.request.post(
        "/theme", data="theme=dark", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status == 403
    assert "PumpFlix" in answer.text()


@pytest.mark.point("STA-5")
def test_STA_5_a_fault_of_ours_has_its_page_with_the_number_of_the_request(visit, account, query):
    page = visit(storage_state=account["state"], tolerant=True)
    query("ALTER TABLE executions_app_savedview RENAME TO executions_app_savedview_gone")
    try:
        answer = page.goto("/runs")
    finally:
        query("ALTER TABLE executions_app_savedview_gone RENAME TO executions_app_savedview")
    assert answer.status == 500
    expect(page.get_by_role("heading", level=1)).to_have_text("Something broke here")
    expect(page.get_by_text("What was stored is safe")).to_be_visible()
    expect(page.locator("main.fault > svg")).to_be_visible()
    assert answer.headers["x-request-id"] in page.locator("main").inner_text()
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1, name="Runs")).to_be_visible()


@pytest.mark.point("STA-3")
def test_STA_3_a_long_wait_is_explained(guest):
    guest.clock.install()
    guest.goto("/search")
    guest.route(re.compile(r"/search\?q=slow"), lambda route: None)
    guest.get_by_test_id("shell-search").fill("slow")
    guest.clock.run_for(1_000)
    expect(guest.locator("instant-search")).to_have_attribute("aria-busy", "true")
    guest.clock.run_for(10_000)
    expect(guest.locator("#results-head")).to_contain_text("taking its time")
    guest.unroute_all(behavior="ignoreErrors")


@pytest.mark.point("STA-4")
def test_STA_4_offline_pages_can_be_read_and_what_is_typed_is_sent_later(visit, account):
    page = visit(storage_state=account["state"], tolerant=True)
    person = Person(page)
    page.goto("/about")
    page.wait_for_function("() => navigator.serviceWorker?.controller")
    person.use("json-diff")
    page.goto("/templates/csv-clean-up")
    page.go_back()
    page.get_by_test_id("wiz-step-1").wait_for()
    wizard = page.url
    page.context.set_offline(True)
    expect(page.locator("offline-banner")).to_be_visible()
    page.get_by_label("The older document").fill('{"typed": "offline"}')
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("sent when the connection is back").last).to_be_visible()
    other = page.context.new_page()
    other.goto("/templates/csv-clean-up")
    expect(other.get_by_role("heading", level=1)).to_have_text("CSV clean-up")
    other.goto("/templates/log-top-ten")
    expect(other.get_by_role("heading", level=1)).to_have_text("You are offline")
    other.close()
    page.context.set_offline(False)
    page.wait_for_url(lambda url: "/setup" not in url)
    page.goto(wizard)
    expect(page.get_by_label("The older document")).to_have_value(re.compile("offline"))


@pytest.mark.long
@pytest.mark.point("STA-6")
def test_STA_6_without_workers_run_says_since_when(newcomer, product):
    page = newcomer.page
    newcomer.bring(chain(node("Start", "manualTrigger"), name="Waits for a worker"))
    workers = [
        one
        for one in psutil.Process(product.process.pid).children(recursive=True)
        if "celery" in " ".join(one.cmdline())
    ]
    for worker in workers:
        worker.suspend()
    try:
        newcomer.run()
        late = page.get_by_test_id("run-late").first
        expect(late).to_contain_text(re.compile(r"no worker has reported since \d\d:\d\d"), timeout=25_000 * patience())
        expect(page.get_by_test_id("run-late").first.get_by_role("link")).to_be_visible()
    finally:
        for worker in workers:
            worker.resume()
    newcomer.page.locator("[data-run-status]").get_by_text("Succeeded").first.wait_for(timeout=20_000 * patience())


@pytest.mark.point("STA-7")
def test_STA_7_a_script_that_fails_leaves_the_rest_working_and_is_reported(visit):
    page = visit(tolerant=True)
    page.goto("/")
    reports = []
    page.on("response", lambda got: reports.append(got) if got.url.endswith("/client-error") else None)
    page.evaluate("setTimeout(() => { throw new Error('a panel broke'); })")
    toast = page.get_by_test_id("toast")
    expect(toast).to_contain_text("A part of this page failed")
    number = json.loads(reports[0].text())["requestId"]
    expect(toast).to_contain_text(number)
    page.get_by_test_id("shell-search").fill("json diff")
    expect(page.locator(".card-name").first).to_have_text("JSON diff")
