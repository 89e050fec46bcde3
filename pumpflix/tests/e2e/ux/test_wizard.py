"""WIZ: from a title to something of one's own that runs."""

import re
import secrets
import time

import pytest
from playwright.sync_api import expect

from pumpflix.tests.e2e.ux.steps import focused
from pumpflix.tests.product import patience


@pytest.mark.point("WIZ-1")
def test_WIZ_1_three_clicks_and_a_few_seconds_to_a_green_run(member):
    page = member.page
    page.goto("/templates/csv-clean-up")
    page.evaluate("() => { sessionStorage.clicks = 0; }")
    page.add_init_script(
        "addEventListener('click', () => { sessionStorage.clicks = Number(sessionStorage.clicks) + 1; }, true)"
    )
    began = time.monotonic()
    page.get_by_test_id("tpl-use").click()
    page.get_by_test_id("wiz-run").click()
    member.wait_for("Succeeded")
    assert time.monotonic() - began <= 15 * patience()
    assert int(page.evaluate("sessionStorage.clicks")) + 1 <= 3


@pytest.mark.point("WIZ-2")
def test_WIZ_2_what_was_typed_survives_leaving_and_reloading(member):
    page = member.page
    member.use("json-diff")
    wizard = page.url
    token = secrets.token_hex(4)
    page.get_by_label("The older document").fill(f'{{"a": "{token}"}}')
    page.get_by_test_id("wiz-step-4").click()
    page.wait_for_timeout(400)
    page.goto("/runs")
    page.goto(wizard)
    expect(page.get_by_label("The older document")).to_have_value(re.compile(token))
    expect(page.get_by_text("What you typed before is back")).to_be_visible()
    page.reload()
    expect(page.get_by_label("The older document")).to_have_value(re.compile(token))
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_test_id("wf-run").wait_for()
    page.goto(wizard)
    expect(page.get_by_label("The older document")).to_have_value(re.compile(token))
    assert page.get_by_text("What you typed before is back").count() == 0


@pytest.mark.point("WIZ-2")
def test_WIZ_2_a_secret_is_never_in_the_page(member, query):
    page = member.page
    workflow = member.use("email-alert")
    secret = f"s3cret-{secrets.token_hex(8)}"
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "pf_csrf")
    query(
        """UPDATE workflows_app_workflow SET graph = jsonb_set(graph, '{nodes}', (SELECT jsonb_agg(
             CASE WHEN node->>'type' LIKE '%%emailSend'
                  THEN node || '{"credentials": {"smtp": {"id": null, "name": ""}}}'
             ELSE node END) FROM jsonb_array_elements(graph->'nodes') AS node)) WHERE id = %s""",
        workflow,
    )
    answer = page.request.post(
        "/api/credentials",
        data={
            "name": "Mail server",
            "type": "smtp",
            "fields": {"host": "mail.example", "user": "u", "password": secret},
        },
        headers={"X-CSRFToken": token, "Referer": page.url},
    )
    assert answer.status == 201, answer.text()
    assert secret not in answer.text()
    page.reload()
    page.get_by_label(re.compile("SMTP")).select_option(label="Mail server")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    page.get_by_role("heading", level=1).wait_for()
    for address in (f"/workflows/{workflow}/setup", f"/workflows/{workflow}"):
        page.goto(address)
        assert secret not in page.content()
    page.goto(f"/workflows/{workflow}/setup")
    assert page.get_by_label(re.compile("SMTP")).input_value()


@pytest.mark.point("WIZ-4")
def test_WIZ_4_a_refused_value_is_told_beside_its_field_and_gets_the_focus(member):
    page = member.page
    member.use("overdue-invoice-chaser")
    page.locator("input[type=email]").first.fill("not an address")
    page.get_by_test_id("wiz-run").click()
    field = page.locator("[aria-invalid=true]").first
    field.wait_for()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    assert focused(page, "element.getAttribute('aria-invalid')") == "true"
    message = page.locator(f"#{field.get_attribute('id')}_error")
    expect(message).to_contain_text("valid email")
    assert message.get_attribute("id") in field.get_attribute("aria-describedby")


@pytest.mark.point("WIZ-7")
def test_WIZ_7_turning_it_on_says_what_it_will_do(member):
    page = member.page
    member.use("weather-before-work")
    told = page.get_by_test_id("wiz-summary")
    page.locator("input[type=email]").first.fill("ines@mail.example")
    expect(told).to_contain_text("e-mails ines@mail.example")
    assert re.search(r"\d\d:\d\d", told.inner_text()), told.inner_text()
    turn_on = page.get_by_label(re.compile("Turn it on"))
    assert page.locator(f"#{turn_on.get_attribute('aria-describedby')}").get_attribute("data-testid") == "wiz-summary"


@pytest.mark.point("WIZ-7")
def test_WIZ_7_what_is_typed_before_the_script_is_there_counts_too(visit, account):
    page, held = visit(storage_state=account["state"], service_workers="block"), []
    page.route(re.compile(r"/js/wizard\b"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers
    page.goto("/templates/weather-before-work")
    page.get_by_test_id("tpl-use").click(no_wait_after=True)
    page.locator("input[type=email]").first.fill("ines@mail.example")
    held.pop().continue_()
    expect(page.get_by_test_id("wiz-summary")).to_contain_text("e-mails ines@mail.example")


@pytest.mark.point("WIZ-8")
def test_WIZ_8_the_same_title_twice_gives_two_workflows(newcomer):
    page = newcomer.page
    for value in ("[1]", "[2]"):
        newcomer.use("json-diff")
        page.get_by_label("The older document").fill(value)
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_test_id("wf-run").wait_for()
    page.goto("/workflows")
    names = page.locator(".table-name").all_inner_texts()
    assert sorted(names) == ["JSON diff", "JSON diff (2)"]
    for name, value in (("JSON diff", "[1]"), ("JSON diff (2)", "[2]")):
        page.goto("/workflows")
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.locator("main")).to_contain_text(value)
