"""Webhooks that ask their callers to sign in."""

import asyncio
import base64
import hmac
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from asgiref.sync import sync_to_async

from accounts.models import Team
from executions_app import payload_codec
from executions_app.ingest import Ingest
from executions_app.intake.batcher import IntakeBatcher
from executions_app.models import Execution
from executions_app.stream import Hub
from executions_app.tests.factories import live_webhook
from workflows_app.models import Webhook
from workflows_app.services import credentials, webhooks
from workflows_app.services.credentials import CredentialChange
from workflows_app.tests.graphs import webhook_chain
from workflows_app.toolkit.tokens import Token, make_token

pytestmark = [pytest.mark.app, pytest.mark.django_db(transaction=True), pytest.mark.requirement(62)]

SECRET = "s3cret-of-the-webhook"
URL = "/webhook/hello"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    batcher = IntakeBatcher(ring=lambda: None)
    batcher.start(asyncio.get_running_loop())
    ingest = Ingest(batcher=batcher, hub=Hub(), public_url="https://flix.example/")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=ingest), base_url="http://testserver") as made:
        yield made
    await asyncio.to_thread(batcher.stop)


@sync_to_async
def hook(authentication, kind, **fields):
    """A live webhook that names a credential of its team; without fields, none that is there."""
    made = live_webhook(webhook_chain(path="hello"), methods="POST")
    team = Team.objects.get(pk=made.workflow.team_id)
    row = credentials.create(team=team, by=None, name="Door", type=kind, fields=fields) if fields else None
    reference = {kind: {"id": str(row.pk) if row else None, "name": "Door"}}
    Webhook.objects.filter(pk=made.pk).update(options={"authentication": authentication, "credentials": reference})
    return row


@sync_to_async
def items():
    return [payload_codec.decode(execution.trigger_items)[0]["json"] for execution in Execution.objects.all()]


