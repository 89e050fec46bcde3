"""Requests of many items under way at once."""

import threading

import pytest

from workflows_app.engine.errors import Canceled, OperationalError
from workflows_app.engine.ports import HttpResponse
from workflows_app.tests.nodes.support import World, one_node

pytestmark = pytest.mark.nodes


class Wide:
    """Answers when as many requests as `together` are under way at once."""

    def __init__(self, width, together=1, fails=()):
        self.width = width
        self.fails = fails
        self.sites = []
        self.most = self._now = 0
        self._lock = threading.Lock()
        self._gate = threading.Barrier(together)

    def send(self, site, request):
        with self._lock:
            self.sites.append(site)
            self._now += 1
            self.most = max(self.most, self._now)
        self._gate.wait(10)
        with self._lock:
            self._now -= 1
        number = request.url.rsplit("/", 1)[-1]
        if number in self.fails:
            raise self.fails[number]
        return HttpResponse(200, "OK", (("content-type", "application/json"),), b'{"n": ' + number.encode() + b"}", "")


def run(http, count, **extra):
    world = World()
    object.__setattr__(world.ports, "http", http)
    url = "=https://api.example/{{ $json.n }}"
    return one_node("httpRequest", 4.2, {"url": url}, [[{"n": n} for n in range(count)]], world=world, **extra)


def test_as_many_as_the_port_serves_are_under_way_at_once():
    http = Wide(8, together=8)
    result = run(http, 24)
    assert [item["n"] for item in result.json("Node")] == list(range(24))
    assert http.most == 8


def test_each_item_keeps_its_place_and_its_pair():
    http = Wide(8)
    result = run(http, 12)
    assert [item.paired[0].item for item in result.items("Node")] == list(range(12))
    assert sorted((site.item, site.call) for site in http.sites) == [(n, 0) for n in range(12)]


def test_a_port_that_says_nothing_is_asked_for_one_after_the_other():
    http = Wide(1)
    run(http, 5)
    assert [site.item for site in http.sites] == [0, 1, 2, 3, 4]
    assert http.most == 1


def test_a_failing_item_does_not_stop_the_others_where_the_node_continues():
    result = run(Wide(4, fails={"2": OperationalError("down")}), 5, onError="continueRegularOutput")
    assert [item.get("n", item.get("error")) for item in result.json("Node")] == [0, 1, "down", 3, 4]


def test_after_a_failure_nothing_new_is_sent():
    http = Wide(2, fails={"0": OperationalError("down")})
    result = run(http, 200)
    assert result.error["message"] == "down"
    assert result.error["context"]["itemIndex"] == 0
    assert len(http.sites) < 30


def test_a_run_that_is_canceled_meanwhile_ends():
    result = run(Wide(4, fails={"1": Canceled()}), 8)
    assert result.status == "canceled"
