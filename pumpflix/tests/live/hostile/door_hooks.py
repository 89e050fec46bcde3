"""Doors that need no account: webhooks, forms, and links that end a wait."""

import hashlib
import hmac
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlsplit

from pumpflix.tests.live.hostile import wire
from pumpflix.tests.live.hostile.door_runs import START
from pumpflix.tests.live.hostile.doors import each
from pumpflix.tests.live.hostile.entries import Case, Outcome
from pumpflix.tests.live.hostile.stage import Stage, body_of
from pumpflix.tests.product import patience
from workflows_app.tests.graphs import chain, node
from workflows_app.toolkit.form_pages import input_name

SECRET = "the-secret-both-sides-know"
HMAC = {"authentication": "hmacAuth", "responseMode": "lastNode"}
ANSWER_S = 20.0
HOOKS: dict[str, dict[str, Any]] = {
    "plain": {"responseMode": "lastNode"},
    "signed": {**HMAC, "credential": ("pumpflixSignature", {"secret": SECRET, "header": "X-Sign"})},
    "timed": {
        **HMAC,
        "credential": ("pumpflixSignature", {"secret": SECRET, "header": "X-Sign", "timestampHeader": "X-Time"}),
    },
    "stripe": {**HMAC, "credential": ("pumpflixSignature", {"secret": SECRET, "scheme": "stripe"})},
    "listed": {"options": {"ipWhitelist": "10.0.0.1, 110.0.0.10"}},
    "neighbours": {"options": {"ipWhitelist": "127.0.0.10, 27.0.0.1, 127.0.0.100, 1127.0.0.1"}},
    "ours": {"options": {"ipWhitelist": "127.0.0.0/8"}},
    "counted": {"responseMode": "lastNode"},
}


def path_of(stage: Stage, name: str) -> str:
    """The path of one of the webhooks, made when it is first asked for."""
    with stage.lock:
        if name not in stage.hooks:
            stage.hooks[name] = stage.hook(**HOOKS[name])
    return stage.hooks[name]


@each("hook")
def hook(stage: Stage, case: Case) -> Outcome:
    """A call of one of the webhooks, signed as the case says. `suffix` comes behind its path, `prefix` before."""
    given = dict(case.given)
    name = path_of(stage, given.get("hook", "plain"))
    path = given.get("path", "/webhook/{}").replace("{}", name)
    given = {"body": {"a": 1}, **given, "path": path}
    if given.get("method", "POST") in ("GET", "HEAD", "TRACE"):
        given.pop("body")
    if "sign" in given:
        given["headers"] = {**given.get("headers", {}), **signature(body_of(given["body"]), **given["sign"])}
    return wire.request(stage.product.url, given)


def signature(
    body: bytes, *, secret: str = SECRET, over: str = "", text: str = "", shift: int = 0, **more: Any
) -> dict[str, str]:
    """The headers of a signed call. `over` is what was signed in place of the body, `time` what stands for the time."""
    stamp = str(more.get("time", int(time.time()) + shift))
    signed = over.encode() if over else body
    if more.get("timed") or more.get("stripe"):
        signed = f"{more.get('signed_time', stamp)}.".encode() + signed
    found = text or hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    found = found[: more.get("length", 1000)]
    found = found.upper() if more.get("upper") else found
    if more.get("stripe"):
        return {"Stripe-Signature": f"t={stamp},v1={found}"}
    return {"X-Sign": found, **({"X-Time": stamp} if more.get("timed") else {})}


@each("deliveries", at_once=1)
def deliveries(stage: Stage, case: Case) -> Outcome:
    """One delivery sent five times at once. The word is how many executions were named."""
    path = path_of(stage, "counted")
    headers = {case.given["it"]: f"d-{time.time()}"}

    def send(_: int) -> str:
        answer = stage.own.http.post(f"/webhook/{path}", json={"a": 1}, headers=headers)
        assert answer.status_code in (200, 409), answer.text
        return str(answer.headers.get("x-pumpflix-execution", ""))

    with ThreadPoolExecutor(5) as pool:
        named = {one for one in pool.map(send, range(5)) if one}
    return Outcome(str(len(named)), text=str(named))


