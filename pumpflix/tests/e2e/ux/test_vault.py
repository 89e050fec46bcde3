"""CRD: credentials are stored, tried, shared, used and deleted, and never shown."""

import base64
import json
import re
import secrets
from urllib.parse import quote

import httpcore
import orjson
import pytest
from playwright.sync_api import Page, expect

from pumpflix.lib.tests.safe_http.servers import Server, reply
from pumpflix.tests.e2e.conftest import PASSWORD
from pumpflix.tests.e2e.second_factor import set_up_app
from pumpflix.tests.e2e.ux.conftest import sign_up
from pumpflix.tests.e2e.ux.steps import Person
from pumpflix.tests.product import OUTSIDE, running, temporary_folder
from workflows_app.tests.graphs import chain, node


@pytest.fixture
def service():
    """Knows one key, on a machine of somebody else. `seen` are the requests it got."""

    def answer(request, sock):
        is_right = made.key in request.headers.get("authorization", "")
        said = {"data": []} if is_right else {"error": {"message": "Incorrect API key provided."}}
        return reply(orjson.dumps(said), "200 OK" if is_right else "401 Unauthorized", Content_Type="application/json")

    made = Server(answer, address=OUTSIDE)
    made.key = f"sk-canary-{secrets.token_hex(12)}"
    yield made
    made.close()


def calling(service: Server, credential: str, name: str) -> dict:
    """A workflow whose one request carries the credential at that address."""
    call = node(
        "Ask the shop", "httpRequest", 4.2, url=f"{service.url}/orders",
        authentication="genericCredentialType", genericAuthType="httpBearerAuth",
    )  # fmt: skip
    graph = chain(node("Start", "manualTrigger"), call, name=name)
    graph["nodes"][1]["credentials"] = {"httpBearerAuth": {"id": credential.rpartition("/")[2], "name": "Shop"}}
    return graph


def connect(person: Person, workflow: str, credential: str) -> None:
    """Choose the credential in the wizard: an import never binds one."""
    page = person.page
    page.goto(f"/workflows/{workflow}/setup")
    page.locator("select[name='credential-httpBearerAuth']").select_option(credential.rpartition("/")[2])
    page.get_by_role("button", name=re.compile("Save")).first.click()


def spellings(secret: str) -> set[str]:
    raw = secret.encode()
    return {secret, quote(secret), raw.hex(), base64.b64encode(raw).decode().rstrip("="), json.dumps(secret)[1:-1]}


@pytest.mark.point("CRD-1")
def test_CRD_1_the_list_says_how_every_credential_stands_and_no_secret(newcomer, service, query):
    page = newcomer.page
    ids = {}
    for name in ("Works", "Ends soon", "Fails"):
        ids[name] = newcomer.keep("httpBearerAuth", name, token=service.key).rpartition("/")[2]
    query(
        "update workflows_app_credential set expires_at = now() + interval '3 days 1 hour' where id = %s",
        ids["Ends soon"],
    )
    query("update workflows_app_credential set failing_since = now() - interval '2 hours' where id = %s", ids["Fails"])
    workflow = newcomer.bring(calling(service, ids["Works"], "Orders"))
    connect(newcomer, workflow, ids["Works"])
    page.goto(f"/workflows/{workflow}")
    newcomer.run()
    newcomer.wait_for("Succeeded")
    page.goto("/")
    page.get_by_test_id("shell-nav").get_by_role("link", name="Credentials").click()

    def row(name):
        return page.get_by_test_id("crd-list").get_by_role("row").filter(has_text=name)

    expect(row("Works")).to_contain_text("Bearer")
    for said in ("OK", newcomer.email, "nobody", "ago", "1 workflow"):
        expect(row("Works")).to_contain_text(said)
    expect(row("Ends soon")).to_contain_text("Expires in 3 days")
    expect(row("Fails")).to_contain_text("Failing for 2")
    expect(row("Fails")).to_contain_text("never")
    assert not any(one in page.content() for one in spellings(service.key))


