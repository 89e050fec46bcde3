"""Doors of signing in: forged tokens, tokens used wrongly, keys, accounts."""

import hmac
import json
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

from pumpflix.tests.live.hostile import wire
from pumpflix.tests.live.hostile.doors import each
from pumpflix.tests.live.hostile.entries import Case, Outcome
from pumpflix.tests.live.hostile.stage import PASSWORD, SECRET_KEY, Person, Stage

KEY = hmac.digest(SECRET_KEY.encode(), b"pumpflix.tokens.access", "sha256")
TIMED = 4
MOST_DIFFERENCE_S = 0.15


@each("jwt")
def jwt(stage: Stage, case: Case) -> Outcome:
    """An access token with another `head` or other `claims` than the good one it is made of. It is signed with the
    product's own key, so that the signature is not what saves it, unless the case says with what."""
    head, claims = parts_of(stage.own.tokens["accessToken"])
    head = {**head, **case.given.get("head", {})}
    claims = {**claims, **case.given.get("claims", {})}
    for name in case.given.get("without", []):
        head.pop(name, None)
        claims.pop(name, None)
    text = case.given.get("text") or f"{encoded(head)}.{encoded(claims)}"
    key = case.given["key"].encode() if "key" in case.given else KEY
    signed = case.given.get("signature", encoded(hmac.digest(key, text.encode(), "sha256")))
    headers = {"Authorization": f"Bearer {text}.{signed}"}
    return wire.request(stage.product.url, {"method": "GET", "path": "/api/auth/me", "headers": headers})


def parts_of(token: str) -> list[dict[str, Any]]:
    return [json.loads(urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).decode().rstrip("=")


def somebody(stage: Stage) -> Person:
    """A new account, so that what ends its sessions ends nobody else's."""
    person = Person(stage.product.url, f"{secrets.token_hex(6)}@mail.example")
    person.register()
    return person


def refreshed(person: Person, token: str) -> Outcome:
    answer = person.http.post("/api/auth/refresh", json={"refreshToken": token})
    return Outcome(str(answer.status_code), wire.code_in(answer.text), answer.text)


@each("refresh", at_once=2)
def refresh(stage: Stage, case: Case) -> Outcome:
    return REFRESHES[case.given["it"]](stage, somebody(stage))


def replayed(stage: Stage, person: Person) -> Outcome:
    """The token before the last one, when its grace is over: the whole family ends."""
    first = person.tokens["refreshToken"]
    second = json.loads(refreshed(person, first).text)
    with stage.database() as connection:
        connection.execute(
            "UPDATE accounts_refreshtoken SET used_at = used_at - interval '1 minute' WHERE used_at IS NOT NULL"
            " AND user_id = (SELECT id FROM accounts_user WHERE email = %s)",
            (person.email,),
        )
    found = refreshed(person, first)
    assert refreshed(person, second["refreshToken"]).word == "401", "the successor of a stolen token still works"
    return found


def fifty_at_once(_stage: Stage, person: Person) -> Outcome:
    """All of them are given one and the same successor."""
    token = person.tokens["refreshToken"]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: refreshed(person, token), range(50)))
    successors = {json.loads(one.text)["refreshToken"] for one in found if one.word == "200"}
    return Outcome(f"{len(successors)}-successor", text=str({one.word for one in found}))


def after_sign_out(_stage: Stage, person: Person) -> Outcome:
    person.http.post("/api/auth/logout", json={}, headers=person.bearer).raise_for_status()
    answer = person.http.get("/api/auth/me", headers=person.bearer)
    assert answer.status_code == 401, "the access token of an ended pair still works"
    return refreshed(person, person.tokens["refreshToken"])


def of_a_closed_account(stage: Stage, person: Person) -> Outcome:
    with stage.database() as connection:
        connection.execute("UPDATE accounts_user SET is_active = false WHERE email = %s", (person.email,))
    assert person.http.get("/api/auth/me", headers=person.bearer).status_code == 401
    return refreshed(person, person.tokens["refreshToken"])


def as_access(_stage: Stage, person: Person) -> Outcome:
    headers = {"Authorization": f"Bearer {person.tokens['refreshToken']}"}
    answer = person.http.get("/api/auth/me", headers=headers)
    return Outcome(str(answer.status_code), wire.code_in(answer.text))


