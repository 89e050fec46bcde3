"""Doors that lead out: whatever takes an address, tried with addresses that nobody may call."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pumpflix.tests.live.hostile.door_imports import brought
from pumpflix.tests.live.hostile.door_runs import START, run
from pumpflix.tests.live.hostile.doors import AT_ONCE, door, each
from pumpflix.tests.live.hostile.entries import Case, Outcome
from pumpflix.tests.live.hostile.stage import Stage
from pumpflix.tests.live.hostile.wire import code_in
from workflows_app.tests.graphs import chain, node

CODE = """
try { return {json: {reached: await this.helpers.httpRequest({url: $json.url})}} }
catch (error) { return {json: {error: error.message}} }
"""
URL = "={{ $json.url }}"
NODES = {
    "HTTP Request": node("Go", "httpRequest", 4.2, url=URL, options={}),
    "GraphQL": node("Go", "graphql", endpoint=URL, query="{a}"),
    "Code": node("Go", "code", 2, mode="runOnceForEachItem", jsCode=CODE),
    "Execute Workflow": node("Go", "executeWorkflow", 1.1, source="url", workflowUrl=URL, mode="each", options={}),
}
# What a sentence without a code says, as the code that it stands for elsewhere.
SENTENCES = [
    (re.compile(r"address.* not allowed|internal name"), "address_not_allowed"),
    (re.compile(r"^Port \d+ is not allowed"), "port_not_allowed"),
    (re.compile(r"^Only http|is not a web address|not an address of a file"), "scheme_not_allowed"),
    (re.compile(r"do not belong into a URL"), "credentials_in_url"),
    (re.compile(r"^The URL "), "url_invalid"),
    (re.compile(r"cannot be found"), "resolve_failed"),
    (re.compile(r"may not be sent to"), "host_not_allowed"),
]


@door("urls")
def urls(stage: Stage, cases: list[Case]) -> Iterator[tuple[Case, Outcome]]:
    """Each address through every node, the test of a credential, an alert, and the import of a link."""
    for name, one in NODES.items():
        yield from zip(cases, through(stage, name, one, [case.given["it"] for case in cases]), strict=True)
    for ask in (rss, credential, sign_in, alert, link):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield from zip(cases, pool.map(lambda case, ask=ask: ask(stage, case.given["it"]), cases), strict=True)


def through(stage: Stage, name: str, one: dict[str, Any], addresses: list[str]) -> Iterator[Outcome]:
    """One run of a node that goes on after each error."""
    made = stage.own.made(chain(START, {**one, "onError": "continueRegularOutput"}))
    items = [{"json": {"url": address}} for address in addresses]
    started = stage.own.call("POST", f"/api/workflows/{made}/execute", {"items": items})
    ended = stage.own.ended(started["executionId"])
    assert ended["status"] == "success", ended
    for item in stage.items_of(started["executionId"], "Go"):
        said = str(item["json"].get("error", ""))
        yield refused(said, f"{name}: {json.dumps(item)}", (item.get("error") or {}).get("code", ""))


def refused(said: str, text: str, code: str = "") -> Outcome:
    """`reached` where nothing was said against it."""
    told = next((word for pattern, word in SENTENCES if pattern.search(said)), code)
    return Outcome("refused" if said else "reached", told, text)


def rss(stage: Stage, address: str) -> Outcome:
    made = chain(START, node("Go", "rssFeedRead", url=address, options={}))
    found = run(stage, stage.own.made(made), {})
    return refused(found.text.partition("\n")[0], f"RSS: {found}", found.code)


def credential(stage: Stage, address: str) -> Outcome:
    return tested(stage, "openAiApi", {"apiKey": "sk-1", "url": address})


def sign_in(stage: Stage, address: str) -> Outcome:
    fields = {"grantType": "clientCredentials", "accessTokenUrl": address, "clientId": "a", "clientSecret": "b"}
    return tested(stage, "oAuth2Api", fields)


def tested(stage: Stage, kind: str, fields: dict[str, Any]) -> Outcome:
    """Store it and try it."""
    body = {"name": "Tried", "type": kind, "fields": fields}
    stored = stage.own.http.post("/api/credentials", json=body, headers=stage.own.bearer)
    if stored.status_code != 201:
        return told(stored, kind)
    answer = stage.own.http.post(f"/api/credentials/{stored.json()['id']}/test", headers=stage.own.bearer)
    if answer.status_code != 200:
        return told(answer, kind)
    found = answer.json()
    return refused("" if found["ok"] else found["message"], f"{kind}: {answer.text}")


def told(answer: Any, name: str) -> Outcome:
    """What an error of the API amounts to; a fault stays one."""
    if answer.status_code >= 500:
        return Outcome(str(answer.status_code), text=f"{name}: {answer.text}")
    return refused(answer.json()["message"], f"{name}: {answer.text}", code_in(answer.text))


def alert(stage: Stage, address: str) -> Outcome:
    path = f"/api/workflows/{stage.names['own.workflow']}/alerts"
    body = {"channel": "webhook", "target": address}
    made = stage.own.http.post(path, json=body, headers=stage.own.bearer)
    if made.status_code != 201:
        return told(made, "alert")
    alert_path = f"/api/alerts/{made.json()['id']}"
    answer = stage.own.http.post(f"{alert_path}/test", headers=stage.own.bearer)
    stage.own.http.delete(alert_path, headers=stage.own.bearer)
    if answer.status_code != 200:
        return told(answer, "alert")
    found = answer.json()
    return refused("" if found["status"] == "sent" else found["answer"], f"alert: {answer.text}")


def link(stage: Stage, address: str) -> Outcome:
    found = brought(stage, {"url": address}, {})
    if found.word == "422" and not found.is_fault:
        return Outcome("refused", "url_invalid", "link")
    said = "The address is not allowed" if found.code == "refused" else ""
    return refused(said, f"link: {found}") if found.word == "200" else found


@each("hosts")
def hosts(stage: Stage, case: Case) -> Outcome:
    """Servers of other kinds than the web's: the test of a credential that names one."""
    host, port = case.given["host"], case.given.get("port", stage.canary.port)
    fields = {"host": host, "port": int(port), "user": "a", "password": "b", **FIELDS.get(case.given["kind"], {})}
    if case.given["kind"] in TESTED:
        return tested(stage, case.given["kind"], fields)
    body = {"name": "Tried", "type": case.given["kind"], "fields": fields}
    stored = stage.own.call("POST", "/api/credentials", body)
    one = {**SERVERS[case.given["kind"]], "credentials": {case.given["kind"]: {"id": stored["id"], "name": "Tried"}}}
    found = run(stage, stage.own.made(chain(START, one)), {})
    return refused(found.text.partition("\n")[0], str(found), found.code)