@pytest.mark.point("CRD-2")
def test_CRD_2_the_form_comes_from_the_type_and_can_be_tried_before_it_is_stored(newcomer, service):
    page = newcomer.page
    call = node("Tell the team", "httpRequest", 4.2, url="https://slack.com/api/chat.postMessage",
                authentication="predefinedCredentialType", nodeCredentialType="slackApi")  # fmt: skip
    graph = chain(node("Start", "manualTrigger"), call, name="Night report")
    graph["nodes"][1]["credentials"] = {"slackApi": {"id": "7", "name": "of another instance"}}
    newcomer.bring(graph)
    page.goto("/credentials")
    page.get_by_test_id("crd-new").click()
    page.get_by_label("Find a service").fill("slack")
    page.keyboard.press("Enter")
    page.get_by_test_id("crd-types").get_by_role("link", name=re.compile("^Slack")).first.click()
    help_box = page.get_by_test_id("crd-help")
    expect(help_box.get_by_role("listitem").first).to_contain_text("api.slack.com/apps")
    expect(help_box.get_by_role("link", name="Open the page of Slack")).to_have_attribute(
        "href", "https://api.slack.com/apps"
    )
    expect(help_box).to_contain_text("chat:write")
    expect(help_box).to_contain_text("Night report")
    expect(help_box).to_contain_text("Tell the team")

    page.goto("/credentials/new?type=openAiApi")
    page.get_by_label("Name", exact=True).fill("Model")
    page.get_by_label("Address").fill(f"{service.url}/v1")
    page.get_by_label(re.compile("^API key")).fill("not-the-key-at-all")
    page.get_by_test_id("crd-test").click()
    result = page.get_by_test_id("crd-result")
    expect(result).to_contain_text("The service answered 401: Incorrect API key provided.")
    page.get_by_label(re.compile("^API key")).fill(service.key)
    page.get_by_test_id("crd-test").click()
    expect(result).to_contain_text("The service accepts it.")
    assert service.key not in page.content()
    page.get_by_test_id("crd-save").click()
    expect(page.get_by_role("heading", level=1, name="Model")).to_be_visible()
    page.get_by_test_id("crd-test").click()
    expect(result).to_contain_text("The service accepts it.")


@pytest.mark.point("CRD-2")
def test_CRD_2_it_works_without_a_script_and_by_keyboard(visit, service):
    page = visit(java_script_enabled=False)
    sign_up(page.context)
    page.goto("/credentials/new?type=postgres")
    expect(page.get_by_label("SSH host")).to_be_visible()
    page.goto("/credentials/new?type=httpBearerAuth")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("By hand")
    page.keyboard.press("Tab")
    page.keyboard.type(service.key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="By hand")).to_be_visible()


@pytest.mark.point("CRD-2")
def test_CRD_2_fields_that_do_not_matter_are_out_of_the_way(newcomer):
    page = newcomer.page
    page.goto("/credentials/new?type=postgres")
    expect(page.get_by_label("SSH host")).to_be_hidden()
    page.get_by_label("Through SSH").check()
    expect(page.get_by_label("SSH host")).to_be_visible()


@pytest.mark.point("CRD-3")
@pytest.mark.requirement(32)
def test_CRD_3_no_page_no_answer_and_no_frame_holds_a_stored_secret(newcomer, service):
    page = newcomer.page
    seen: list[tuple[str, str]] = []

    def keep(response) -> None:
        if response.request.resource_type in ("document", "fetch", "xhr", "script"):
            seen.append((response.url, response.text() if response.status not in (204, 301, 302, 303) else ""))

    address = newcomer.keep("httpBearerAuth", "Canary", token=service.key)
    workflow = newcomer.bring(calling(service, address, "Uses the canary"))
    connect(newcomer, workflow, address)
    page.on("response", keep)
    page.on("websocket", lambda socket: socket.on("framereceived", lambda text: seen.append((socket.url, str(text)))))
    page.goto(f"/workflows/{workflow}")
    execution = newcomer.run()
    newcomer.wait_for("Succeeded")
    for place in ("/credentials", address, f"{address}/delete", "/runs", f"/executions/{execution}", "/notifications",
                  f"/workflows/{workflow}/setup", "/profile"):  # fmt: skip
        page.goto(place)
    credential = address.rpartition("/")[2]
    for path in ("credentials", f"credentials/{credential}", f"workflows/{workflow}", f"workflows/{workflow}/export",
                 f"executions/{execution}", f"executions/{execution}/events", "credential-types"):  # fmt: skip
        answer = page.request.get(f"/api/{path}")
        assert answer.ok, path
        seen.append((path, answer.text()))
    assert service.seen[-1].headers["authorization"] == f"Bearer {service.key}", "it was not used"
    assert len(seen) > 12
    leaks = [url for url, text in seen if any(one in text for one in spellings(service.key))]
    assert leaks == []


@pytest.mark.point("CRD-4")
@pytest.mark.requirement(34)
def test_CRD_4_another_team_uses_it_without_seeing_it_and_an_administrator_takes_it_over(
    newcomer, visit, service, query
):
    address = newcomer.keep("httpBearerAuth", "Shared key", token=service.key)
    other = Person(visit(), "")
    other.email = sign_up(other.page.context)
    find_team = "select t.id from accounts_team t join accounts_membership m on m.team_id = t.id join accounts_user u"
    team = query(f"{find_team} on u.id = m.user_id where u.email = %s", other.email)
    workflow = other.bring(calling(service, address, "Borrows it"))
    if not team:
        team = query(f"{find_team} on u.id = m.user_id where u.email = %s", other.email)
    query(
        "insert into accounts_membership (id, team_id, user_id, role, created_at)"
        " select gen_random_uuid(), %s, id, 'viewer', now() from accounts_user where email = %s",
        team[0][0],
        newcomer.email,
    )
    page = newcomer.page
    page.goto(address)
    page.get_by_label("Team").select_option(str(team[0][0]))
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text("can use it now, without seeing it")).to_be_visible()

    theirs = other.page
    theirs.goto("/credentials")
    expect(theirs.get_by_test_id("crd-list")).to_contain_text("you, to use")
    theirs.goto(address)
    expect(theirs.get_by_test_id("crd-form")).to_have_count(0)
    assert not any(one in theirs.content() for one in spellings(service.key))
    connect(other, workflow, address)
    theirs.goto(f"/workflows/{workflow}")
    other.run()
    other.wait_for("Succeeded")
    assert service.seen[-1].headers["authorization"] == f"Bearer {service.key}"

    root = Person(visit(), "")
    root.email = sign_up(root.page.context)
    query("update accounts_user set is_staff = true where email = %s", root.email)
    take_over(root.page, "Shared key")
    root.page.goto(address)
    expect(root.page.get_by_test_id("crd-form")).to_be_visible()
    assert not any(one in root.page.content() for one in spellings(service.key))
    # It is shared with a team they are still in: they may use it there, and change it no more.
    page.goto(address)
    expect(page.get_by_test_id("crd-form")).to_have_count(0)
    expect(page.get_by_test_id("crd-delete")).to_have_count(0)