@each("form", at_once=2)
def form(stage: Stage, case: Case) -> Outcome:
    """An answer on the first page of a form whose second page shows it; the status of sending, and what the run then
    made of it."""
    with stage.lock:
        if "form" not in stage.hooks:
            stage.hooks["form"] = made_form(stage)
    path = f"/form/{stage.hooks['form']}"
    sent = stage.own.http.post(path, data={input_name(0): case.given["it"]})
    if sent.status_code != 303:
        return Outcome(str(sent.status_code), text=sent.text)
    deadline = time.monotonic() + ANSWER_S * patience()
    while True:
        ended = stage.own.http.get(sent.headers["location"])
        if "Thanks" in ended.text or time.monotonic() > deadline:
            break
    execution_id = urlsplit(sent.headers["location"]).path.split("/")[3]
    kept = stage.items_of(execution_id, "Ask")[0]["json"]["Word"]
    assert case.given["it"].startswith(kept[:1000]), f"kept as {kept[:200]}"
    return Outcome(str(ended.status_code), text=ended.text)


def made_form(stage: Stage) -> str:
    path = f"form-{stage.echo}"
    fields = {"values": [{"fieldLabel": "Word", "requiredField": True}]}
    ask = node("Ask", "formTrigger", 2.2, path=path, formTitle="Ask", formFields=fields, options={})
    said = "={{ 'You said ' + $json.Word }}"
    end = node("End", "form", 1, operation="completion", completionTitle="Thanks", completionMessage=said)
    stage.own.made(chain(ask, end, name=path), publish=True)
    return path


@each("resume", at_once=1)
def resume(stage: Stage, case: Case) -> Outcome:
    """A run that waits for a call, and a wrong call. It must wait on, unless the case says that it may not."""
    link, execution_id = waiting(stage)
    wrong = RESUMES[case.given["it"]](stage, link)
    found = stage.own.call("GET", f"/api/executions/{execution_id}")["status"]
    right = wire.request(stage.product.url, {"method": "POST", "path": urlsplit(link).path})
    stage.own.ended(execution_id)
    expected = "success" if case.given["it"] in ("reused",) else "waiting"
    state = stage.own.call("GET", f"/api/executions/{execution_id}")["status"]
    assert found == expected, f"{case.given['it']}: the run is {found}"
    assert state == "success", f"{case.given['it']}: after the right call ({right}) the run is {state}"
    return wrong


def waiting(stage: Stage) -> tuple[str, str]:
    link = node("Link", "set", 3.4, assignments={"assignments": [
        {"id": "a", "name": "url", "value": "={{ $execution.resumeUrl }}", "type": "string"}]}, options={})  # fmt: skip
    hold = node("Hold", "wait", 1.1, resume="webhook", httpMethod="POST", options={})
    made = stage.own.made(chain(START, link, hold, node("After", "noOp")))
    execution_id = stage.own.call("POST", f"/api/workflows/{made}/execute", {})["executionId"]
    assert stage.own.ended(execution_id)["status"] == "waiting"
    return stage.items_of(execution_id, "Link")[0]["json"]["url"], execution_id


def called(stage: Stage, path: str, **given: Any) -> Outcome:
    return wire.request(stage.product.url, {"method": "POST", "path": path, **given})


def reused(stage: Stage, link: str) -> Outcome:
    path = urlsplit(link).path
    assert called(stage, path).word == "200"
    execution_id = path.split("/")[2]
    stage.own.ended(execution_id)
    return called(stage, path)


def of_another_run(stage: Stage, link: str) -> Outcome:
    """The signature of one run on the address of another."""
    other, _ = waiting(stage)
    parts, others = urlsplit(link).path.split("/"), urlsplit(other).path.split("/")
    return called(stage, "/".join([*others[:-1], parts[-1]]))


def unicode_digits(stage: Stage, link: str) -> Outcome:
    parts = urlsplit(link).path.split("/")
    parts[4] = quote("".join(chr(0x0660 + int(digit)) for digit in parts[4]))
    return called(stage, "/".join(parts))


RESUMES: dict[str, Callable[[Stage, str], Outcome]] = {
    "reused": reused,
    "of another run": of_another_run,
    "truncated": lambda stage, link: called(stage, urlsplit(link).path[:-1]),
    "without signature": lambda stage, link: called(stage, urlsplit(link).path.rpartition("/")[0]),
    "with unicode digits": unicode_digits,
    "in capitals": lambda stage, link: called(stage, urlsplit(link).path.upper()),
    "opened by a preview": lambda stage, link: called(
        stage, urlsplit(link).path, method="GET", headers={"User-Agent": "Slackbot-LinkExpanding 1.0"}
    ),
    "HEAD": lambda stage, link: called(stage, urlsplit(link).path, method="HEAD"),
}