TESTED = ("smtp",)
FIELDS: dict[str, dict[str, Any]] = {
    "postgres": {"database": "x"}, "mySql": {"database": "x"}, "redis": {"database": 0}, "smtp": {"secure": False},
}  # fmt: skip
SERVERS = {
    "postgres": node("Go", "postgres", 2.5, operation="executeQuery", query="select 1", options={}),
    "mySql": node("Go", "mySql", 2.4, operation="executeQuery", query="select 1", options={}),
    "redis": node("Go", "redis", 1, operation="info"),
    "imap": node("Go", "emailReadImap", 2, options={}),
}


@each("served")
def served(stage: Stage, case: Case) -> Outcome:
    """A call of a server that misbehaves, by the HTTP Request node, with a credential. Ends with what the other places
    of that machine were told."""
    parameters = {"url": stage.machine.url + case.given["it"], "options": {"timeout": 4000}}
    if "url" in case.given:
        parameters["url"] = case.given["url"]
    options = case.given.get("options", {})
    parameters["options"] = {**parameters["options"], **options}
    one = node("Go", "httpRequest", 4.2, **parameters, **SIGNED_IN)
    one["credentials"] = {"httpHeaderAuth": {"id": stage.names["own.credential"], "name": "Key"}}
    found = run(stage, stage.own.made(chain(START, one)), {})
    first = stage.machine.seen(case.given["it"])
    if first is not None and first.headers.get("x-key") != "the-key-of-own":
        return Outcome("without its credential", text=str(first.headers))
    seen = {path: stage.machine.seen(path) for path in ("/landed", "/cookies")}
    headers = [f"{path} was told {request.headers}" for path, request in seen.items() if request]
    return Outcome(found.word, found.code, f"{found.text[:2000]}\n{headers}")


SIGNED_IN = {"authentication": "genericCredentialType", "genericAuthType": "httpHeaderAuth"}
Ask = Callable[[Stage, str], Outcome]
