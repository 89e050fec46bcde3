"""Pages that workflows make, opened by somebody who is signed in: what a hostile author's script gets at. And our own
pages, on which no script but ours runs."""

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from pumpflix.tests.live.hostile.stage import Person
from pumpflix.tests.product import Product, patience
from workflows_app.tests.graphs import assign, chain, node

pytestmark = pytest.mark.e2e

LOOT = """<!doctype html><title>-</title><img src=x onerror="window.ran = 1"><script>
const told = {};
for (const [name, take] of Object.entries({
  cookie: () => document.cookie || "empty",
  storage: () => { localStorage.setItem("a", "1"); return "open"; },
  session: () => { sessionStorage.setItem("a", "1"); return "open"; },
  database: () => { indexedDB.open("a"); return "open"; },
  opener: () => window.opener.document.title,
  worker: () => { navigator.serviceWorker.register("/service-worker.js"); return "open"; },
})) { try { told[name] = String(take()); } catch { told[name] = "blocked"; } }
const asked = (path) => fetch(path, {credentials: "include"}).then((answer) => answer.text())
  .then((text) => text.slice(0, 200)).catch(() => "blocked");
Promise.all(["/api/auth/me", "/workflows", "/api/credentials"].map(asked)).then((answers) => {
  told.origin = self.origin; told.fetched = answers; document.title = JSON.stringify(told);
});
</script><p>hostile</p>"""
NOTHING = {"cookie": "blocked", "storage": "blocked", "session": "blocked", "opener": "blocked"}
BY_RESPOND = [
    {"name": "Content-Security-Policy", "value": "default-src * 'unsafe-inline'"},
    {"name": "content-security-policy ", "value": "sandbox allow-scripts allow-same-origin"},
    {"name": "Set-Cookie", "value": "pf_session=of-the-author; Path=/"},
    {"name": "Content-Type", "value": "text/html"},
]
HTML = {"responseHeaders": {"entries": [{"name": "Content-Type", "value": "text/html"}]}}


def hook(mode: str, **parameters: Any) -> dict[str, Any]:
    return node("Hook", "webhook", 2, httpMethod="GET", path=secrets.token_hex(8), responseMode=mode, **parameters)


def at_once() -> list[dict[str, Any]]:
    return [hook("onReceived", options={"responseData": LOOT, **HTML}), node("End", "noOp")]


def by_respond() -> list[dict[str, Any]]:
    options = {"responseHeaders": {"entries": BY_RESPOND}}
    answer = node("Say", "respondToWebhook", 1.1, respondWith="text", responseBody=LOOT, options=options)
    return [hook("responseNode", options={}), answer]


def by_last_node() -> list[dict[str, Any]]:
    options = {"responseContentType": "text/html", "responsePropertyName": "page"}
    return [hook("lastNode", options=options), node("Set", "set", 3.4, **assign(page=LOOT))]


def as_picture() -> list[dict[str, Any]]:
    """A drawing is a page too: scripts in it would run as one."""
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><script>{script()}</script></svg>'
    options = {"responseHeaders": {"entries": [{"name": "Content-Type", "value": "image/svg+xml"}]}}
    answer = node("Say", "respondToWebhook", 1.1, respondWith="text", responseBody=drawing, options=options)
    return [hook("responseNode", options={}), answer]


def script() -> str:
    """The script of the page, with its result where a drawing has a place for it."""
    inner = LOOT.partition("<script>")[2].partition("</script>")[0].replace("document.title =", "window.told =")
    return f"<![CDATA[{inner}]]>"


PAGES: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "an answer at once": at_once, "a Respond node with headers of its own": by_respond, "the last node": by_last_node,
    "a drawing": as_picture,
}  # fmt: skip


@pytest.fixture(scope="module")
def author(product: Product) -> Person:
    """Somebody hostile, with a team of their own."""
    person = Person(product.url, f"author.{secrets.token_hex(4)}@mail.example")
    person.register()
    return person


@pytest.fixture
def hostile(context: BrowserContext, maya: Any) -> Iterator[Page]:
    """A page of a browser in which somebody else is signed in."""
    assert any(cookie["name"] == "pf_session" for cookie in context.cookies())
    page = context.new_page()
    yield page
    page.close()


def told(page: Page) -> dict[str, Any]:
    page.wait_for_function("(window.told || document.title).startsWith('{')", timeout=15_000 * patience())
    found: dict[str, Any] = json.loads(page.evaluate("window.told || document.title"))
    return found