def take_over(page: Page, name: str) -> None:
    set_up_app(page, PASSWORD)
    page.goto("/admin/workflows_app/credential/")
    page.get_by_role("row").filter(has_text=name).get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option("take_over")
    page.get_by_role("button", name=re.compile("Run|Go")).first.click()
    expect(page.get_by_text("Taken over: 1.")).to_be_visible()


@pytest.mark.point("CRD-5")
@pytest.mark.requirement(28)
def test_CRD_5_a_request_to_another_host_is_blocked_and_logged_with_its_node(newcomer, service, product):
    page = newcomer.page
    address = newcomer.keep("httpBearerAuth", "Bound", token=service.key)
    page.get_by_text("Where it may go, and until when").click()
    page.get_by_label("Only to these hosts").fill("api.shop.example")
    page.get_by_test_id("crd-save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    workflow = newcomer.bring(calling(service, address, "Sends it elsewhere"))
    connect(newcomer, workflow, address)
    page.goto(f"/workflows/{workflow}")
    execution = newcomer.run()
    newcomer.wait_for("Failed")
    expect(page.get_by_test_id("wf-log")).to_contain_text("may not be sent to")
    expect(page.get_by_test_id("wf-log")).to_contain_text("Ask the shop")
    assert service.seen == []
    lines = [line for line in product.log.splitlines() if "credential_held_back" in line and execution in line]
    assert "Ask the shop" in lines[0]
    assert not any(one in product.log for one in spellings(service.key))


@pytest.mark.point("CRD-6")
@pytest.mark.requirement(30)
def test_CRD_6_with_another_key_nothing_runs_and_health_says_which_one_it_expects(newcomer, service, product, query):
    newcomer.keep("httpBearerAuth", "Sealed", token=service.key)
    stored = "select id, sealed, key_id from workflows_app_credential order by id"
    before = query(stored)
    (key_id,) = {row[2] for row in before}
    given = {"DATABASE_URL": product.database_url, "REDIS_URL": product.redis_url}
    with temporary_folder() as folder, running(given, folder / "data", ready="no workflow runs until") as held:
        health = json.loads(held.get("/health").content)
        assert (held.get("/health").status, health["keys"], health["expectedKeys"]) == (503, False, [key_id])
        assert held.get("/health/live").status == 200
        assert httpcore.request("POST", f"{held.url}/webhook/anything").status == 503
        assert held.get("/credentials").status == 503
        assert f"'{key_id}'" in held.log
        assert "celery" not in held.log
    assert query(stored) == before
    newcomer.page.goto("/credentials")
    expect(newcomer.page.get_by_role("link", name="Sealed")).to_be_visible()


@pytest.mark.point("CRD-7")
def test_CRD_7_deleting_shows_what_breaks_and_can_be_undone_for_ten_seconds(newcomer, service):
    page = newcomer.page
    address = newcomer.keep("httpBearerAuth", "Goes away", token=service.key)
    workflow = newcomer.bring(calling(service, address, "Needs it"))
    connect(newcomer, workflow, address)
    page.goto(address)
    page.get_by_test_id("crd-delete").click()
    breaks = page.get_by_test_id("crd-breaks")
    expect(breaks).to_contain_text("1 workflow fails")
    expect(breaks).to_contain_text("Needs it")
    expect(breaks).to_contain_text("Ask the shop")
    page.clock.install()
    page.get_by_test_id("crd-delete-now").click()
    undo = page.get_by_test_id("crd-undo")
    expect(undo).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(9_500)
    expect(undo).to_be_visible()
    undo.click()
    expect(page.get_by_text("“Goes away” is back.")).to_be_visible()
    page.goto(f"/workflows/{workflow}")
    newcomer.run()
    newcomer.wait_for("Succeeded")

    page.goto(f"{address}/delete")
    page.get_by_test_id("crd-delete-now").click()
    expect(undo).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(10_500)
    expect(undo).to_have_count(0)
    page.goto(f"/workflows/{workflow}")
    newcomer.run()
    newcomer.wait_for("Failed")
