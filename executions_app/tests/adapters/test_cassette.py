"""Recorded answers, and no network."""

from typing import Any

import pytest

from executions_app.adapters.cassette import Cassette, CassetteHttp, CassetteInvalid
from workflows_app.engine.errors import OperationalError
from workflows_app.engine.ports import CallSite, HttpRequest

pytestmark = pytest.mark.engine

URL = "https://api.example/a"


def call(item: int = 0, url: str = URL, **response: Any) -> dict[str, Any]:
    answer = {"status": 200, "headers": [["content-type", "text/plain"]], "body": f"answer {item}"}
    place = {"node": "A", "run": 0, "item": item, "call": 0}
    return {**place, "fingerprint": {"method": "GET", "url": url}, "response": answer | response}


def http(*calls: dict[str, Any]) -> CassetteHttp:
    return CassetteHttp(Cassette.read({"version": 1, "trigger": {"items": []}, "calls": list(calls)}))


def ask(port: CassetteHttp, item: int = 0, node: str = "A", url: str = URL) -> bytes:
    return port.send(CallSite(node, 0, item, 0), HttpRequest("get", url)).body


def test_the_answer_of_the_same_place_comes_first() -> None:
    port = http(call(0), call(1))
    assert [ask(port, 1), ask(port, 0)] == [b"answer 1", b"answer 0"]


def test_an_edited_copy_still_finds_the_answer_of_an_address() -> None:
    assert ask(http(call(0)), item=5, node="Renamed") == b"answer 0"


def test_an_answer_is_given_once() -> None:
    port = http(call(0))
    ask(port)
    with pytest.raises(OperationalError, match="no answer for GET"):
        ask(port)


def test_another_address_has_no_answer() -> None:
    with pytest.raises(OperationalError) as caught:
        ask(http(call(0)), url="https://evil.example/")
    assert caught.value.instance_code == "not_in_sample"


def test_an_answer_comes_as_it_was_recorded() -> None:
    port = http(call(0, status=404, reason="Not Found", headers={"x-a": "1"}, body=None, bodyBase64="/w=="))
    answer = port.send(CallSite("A", 0, 0, 0), HttpRequest("GET", URL))
    assert (answer.status, answer.reason, answer.header("X-A"), answer.body, answer.url) == (
        404, "Not Found", "1", b"\xff", URL,
    )  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"version": 2},
        {"version": 1, "trigger": {}},
        {"version": 1, "trigger": {"items": []}, "calls": {"a": 1}},
    ],
)
def test_what_is_no_cassette_is_refused(raw: Any) -> None:
    with pytest.raises(CassetteInvalid):
        Cassette.read(raw)