@pytest.mark.requirement(54)
@pytest.mark.parametrize("way", PAGES)
def test_a_page_of_a_workflow_gets_at_nothing(author: Person, hostile: Page, way: str) -> None:
    nodes = PAGES[way]()
    author.made(chain(*nodes, name=way), publish=True)
    before = hostile.context.cookies()
    hostile.goto(f"/webhook/{nodes[0]['parameters']['path']}")
    found = told(hostile)
    assert {name: found[name] for name in NOTHING} == NOTHING
    assert found["origin"] == "null"
    assert found["fetched"] == ["blocked"] * 3
    assert hostile.context.cookies() == before


def form_of(author: Person, *, description: str = "", **completion: Any) -> str:
    path = secrets.token_hex(8)
    fields = {"values": [{"fieldLabel": "Word", "requiredField": True}, {"fieldType": "html", "html": LOOT}]}
    ask = node("Ask", "formTrigger", 2.2, path=path, formTitle="Ask", formFields=fields, options={})
    ask["parameters"]["formDescription"] = description
    end = node("End", "form", 1, operation="completion", **completion)
    author.made(chain(ask, end, name=path), publish=True)
    return f"/form/{path}"


def send(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_label("Word").fill("x")
    page.locator("form button").click()


@pytest.mark.requirement(54)
def test_a_form_runs_no_script_of_its_author(author: Person, hostile: Page) -> None:
    title = '<img src=x onerror="window.ran=1">Thanks'
    path = form_of(author, description=LOOT, completionTitle=title, completionMessage=LOOT)
    send(hostile, path)
    hostile.get_by_text("hostile").or_(hostile.get_by_text("Thanks")).first.wait_for()
    assert hostile.evaluate("[window.ran, document.scripts.length]") == [None, 0]
    hostile.goto(path)
    assert hostile.evaluate("[window.ran, document.scripts.length]") == [None, 0]


@pytest.mark.requirement(54)
def test_an_ending_of_an_author_s_own_gets_at_nothing(author: Person, hostile: Page) -> None:
    send(hostile, form_of(author, respondWith="showText", responseText=LOOT))
    found = told(hostile)
    assert {name: found[name] for name in NOTHING} == NOTHING
    assert found["fetched"] == ["blocked"] * 3


@pytest.mark.requirement(61)
def test_a_form_that_leads_on_runs_no_script(author: Person, hostile: Page) -> None:
    send(hostile, form_of(author, respondWith="redirect", redirectUrl="javascript:window.ran=1"))
    hostile.get_by_text("Thank you").wait_for()
    assert hostile.evaluate("window.ran") is None
    assert urlsplit(hostile.url).scheme == "http"


@pytest.mark.requirement(54)
def test_what_a_workflow_says_in_a_chat_is_text(author: Person, hostile: Page) -> None:
    trigger = node("Chat", "@n8n/n8n-nodes-langchain.chatTrigger", 1.1, public=True, mode="hostedChat", options={})
    made = author.made(chain(trigger, node("Say", "set", 3.4, **assign(output=LOOT)), name="Chat"), publish=True)
    hooks = author.call("GET", f"/api/webhooks?workflowId={made}")["items"]
    hostile.goto(f"/chat/{hooks[0]['url'].rpartition('/')[2]}")
    hostile.locator("[name=chatInput]").fill("<img src=x onerror=window.ran=1>")
    hostile.keyboard.press("Enter")
    hostile.get_by_text("hostile").first.wait_for()
    assert hostile.evaluate("window.ran") is None


OURS = ["/", "/about", "/import", "/search?q=csv", "/templates/json-diff", "/workflows", "/runs", "/credentials"]


@pytest.mark.requirement(55)
def test_our_own_pages_break_no_rule_of_theirs_and_run_no_other_script(maya: Any) -> None:
    page = maya.page
    page.add_init_script(
        "window.broken = []; document.addEventListener('securitypolicyviolation', (event) =>"
        " window.broken.push(`${event.violatedDirective} ${event.blockedURI}`));"
    )
    maya.use_title("json-diff")
    own = [page.url, page.url.replace("/setup", "")]
    for address in [*OURS, *own]:
        page.goto(address)
        assert (address, page.evaluate("window.broken")) == (address, [])
    with_faults = page.context.new_page()
    with_faults.goto("/workflows")
    with_faults.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.ran = 'inline'";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend",
            '<img src=x onerror="window.ran = 1"><a id=bad href="javascript:window.ran = 2">x</a>' +
            '<base href="https://evil.example/"><iframe srcdoc="<script>parent.ran = 3</script>"></iframe>');
          document.getElementById("bad").click();
          const picture = document.body.querySelector("img[src=x]");
          return new Promise((done) => picture.addEventListener("error", () => setTimeout(done, 50)));
        }"""
    )
    assert with_faults.evaluate("window.ran") is None
    assert with_faults.evaluate("document.baseURI").startswith(urlsplit(page.url).scheme)
    with_faults.close()
