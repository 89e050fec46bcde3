import orjson
import pytest

from executions_app.adapters.builtin import HOST, BuiltinHost
from workflows_app.engine.ports import CallSite, HttpRequest

SITE = CallSite("Call", 0, 0, 0)


def ask(path, host=None, *, method="GET", site=SITE, **more):
    response = (host or BuiltinHost())(site, HttpRequest(method, f"https://{HOST}{path}", **more))
    return response.status, orjson.loads(response.body), response


def test_pages_of_orders_lead_to_the_last_one():
    address, seen = "/orders?limit=20", []
    while address:
        code, body, _ = ask(address)
        assert code == 200
        seen += [order["id"] for order in body["orders"]]
        address = body["next"].removeprefix(f"https://{HOST}")
    assert len(seen) == len(set(seen)) == body["total"]


def test_everybody_gets_the_same_orders():
    assert ask("/orders")[1] == ask("/orders")[1]


@pytest.mark.parametrize("query", ["limit=0", "limit=-3", "limit=x", "limit=99999999", "cursor=9e9", "cursor=٣"])
def test_odd_page_numbers_are_answered(query):
    code, body, _ = ask(f"/orders?{query}")
    assert (code, 1 <= len(body["orders"]) <= 50) == (200, True)


def test_a_flaky_call_fails_as_often_as_asked_then_answers():
    host = BuiltinHost()
    answers = [ask("/flaky?failures=2", host) for _ in range(3)]
    assert [code for code, _, _ in answers] == [503, 503, 200]
    assert answers[0][2].header("Retry-After") == "0"


def test_flaky_calls_of_other_items_count_for_themselves():
    host = BuiltinHost()
    ask("/flaky?failures=1", host)
    assert ask("/flaky?failures=1", host, site=CallSite("Call", 0, 1, 0))[0] == 503


@pytest.mark.parametrize("path, code", [("/status/418", 418), ("/status/201", 201), ("/status/x", 404), ("/no", 404)])
def test_a_status_can_be_asked_for(path, code):
    assert ask(path)[0] == code


def test_an_echo_keeps_secrets_to_itself():
    sent = (("X-A", "1"), ("Authorization", "Bearer s3cret"))
    code, body, _ = ask("/echo?a=1", method="POST", headers=sent, body=b"hi \xff")
    assert (code, body["method"], body["query"], body["headers"]) == (200, "POST", {"a": "1"}, {"x-a": "1"})
    assert body["body"] == "hi �"


def test_its_health_is_good():
    assert ask("/health")[:2] == (200, {"ok": True})
