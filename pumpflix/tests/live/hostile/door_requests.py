"""Doors of the REST API, of pages, and of the bare socket."""

from pumpflix.tests.live.hostile import wire
from pumpflix.tests.live.hostile.doors import each
from pumpflix.tests.live.hostile.entries import Case, Outcome
from pumpflix.tests.live.hostile.stage import Stage, body_of


@each("api")
def api(stage: Stage, case: Case) -> Outcome:
    """A call signed in as the team under test, unless the case says `as: nobody`."""
    bearer = {} if case.given.get("as") == "nobody" else stage.own.bearer
    return wire.request(stage.product.url, case.given, bearer)


@each("token")
def token(stage: Stage, case: Case) -> Outcome:
    """Something that poses as a bearer token."""
    given = {"method": "GET", "path": "/api/auth/me", "headers": {"Authorization": f"Bearer {case.given['it']}"}}
    return wire.request(stage.product.url, given)


@each("raw")
def raw(stage: Stage, case: Case) -> Outcome:
    return wire.send(stage.product.url, body_of(case.given["it"]))


@each("crossing")
def crossing(stage: Stage, case: Case) -> Outcome:
    """What a browser that is signed in here sends for a page of another site: with the cookie, without our token."""
    name = "pf_session"
    headers = {"Cookie": f"{name}={stage.browser.cookies[name]}", "Origin": "https://evil.example"}
    found = wire.request(stage.product.url, {**case.given, "headers": headers})
    assert stage.browser.get("/workflows").url.path == "/workflows", "the session was ended from outside"
    return found
