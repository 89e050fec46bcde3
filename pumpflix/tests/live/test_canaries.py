"""Planted secrets of every kind are used by runs whose services say them back in every spelling; afterwards they are
looked for wherever anything is kept or shown."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
import re2
from django.db import connection
from django.test import Client

from accounts.tests.factories import MembershipFactory
from executions_app import doorbell, payload_codec
from executions_app.models import Execution
from executions_app.payload_codec import NotStorable
from executions_app.services import alerts, exports
from executions_app.services.alerts import Rules
from executions_app.services.cassettes import cassette_of
from executions_app.services.exports import Wanted
from executions_app.tests.factories import ExecutionFactory, VersionFactory
from pumpflix.env import ROOT
from pumpflix.lib.safe_http import OutboundClient
from pumpflix.lib.tests.safe_http.servers import OPEN
from pumpflix.tests.live.canaries import Canary, Echo, plant, refusals, refusing, watched_redis
from pumpflix.tests.product import patience
from workflows_app.services import credentials, outbound
from workflows_app.services.workflows import create as create_workflow
from workflows_app.tests.graphs import assign, chain, node

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

CANARIES = [
    plant("httpBearerAuth", plain=True),
    plant("httpBasicAuth"),
    plant("httpDigestAuth"),
    plant("httpHeaderAuth", plain=True),
    plant("httpQueryAuth"),
    plant("httpCustomAuth"),
    plant("oAuth1Api"),
    plant("oAuth1Api token"),
    plant("openAiApi", plain=True),
    plant("openAiApi header", plain=True),
    plant("oAuth2Api client secret"),
    plant("oAuth2Api token", plain=True),
    plant("oAuth2Api refused"),
    plant("jwtAuth"),
    plant("crypto"),
    plant("totpApi", base32=True),
    plant("smtp"),
    plant("ftp"),
    plant("redis"),
    plant("postgres"),
    plant("mySql"),
    plant("alert address", plain=True),
    plant("alert secret"),
]
BY_KIND = {one.kind: (number, one) for number, one in enumerate(CANARIES)}
TESTABLE = ("openAiApi", "oAuth2Api", "smtp", "ftp", "redis", "postgres", "mySql")
DUMP = """
const all = JSON.stringify($input.all()) + JSON.stringify($('First').all());
console.log(all.slice(0, 3000));
for (const part of (all.match(/.{1,13}/g) || []).slice(0, 40)) console.log(part);
return [{json: {all, hex: [...all].map(c => c.codePointAt(0).toString(16)).join(''), parts: all.match(/.{1,9}/g)}}];
"""


@pytest.fixture
def member():
    return MembershipFactory(role="owner")


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo(CANARIES)
    yield made
    made.server.close()


def text_of(kind: str) -> str:
    return BY_KIND[kind][1].text


def request_credentials(echo: Echo) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind of canary, type and fields of every credential that signs requests."""
    custom = {"headers": {"X-Key": "plain"}, "qs": {"k": text_of("httpCustomAuth")}}
    consumer = {"consumerKey": "me", "consumerSecret": text_of("oAuth1Api"), "signatureMethod": "HMAC-SHA1"}
    token = {"oauth_token": "tok", "oauth_token_secret": text_of("oAuth1Api token")}
    number = BY_KIND["oAuth2Api client secret"][0]
    grant = {"grantType": "clientCredentials", "clientId": "me", "authentication": "body"}
    refused, no = BY_KIND["oAuth2Api refused"][0], text_of("oAuth2Api refused")
    return [
        ("httpBearerAuth", "httpBearerAuth", {"token": text_of("httpBearerAuth")}),
        ("httpBasicAuth", "httpBasicAuth", {"user": "ann", "password": text_of("httpBasicAuth")}),
        ("httpDigestAuth", "httpDigestAuth", {"user": "ann", "password": text_of("httpDigestAuth")}),
        ("httpHeaderAuth", "httpHeaderAuth", {"name": "X-Key", "value": text_of("httpHeaderAuth")}),
        ("httpQueryAuth", "httpQueryAuth", {"name": "key", "value": text_of("httpQueryAuth")}),
        ("httpCustomAuth", "httpCustomAuth", {"json": json.dumps(custom)}),
        ("oAuth1Api", "oAuth1Api", {**consumer, "oauthTokenData": token}),
        ("oAuth1Api token", "oAuth1Api", {**consumer, "oauthTokenData": token}),
        ("openAiApi", "openAiApi", {"apiKey": text_of("openAiApi"), "url": echo.address(8, "ok"), "header": True,
                                    "headerName": "X-More", "headerValue": text_of("openAiApi header")}),
        ("oAuth2Api client secret", "oAuth2Api", {**grant, "clientSecret": text_of("oAuth2Api client secret"),
                                                  "accessTokenUrl": echo.address(number, "token")}),
        ("oAuth2Api token", "oAuth2Api", {**grant, "clientSecret": text_of("oAuth2Api client secret"),
                                          "accessTokenUrl": echo.address(number, "token")}),
        ("oAuth2Api refused", "oAuth2Api", {**grant, "clientSecret": no,
                                            "accessTokenUrl": echo.address(refused, "fail")}),
    ]  # fmt: skip