async def status(client, **headers):
    answer = await client.post(URL, json={}, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return answer.status_code


async def test_name_and_password(client):
    await hook("basicAuth", "httpBasicAuth", user="ann", password=SECRET)
    answer = await client.post(URL, json={})
    assert (answer.status_code, answer.headers["www-authenticate"].split()[0]) == (401, "Basic")
    for user, password in (("ann", "wrong"), ("bob", SECRET), ("ann", ""), ("", ""), ("ann", SECRET + "x")):
        assert (await client.post(URL, auth=(user, password))).status_code == 403
    assert await status(client, authorization="Basic %%%") == 403
    assert await items() == []
    assert (await client.post(URL, auth=("ann", SECRET))).status_code == 200


async def test_a_header(client):
    await hook("headerAuth", "httpHeaderAuth", name="X-Door", value=SECRET)
    assert await status(client) == 403
    assert await status(client, x_door="wrong") == 403
    assert await status(client, x_door=SECRET) == 200


async def test_what_the_caller_proves_to_know_does_not_reach_the_run(client):
    await hook("headerAuth", "httpHeaderAuth", name="X-Door", value=SECRET)
    await status(client, x_door=SECRET)
    [json] = await items()
    assert SECRET not in str(json)
    assert json["headers"]["x-door"] == "********"


@pytest.mark.requirement(54, 56)
async def test_cookies_of_the_site_do_not_reach_the_run(client):
    """Whoever opens the address of a webhook in a browser that is signed in does not hand over the session."""
    await hook("none", "httpHeaderAuth", name="X-Door", value=SECRET)
    own = "pf_session=s; pf_csrf=c; __Host-pf_session=h; pf_samples=x; messages=m; theme=dark"
    await status(client, cookie=f"{own}; cart=7; PF_Session=s2; =nameless; lang=de")
    await status(client, cookie=own)
    first, second = sorted(await items(), key=lambda json: "cookie" not in json["headers"])
    assert first["headers"]["cookie"] == "cart=7; lang=de"
    assert "cookie" not in second["headers"]


def signed(key=SECRET, algorithm="HS256", **payload):
    return f"Bearer {make_token(Token({}, payload), algorithm, key)}"


async def test_a_signed_token(client):
    await hook("jwtAuth", "jwtAuth", keyType="passphrase", secret=SECRET, algorithm="HS256")
    now = time.time()
    assert await status(client) == 401
    assert await status(client, authorization="Bearer x.y.z") == 403
    assert await status(client, authorization=signed("another secret altogether")) == 403
    assert await status(client, authorization=signed(algorithm="HS512")) == 403
    assert await status(client, authorization=signed(exp=now - 1)) == 403
    assert await status(client, authorization=signed(nbf=now + 60)) == 403
    unsigned = "Bearer eyJhbGciOiJub25lIn0.e30."
    assert await status(client, authorization=unsigned) == 403
    assert await items() == []
    assert await status(client, authorization=signed(sub="ann", exp=now + 60)) == 200
    [json] = await items()
    assert json["jwtPayload"]["sub"] == "ann"


async def test_without_a_credential_nobody_may_call(client):
    await hook("basicAuth", "httpBasicAuth")
    answer = await client.post(URL, auth=("", ""))
    assert (answer.status_code, answer.json()["code"]) == (403, "caller_not_known")


async def test_an_empty_secret_lets_nobody_in(client):
    await hook("basicAuth", "httpBasicAuth", user="ann", password="")
    assert (await client.post(URL, auth=("ann", ""))).status_code == 403


async def test_a_credential_of_another_team_lets_nobody_in(client):
    row = await hook("headerAuth", "httpHeaderAuth", name="X-Door", value=SECRET)
    other = await sync_to_async(Team.objects.create)(name="Other")
    await sync_to_async(type(row).objects.filter(pk=row.pk).update)(team=other)
    assert await status(client, x_door=SECRET) == 403


async def test_an_expired_credential_lets_nobody_in(client):
    from django.utils import timezone

    row = await hook("headerAuth", "httpHeaderAuth", name="X-Door", value=SECRET)
    change = CredentialChange(expires_at=timezone.now())
    await sync_to_async(credentials.update)(row, change, by=None, secret_version=1)
    assert await status(client, x_door=SECRET) == 403


@sync_to_async
def synced():
    graph = webhook_chain(path="other")
    graph["nodes"][0]["parameters"]["authentication"] = "basicAuth"
    graph["nodes"][0]["credentials"] = {"httpBasicAuth": {"id": "x", "name": "Door"}}
    made = live_webhook(graph)
    [row] = webhooks.sync(made.workflow, graph=graph, is_live=True)
    return row.options


async def test_publishing_tells_intake_which_credential_the_node_names():
    options = await synced()
    assert options["authentication"] == "basicAuth"
    assert options["credentials"] == {"httpBasicAuth": {"id": "x", "name": "Door"}}


BODY = b'{"b": 1,  "a": 2}'
HEADER = "X-Hub-Signature-256"


def mac(text: bytes = BODY, key: str = SECRET, algorithm: str = "sha256") -> str:
    return hmac.new(key.encode(), text, algorithm).hexdigest()


async def sent(client, headers: dict[str, str], body: bytes = BODY) -> int:
    given = {"content-type": "application/json", **headers}
    return (await client.post(URL, content=body, headers=given)).status_code


async def test_a_signature_over_the_body_as_it_came(client):
    await hook("hmacAuth", "pumpflixSignature", secret=SECRET)
    for right in (f"sha256={mac()}", mac(), mac().upper(), f"sha256={mac().upper()}"):
        assert await sent(client, {HEADER: right}) == 200
    wrong = {
        "missing": {},
        "empty": {HEADER: "sha256="},
        "cut": {HEADER: mac()[:-2]},
        "odd": {HEADER: mac()[:-1]},
        "longer": {HEADER: mac() + "00"},
        "another secret": {HEADER: mac(key="another")},
        "another digest": {HEADER: f"sha1={mac(algorithm='sha1')}"},
        "no hex": {HEADER: "z" * 64},
        "another header": {"X-Signature": mac()},
        "made anew": {HEADER: mac(b'{"b":1,"a":2}')},
        "with spaces": {HEADER: " ".join(mac())},
    }
    assert {name: await sent(client, headers) for name, headers in wrong.items()} == dict.fromkeys(wrong, 403)
    assert len(await items()) == 4


@pytest.mark.parametrize(
    "shift, status",
    [(-299, 200), (299, 200), (-301, 403), (301, 403), (None, 403)]
    + [(text, 403) for text in ("0", "-5", "9e99", "1.5", "", "nan", "1" * 400)],
)
async def test_a_signed_time_is_near(client, shift, status, monkeypatch):
    await hook("hmacAuth", "pumpflixSignature", secret=SECRET, timestampHeader="X-Time")
    now = int(time.time())
    monkeypatch.setattr(time, "time", lambda: float(now))
    at = shift if isinstance(shift, str) else str(now + (shift or 0))
    headers = {HEADER: mac(f"{at}.".encode() + BODY)} | ({} if shift is None else {"X-Time": at})
    assert await sent(client, headers) == status


@pytest.mark.parametrize("scheme", ["stripe", "slack", "standard", "svix"])
async def test_the_ways_of_services(client, scheme):
    key = base64.b64encode(SECRET.encode()).decode() if scheme in ("standard", "svix") else SECRET
    secret = f"whsec_{key}" if scheme in ("standard", "svix") else key
    await hook("hmacAuth", "pumpflixSignature", secret=secret, scheme="standard" if scheme == "svix" else scheme)
    now = int(time.time())

    def made(at: int) -> dict[str, str]:
        if scheme == "stripe":
            return {"Stripe-Signature": f"t={at},v1={'0' * 64},v1={mac(f'{at}.'.encode() + BODY)},v0=x"}
        if scheme == "slack":
            signature = f"v0={mac(f'v0:{at}:'.encode() + BODY)}"
            return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": signature}
        named = "webhook" if scheme == "standard" else "svix"
        digest = base64.b64encode(bytes.fromhex(mac(f"msg_1.{at}.".encode() + BODY))).decode()
        return {f"{named}-id": "msg_1", f"{named}-timestamp": str(at), f"{named}-signature": f"v1,AAAA v1,{digest}"}

    assert await sent(client, made(now)) == 200
    assert await sent(client, made(now), BODY + b" ") == 403
    assert await sent(client, made(now - 301)) == 403
    assert await sent(client, {}) == 403
