"""What a page of somebody else can do with a browser that is signed in here, and what our own headers forbid."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.tests.factories import UserFactory
from executions_app.intake.form_runs import leading_to
from executions_app.webhook_answers import safe_headers
from pumpflix.env import ROOT
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, node

pytestmark = [pytest.mark.app, pytest.mark.django_db]

FOREIGN = [
    "null",
    "https://evil.example",
    "http://evil.testserver",
    "http://testserver.evil.example",
    "https://testserver",
]
PAGES = ["/", "/about", "/accounts/login/", "/import", "/api", "/api/workflows", "/no/such/page", "/theme"]
READ = "from pumpflix import settings as s; import json; print(json.dumps({name: getattr(s, name) for name in %r}))"
NAMES = (
    "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_SAMESITE", "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_SSL_REDIRECT",
)  # fmt: skip
JAVASCRIPT = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "x:y",
]


@pytest.fixture
def member() -> Client:
    """A browser that is signed in."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())
    return client


@pytest.mark.requirement(55, 56)
def test_with_https_cookies_belong_to_this_host_alone(tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"], "PUMPFLIX_PUBLIC_URL": "https://flows.example.org",
        "PUMPFLIX_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "pumpflix.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", READ % (NAMES,)], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert (found["SESSION_COOKIE_NAME"], found["CSRF_COOKIE_NAME"]) == ("__Host-pf_session", "__Host-pf_csrf")
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is found["SESSION_COOKIE_HTTPONLY"] is True
    assert found["SESSION_COOKIE_SAMESITE"] == found["CSRF_COOKIE_SAMESITE"] == "Lax"
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert getattr(settings, "SESSION_COOKIE_DOMAIN", None) is None
    assert getattr(settings, "SESSION_COOKIE_PATH", "/") == "/"


@pytest.mark.requirement(56)
@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_origin_changes_nothing_even_with_our_token(member: Client, origin: str) -> None:
    """The token is not all: who stole it still sends from somewhere else."""
    token = member.get("/about").cookies.get(settings.CSRF_COOKIE_NAME) or member.get("/import").cookies["pf_csrf"]
    form = {"theme": "dark", "csrfmiddlewaretoken": token.value}
    assert member.post("/theme", form, HTTP_ORIGIN=origin).status_code == 403
    assert member.post("/theme", form, HTTP_ORIGIN="http://testserver").status_code == 302
    answer = member.post(
        "/api/workflows", "{}", content_type="application/json", HTTP_X_CSRFTOKEN=token.value, HTTP_ORIGIN=origin
    )
    assert answer.status_code == 403


@pytest.mark.requirement(56)
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_no_page_of_another_origin_may_read_ours(member: Client, path: str, origin: str) -> None:
    for answer in (
        member.get(path, HTTP_ORIGIN=origin),
        member.options(path, HTTP_ORIGIN=origin, HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST"),
    ):
        assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


@pytest.mark.requirement(55)
@pytest.mark.parametrize("path", [*PAGES[:4], "/no/such/page"])
def test_every_page_says_what_may_run_on_it(path: str) -> None:
    answer = Client().get(path)
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    nonce = [one for one in policy["script-src"].split() if one.startswith("'nonce-")]
    assert policy["default-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert set(policy["script-src"].split()) - set(nonce) == {"'self'"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.requirement(54)
@pytest.mark.parametrize("name", [
    "Content-Security-Policy", "content-security-policy", "CONTENT-SECURITY-POLICY", "Set-Cookie", "X-Frame-Options",
    "Strict-Transport-Security", "Transfer-Encoding", "Content-Length", "Content-Security-Policy ",
    "Content-Security-Policy\r\nX", "Service-Worker-Allowed", "Clear-Site-Data", "NEL", "Report-To",
])  # fmt: skip
def test_an_author_does_not_take_down_the_wall_around_his_page(name: str) -> None:
    headers = safe_headers(((name, "default-src *"), ("X-Mine", "1"), ("X-Content-Type-Options", "none")))
    assert ("x-mine", "1") in headers
    policies = [value for told, value in headers if told.strip().lower() == "content-security-policy"]
    assert len(policies) == 1
    assert policies[0].startswith("sandbox ")
    assert "allow-same-origin" not in policies[0]
    assert [value for told, value in headers if told == "x-content-type-options"][-1] == "nosniff"
    assert not [told for told, value in headers if value == "default-src *"]


@pytest.mark.requirement(61)
@pytest.mark.parametrize("target", JAVASCRIPT)
def test_a_form_leads_to_addresses_of_the_web_alone(target: str) -> None:
    page = leading_to(target, {})
    assert target.strip().encode() not in page
    assert b"http-equiv" not in page.lower()
    assert b"https://a.example/x" in leading_to("https://a.example/x", {})


@pytest.mark.requirement(61)
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", *JAVASCRIPT])
def test_signing_in_leads_to_our_own_pages_alone(target: str) -> None:
    client = Client()
    page = client.get("/accounts/login/", {"next": target})
    assert page.status_code == 200
    assert f'href="{target}"' not in page.content.decode()
    client.force_login(UserFactory())
    led = client.get("/accounts/login/", {"next": target})
    assert led.headers.get("Location", "/").startswith("/")
    assert not led.headers.get("Location", "/").startswith(("//", "/\\"))


@pytest.mark.requirement(61)
def test_what_an_import_calls_an_address_is_no_link(client: Client) -> None:
    """n8n keeps the address of what was chosen from a list beside the choice; its page made a link of it."""
    chosen = {"__rl": True, "value": "x", "mode": "list", "cachedResultUrl": "javascript:alert(1)"}
    call = node("Call", "executeWorkflow", 1.1, workflowId=chosen, options={})
    workflow = WorkflowFactory(graph=chain(node("Start", "manualTrigger"), call))
    client.force_login(workflow.created_by)
    for path in (f"/workflows/{workflow.pk}", f"/workflows/{workflow.pk}/edit", f"/workflows/{workflow.pk}/variables"):
        page = client.get(path).content.decode().lower()
        assert 'href="javascript' not in page
        assert 'src="javascript' not in page