def http(name: str, address: str, kind: str, **more: Any) -> dict[str, Any]:
    return node(
        name, "httpRequest", 4.2, url=address, method="POST", sendBody=True, specifyBody="json",
        jsonBody='{"a": 1}', authentication="predefinedCredentialType" if kind == "openAiApi" else
        "genericCredentialType", genericAuthType=kind, nodeCredentialType=kind,
        options={"response": {"response": {"fullResponse": True}}, **more},
    )  # fmt: skip


def going_on(made: dict[str, Any]) -> dict[str, Any]:
    return {**made, "onError": "continueRegularOutput"}


def request_graph(echo: Echo, number: int, kind: str) -> list[dict[str, Any]]:
    page = {"type": "qs", "name": "seen", "value": "={{ JSON.stringify($request) }}"}
    paging = {"paginationMode": "updateAParameterInEachRequest", "parameters": {"parameters": [page]},
              "limitPagesFetched": True, "maxRequests": 2}  # fmt: skip
    return [
        going_on(http("First", echo.address(number, "ok"), kind, pagination={"pagination": paging})),
        going_on(http("Refused", echo.address(number, "fail"), kind)),
        going_on(http("Sent on", echo.address(number, "redirect"), kind)),
        node("Dump", "code", 2, jsCode=DUMP),
        node(
            "Expression", "set", 3.4, **assign(said="={{ $json.all }}", again="={{ JSON.stringify($('First').all()) }}")
        ),
        http("Last", echo.address(number, "fail"), kind),
    ]


def server_graphs(ports: dict[str, int]) -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Kind of canary, type, fields and node of every credential that is used otherwise."""
    here = {"host": "127.0.0.1"}
    mail = {"fromEmail": "a@mail.example", "toEmail": "b@mail.example", "subject": "s", "text": "t"}
    return [
        ("smtp", "smtp", {**here, "port": ports["smtp"], "user": "ann", "password": text_of("smtp"), "secure": False},
         node("First", "emailSend", 2.1, **mail)),
        ("ftp", "ftp", {**here, "port": ports["ftp"], "username": "ann", "password": text_of("ftp")},
         node("First", "ftp", operation="list", path="/")),
        ("redis", "redis", {**here, "port": ports["redis"], "password": text_of("redis")},
         node("First", "redis", operation="get", propertyName="x", key="k")),
        ("postgres", "postgres", {**here, "port": ports["postgres"], "user": "ann", "password": text_of("postgres")},
         node("First", "postgres", 2.5, operation="executeQuery", query="select 1")),
        ("mySql", "mySql", {**here, "port": ports["mySql"], "user": "ann", "password": text_of("mySql")},
         node("First", "mySql", 2.4, operation="executeQuery", query="select 1")),
        ("jwtAuth", "jwtAuth", {"keyType": "passphrase", "secret": text_of("jwtAuth"), "algorithm": "HS256"},
         node("First", "jwt", operation="verify", token="a.b.c")),
        ("crypto", "crypto", {"hmacSecret": text_of("crypto")},
         node("First", "crypto", 2, action="hmac", type="SHA256", value="v", encoding="hex")),
        ("totpApi", "totpApi", {"secret": text_of("totpApi"), "label": "x:y"}, node("First", "totp")),
    ]  # fmt: skip


def queued(member: Any, kind: str, type_name: str, fields: dict[str, Any], nodes: list[dict[str, Any]]) -> Execution:
    """The run of one canary, with its credential on every node that can take it."""
    row = credentials.create(team=member.team, by=member.user, name=f"For {kind}", type=type_name, fields=fields)
    for one in nodes:
        if one["type"].rpartition(".")[2] not in ("code", "set"):
            one["credentials"] = {type_name: {"id": str(row.pk), "name": row.name}}
    graph = chain(node("Start", "manualTrigger"), *nodes, name=f"Canary {kind}")
    workflow = create_workflow(graph, team=member.team, by=member.user, name=f"Canary {kind}")
    return ExecutionFactory(version=VersionFactory(workflow=workflow, graph=workflow.graph))


# where they are looked for ------------------------------------------------------------------------------------------
def rows() -> Iterator[tuple[str, str]]:
    """Every cell of every table, unpacked; what is sealed is looked through as it lies there."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for cell in row:
                    yield f"table {table}", cell if isinstance(cell, str) else unpacked(cell)