def in_the_query(_stage: Stage, person: Person) -> Outcome:
    answer = person.http.post(f"/api/auth/refresh?refreshToken={person.tokens['refreshToken']}", json={})
    return Outcome(str(answer.status_code), wire.code_in(answer.text))


REFRESHES: dict[str, Callable[[Stage, Person], Outcome]] = {
    "replayed": replayed, "fifty at once": fifty_at_once, "after signing out": after_sign_out,
    "of a closed account": of_a_closed_account, "as an access token": as_access, "in the query": in_the_query,
    "an access token": lambda _, person: refreshed(person, person.tokens["accessToken"]),
}  # fmt: skip


@each("key", at_once=2)
def key(stage: Stage, case: Case) -> Outcome:
    """A key of the API, used as the case says."""
    person = somebody(stage)
    team = person.call("GET", "/api/auth/me")["teams"][0]["id"]
    body = {"name": "Key", "scopes": ["read"], "teamId": team}
    made = person.call("POST", "/api/api-keys", body)
    good, how = str(made["key"]), case.given["it"]
    assert asked(person, {"X-API-Key": good}).word == "200"
    KEYS.get(how, lambda *_: None)(stage, person, made["id"])
    used = {"its prefix": good[:16], "in another case": good.swapcase()}.get(how, good)
    if how == "in the address":
        answer = person.http.get(f"/api/workflows?key={good}&api_key={good}&access_token={good}")
        return Outcome(str(answer.status_code), wire.code_in(answer.text))
    return asked(person, {"X-API-Key": used})


def asked(person: Person, headers: dict[str, str]) -> Outcome:
    answer = person.http.get("/api/workflows", headers=headers)
    return Outcome(str(answer.status_code), wire.code_in(answer.text), answer.text)


def sql(text: str) -> Callable[[Stage, Person, str], None]:
    def change(stage: Stage, person: Person, key_id: str) -> None:
        with stage.database() as connection:
            connection.execute(text.replace("KEY", "%(key)s").replace("MAIL", "%(mail)s"),
                               {"key": key_id, "mail": person.email})  # fmt: skip

    return change


KEYS: dict[str, Callable[[Stage, Person, str], Any]] = {
    "revoked": lambda _, person, key_id: person.call("DELETE", f"/api/api-keys/{key_id}"),
    "expired": sql("UPDATE accounts_apikey SET expires_at = now() - interval '1 second' WHERE id = KEY"),
    "of a closed account": sql("UPDATE accounts_user SET is_active = false WHERE email = MAIL"),
}


@each("password", at_once=2)
def password(stage: Stage, case: Case) -> Outcome:
    """Make an account with it, and sign in with it and with its twin. `taken` where only the same one opens it."""
    given, twin = str(case.given["it"]), str(case.given.get("twin", case.given["it"] + "x"))
    person = Person(stage.product.url, f"{secrets.token_hex(6)}@mail.example")
    made = person.http.post("/api/auth/register", json={"email": person.email, "password": given, "name": "A"})
    if made.status_code != 201:
        return Outcome(str(made.status_code), wire.code_in(made.text), made.text)
    tried = [{"email": person.email, "password": one} for one in (given, twin)]
    answers = [person.http.post("/api/auth/login", json=one) for one in tried]
    if any(answer.status_code >= 500 for answer in answers):
        return Outcome("500", text=answers[-1].text)
    return Outcome("taken" if [one.status_code for one in answers] == [200, 401] else "confused", text=str(answers))


@each("unknown", at_once=1)
def unknown(stage: Stage, case: Case) -> Outcome:
    """Signing in as nobody, and as somebody with a wrong password: the same answer in the same time."""
    person = somebody(stage)
    told: dict[str, list[float]] = {}
    texts = set()
    for _ in range(TIMED):
        for name, email in (("somebody", person.email), ("nobody", f"{secrets.token_hex(6)}@mail.example")):
            began = time.perf_counter()
            answer = person.http.post("/api/auth/login", json={"email": email, "password": PASSWORD + "x"})
            told.setdefault(name, []).append(time.perf_counter() - began)
            found = {**answer.json(), "requestId": ""}
            texts.add(f"{answer.status_code} {found}")
    difference = abs(median(told["somebody"]) - median(told["nobody"]))
    is_same = len(texts) == 1 and difference < max(MOST_DIFFERENCE_S, median(told["somebody"]) / 2)
    return Outcome("the-same" if is_same else "told-apart", text=f"{texts} {difference:.3f} s")
