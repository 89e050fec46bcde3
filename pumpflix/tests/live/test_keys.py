"""Keys change and tokens are renewed while real workers run, and a kill in between loses nothing."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
import pytest

from accounts import keys
from accounts.tests.factories import MembershipFactory
from executions_app import doorbell
from executions_app.models import Alert, Execution
from executions_app.services import alerts
from executions_app.services.alerts import Rules
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from pumpflix.env import ROOT
from pumpflix.lib.crypto import kid_of, new_key_text
from pumpflix.lib.tests.safe_http.servers import Server, reply
from pumpflix.tests.live.conftest import addresses
from pumpflix.tests.product import patience
from workflows_app.models import Credential
from workflows_app.services import credentials, vault
from workflows_app.tests.factories import WorkflowFactory
from workflows_app.tests.graphs import chain, node

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

OPEN = {"PUMPFLIX_OUTBOUND_ALLOW": "127.0.0.0/8"}
MANY = 30
USES = 50


@pytest.fixture
def member():
    return MembershipFactory(role="owner")


@pytest.fixture
def service() -> Iterator[Server]:
    """Takes any request. `/token` gives a token, late enough for everybody to have asked meanwhile; `tokens` counts."""

    def answer(request, sock):
        if request.target != "/token":
            return reply(b"{}", Content_Type="application/json")
        with lock:
            made.tokens += 1
            number = made.tokens
        threading.Event().wait(0.5)
        token = {"access_token": f"fresh-token-{number}", "refresh_token": f"refresh-{number}", "expires_in": 3600}
        return reply(orjson.dumps(token), Content_Type="application/json")

    lock = threading.Lock()
    made = Server(answer)
    made.tokens = 0
    yield made
    made.close()


def run_with(row: Credential, service: Server, member: Any) -> Execution:
    """A queued run whose one request carries the credential."""
    call = node("Call", "httpRequest", 4.2, url=f"{service.url}/{row.name}",
                authentication="genericCredentialType", genericAuthType=row.type)  # fmt: skip
    call["credentials"] = {row.type: {"id": str(row.pk), "name": row.name}}
    workflow = WorkflowFactory(membership=member, graph=chain(node("Start", "manualTrigger"), call))
    return ExecutionFactory(version=VersionFactory(workflow=workflow))


def all_over() -> bool:
    return not Execution.objects.exclude(status__in=("success", "error", "crashed")).exists()


def rewrapping(ring: str) -> subprocess.Popen[bytes]:
    environ = {**os.environ, **addresses(), "PUMPFLIX_ENCRYPTION_KEY": ring}
    command = [sys.executable, "manage.py", "rewrap_keys", "--batch", "7"]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.mark.requirement(31)
def test_a_rotation_killed_half_way_loses_nothing_while_runs_go_on(
    member, service, start_worker, until, settings
) -> None:
    old, new = f"old:{new_key_text()}", f"new:{new_key_text()}"
    settings.ENCRYPTION_KEY = old
    rows = [
        credentials.create(team=member.team, by=member.user, name=f"c{number}", type="httpBearerAuth",
                           fields={"token": f"token-of-{number:03d}"})
        for number in range(MANY)
    ]  # fmt: skip
    runs = [run_with(row, service, member) for row in rows]
    alerts.create(runs[0].workflow, channel="webhook", target="https://ops.example/x", rules=Rules(), by=member.user)
    both = f"{new},{old}"
    settings.ENCRYPTION_KEY = both
    start_worker(**OPEN)
    # Somebody holds a row in the middle, so that the rotation stands still there and is killed there.
    middle = sorted(rows, key=lambda row: row.pk)[MANY // 2]
    with psycopg.connect(addresses()["DATABASE_URL"]) as holder:
        holder.execute("select 1 from workflows_app_credential where id = %s for update", [middle.pk])
        doorbell.ring()
        first = rewrapping(both)
        try:
            until(lambda: Credential.objects.filter(key_id="new").count() == MANY // 2, 60 * patience())
        finally:
            first.kill()
            first.wait()
        # Looked at while the row is held: what the killed one asked for last may still be done for it.
        assert Credential.objects.filter(key_id="old").count() == MANY - MANY // 2
    assert {credentials.fields_of(row)["token"] for row in Credential.objects.all()} == {
        f"token-of-{number:03d}" for number in range(MANY)
    }
    second = rewrapping(both)
    said, _ = second.communicate(timeout=60 * patience())
    assert said.decode().strip().endswith("left: 0")
    until(all_over, 60 * patience())
    assert set(Execution.objects.values_list("status", flat=True)) == {"success"}
    sent = {seen.target: seen.headers["authorization"] for seen in service.seen}
    assert sent == {f"/c{number}": f"Bearer token-of-{number:03d}" for number in range(MANY)}

    settings.ENCRYPTION_KEY = new
    assert keys.missing_keys() == []
    alert = Alert.objects.get()
    assert kid_of(alert.sealed) == "new"
    assert "ops.example" in str(vault.opened(alerts.record_of(alert), alert.sealed, "alert"))
    assert credentials.fields_of(Credential.objects.get(pk=middle.pk))["token"].startswith("token-of-")


@pytest.mark.requirement(31)
def test_fifty_uses_of_an_expired_token_renew_it_once(member, service, start_worker, until) -> None:
    expired = {
        "access_token": "stale-token-0",
        "refresh_token": "refresh-0",
        "expires_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
    }
    fields = {"grantType": "authorizationCode", "clientId": "me", "clientSecret": "client-s3cret",
              "accessTokenUrl": f"{service.url}/token", "oauthTokenData": expired}  # fmt: skip
    row = credentials.create(team=member.team, by=member.user, name="CRM", type="oAuth2Api", fields=fields)
    for _ in range(USES):
        run_with(row, service, member)
    for _ in range(2):
        start_worker(**OPEN)
    doorbell.ring()
    until(all_over, 60 * patience())
    assert set(Execution.objects.values_list("status", flat=True)) == {"success"}
    uses = [seen.headers["authorization"] for seen in service.seen if seen.target != "/token"]
    assert (service.tokens, len(uses), set(uses)) == (1, USES, {"Bearer fresh-token-1"})