def unpacked(cell: Any) -> str:
    if not isinstance(cell, memoryview | bytes):
        return orjson.dumps(cell, default=str).decode()
    data = bytes(cell)
    try:
        return orjson.dumps(payload_codec.decode(data), default=repr).decode() + data.decode("latin-1")
    except (ValueError, NotStorable):
        return data.decode("latin-1")


def shown(member: Any, runs: list[Execution]) -> Iterator[tuple[str, str]]:
    """Every page and every answer of the API that the owner can ask for."""
    client = Client()
    client.force_login(member.user)
    paths = json.loads((ROOT / "docs/reference/openapi.json").read_text())["paths"]
    asked = [path for path, verbs in paths.items() if "get" in verbs]
    for number, run in enumerate(runs):
        row = credentials.Credential.objects.filter(name=f"For {run.workflow.name.removeprefix('Canary ')}").first()
        known = {"workflow_id": run.workflow_id, "execution_id": run.pk, "credential_id": row.pk if row else run.pk}
        api = asked if number < 2 else [path for path in asked if "executions/{execution_id}" in path]
        pages = [f"/workflows/{run.workflow_id}", f"/executions/{run.pk}", f"/credentials/{known['credential_id']}",
                 f"/workflows/{run.workflow_id}/alerts", f"/workflows/{run.workflow_id}/download"]  # fmt: skip
        nodes = run.node_runs.values_list("node", flat=True)
        pages.append(f"/executions/{run.pk}?node=Dump")
        pages += [f"/api/executions/{run.pk}/data?node={name}" for name in nodes]
        for path in [*pages, *(path.format(**known) for path in api if fits(path, known))]:
            yield path, body_of(client.get(path))
    for path in ("/credentials", "/runs", "/workflows", "/notifications", "/profile"):
        yield path, body_of(client.get(path))


def fits(path: str, known: dict[str, Any]) -> bool:
    """Whether every part of the address that is left open is known."""
    return path.count("{") == sum(f"{{{name}}}" in path for name in known)


def body_of(answer: Any) -> str:
    assert answer.status_code < 500, answer
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return data.decode("utf-8", "replace") + str(answer.headers)


def exported(member: Any, runs: list[Execution]) -> Iterator[tuple[str, str]]:
    class Counter:
        done = 0

        def one(self) -> None:
            pass

    for what, kind in (("executions", "json"), ("executions", "csv"), ("workflows", "json"), ("audit", "json")):
        out = BytesIO()
        found = exports.SOURCES[what](member.user, member.team.pk, Wanted(what=what, format=kind))
        exports.WRITERS[kind](out, what, found, Counter())
        yield f"export {what}.{kind}", out.getvalue().decode()
    for run in runs:
        yield f"cassette of {run.workflow.name}", orjson.dumps(cassette_of(run), default=str).decode()


def kept_in(client: Any) -> Iterator[tuple[str, str]]:
    reads = {b"string": "get", b"hash": "hgetall", b"set": "smembers"}
    for key in client.scan_iter(count=1000):
        kind = client.type(key)
        if kind in reads:
            value = getattr(client, reads[kind])(key)
        elif kind == b"stream":
            value = client.xrange(key)
        elif kind == b"list":
            value = client.lrange(key, 0, -1)
        else:
            value = client.zrange(key, 0, -1)
        yield f"redis {key!r}", f"{key!r} {value!r}"


def leaks(places: Iterator[tuple[str, str]]) -> list[str]:
    """Where which canary was found, in any spelling, whole or cut, with what stands around it."""
    kinds = {needle: one.kind for one in CANARIES for needle in one.needles()}
    any_of_them = re2.compile("|".join(map(re2.escape, kinds)))
    found = [(place, text, any_of_them.search(text)) for place, text in places]
    return [
        f"{kinds[hit[0]]} in {place}: {text[max(0, hit.start() - 60) : hit.end() + 40]!r}"
        for place, text, hit in found
        if hit
    ]


def was_used(canary: Canary, echo: Echo) -> bool:
    needles = canary.needles()
    return any(needle in f"{seen.target} {seen.headers} {seen.body.decode('latin-1')}" for seen in echo.server.seen
               for needle in needles)  # fmt: skip


@pytest.mark.requirement(32, 33, 35)
def test_planted_secrets_are_found_nowhere(
    member, echo, start_worker, until, redis_client, redis_url, monkeypatch, tmp_path: Path
) -> None:
    client = OutboundClient(OPEN)
    monkeypatch.setattr(outbound, "outbound_client", lambda: client)
    with ExitStack() as stack:
        commands = stack.enter_context(watched_redis(redis_client, redis_url))
        texts = {one.kind: one.text for one in CANARIES}
        ports = {kind: stack.enter_context(refusing(talk)) for kind, talk in refusals(texts).items()}
        start_worker(PUMPFLIX_OUTBOUND_ALLOW="127.0.0.0/8", PUMPFLIX_RISKY_NODES="ftp", PUMPFLIX_LEASE_S="60")
        runs = [
            queued(member, kind, type_name, fields, request_graph(echo, BY_KIND[kind][0], type_name))
            for kind, type_name, fields in request_credentials(echo)
        ]
        for kind, type_name, fields, first in server_graphs(ports):
            last = {**first, "name": "Last", "id": "last"}
            nodes = [going_on(first), node("Dump", "code", 2, jsCode=DUMP), last]
            runs.append(queued(member, kind, type_name, fields, nodes))
        doorbell.ring()
        pending = Execution.objects.filter(status__in=("queued", "running", "waiting"))
        until(lambda: not pending.exists(), 90 * patience())
        number = BY_KIND["alert address"][0]
        alert = alerts.create(
            runs[0].workflow, channel="webhook", target=f"{echo.address(number, 'fail')}/{text_of('alert address')}",
            secret=text_of("alert secret"), rules=Rules(), by=member.user,
        )  # fmt: skip
        assert "401" in alerts.send_test(alert, by=member.user).answer
        testable = credentials.Credential.objects.filter(type__in=TESTABLE)
        tried = [credentials.test(row, by=member.user) for row in testable]
    client.close()
    runs = [Execution.objects.get(pk=run.pk) for run in runs]
    assert {run.status for run in runs} <= {"error", "success"}
    assert sum(run.status == "error" for run in runs) >= 18, [(run.workflow.name, run.status) for run in runs]
    for kind in ("httpBearerAuth", "httpBasicAuth", "httpQueryAuth", "openAiApi", "oAuth2Api client secret",
                 "oAuth2Api token", "oAuth2Api refused", "openAiApi header", "httpCustomAuth"):  # fmt: skip
        assert was_used(BY_KIND[kind][1], echo), kind
    assert any("********" in text for _, text in rows()), "nothing was said back"
    places = [*rows(), *shown(member, runs), *exported(member, runs), *kept_in(redis_client)]
    places += [("a command to Redis", command) for command in commands]
    places += [(path.name, path.read_text(errors="replace")) for path in tmp_path.glob("worker-*.log")]
    places += [("what a trial said", one.message) for one in tried]
    assert len(places) > 500
    assert leaks(iter(places))[:5] == []
