"""Time limits of a node and of a run."""

from datetime import timedelta

import pytest

from workflows_app.engine import errors
from workflows_app.engine.deadline import Deadline, bounded
from workflows_app.engine.errors import NodeTimeout
from workflows_app.engine.ports import CallSite, CodeCall, HttpRequest, HttpResponse
from workflows_app.tests.engine.world import FakeClock, world

pytestmark = pytest.mark.engine

SITE = CallSite("Do", 0, 0, 0)


class FakeHttp:
    def __init__(self):
        self.timeouts = []

    def send(self, site, request):
        self.timeouts.append(request.timeout_s)
        return HttpResponse(200, "OK", (), b"", request.url)


def sleeping(seconds):
    def work(run):
        run.ports.clock.sleep(seconds)
        return [run.items]

    return {"Do": work}


def test_a_node_that_sleeps_past_its_limit_fails_at_the_limit():
    made = world("Trigger -> Do", functions=sleeping(60), Do={"pumpflix": {"timeoutS": 5}})
    transcript = made.run()
    assert transcript.error["code"] == "node_timeout"
    assert transcript.error["message"] == "Do took longer than its limit of 5 s."
    assert made.clock.slept == [5]


def test_a_node_within_its_limit_is_left_alone():
    made = world("Trigger -> Do", functions=sleeping(3), Do={"pumpflix": {"timeoutS": 5}})
    assert made.run().status == "success"


@pytest.mark.parametrize("own", [{"timeoutS": "soon"}, {"timeoutS": 0}, "nonsense"], ids=str)
def test_nonsense_is_no_limit(own):
    assert world("Trigger -> Do", functions=sleeping(60), Do={"pumpflix": own}).run().status == "success"


def test_the_limit_of_the_run_ends_whatever_node_is_at_work():
    made = world("Trigger -> Do -> Do2", functions={**sleeping(4), "Do2": sleeping(60)["Do"]})
    transcript = made.run(timeout_s=10)
    assert transcript.error["message"] == "This execution took longer than its limit of 10 s."
    assert made.clock.slept == [4, 6]


def test_no_node_begins_after_the_limit_of_the_run():
    made = world("Trigger -> Do -> A", functions={"Do": lambda run: made.clock.sleep(11) or [run.items]})
    transcript = made.run(timeout_s=10)
    assert transcript.order == ["Trigger", "Do"]
    assert transcript.error["code"] == "node_timeout"


def test_a_loop_without_an_end_is_ended():
    """
    Trigger ── A ── B ── (back to A)
    """
    transcript = world("Trigger -> A -> B -> A").run(max_turns=50)
    assert len(transcript.order) == 50
    assert transcript.error["code"] == "too_many_node_runs"


def test_more_items_than_a_worker_can_carry_are_an_error_of_the_node(monkeypatch):
    monkeypatch.setattr(errors, "MAX_ITEMS", 5)
    several = {"Do": lambda run: [run.items * 3, run.items * 3]}
    transcript = world("Trigger -> Do -> A", functions=several).run(items=[{"a": 1}])
    assert transcript.order == ["Trigger", "Do"]
    assert transcript.error["code"] == "too_many_items"
    assert "6 items are more than one turn of a node may put out: 5." in transcript.error["message"]


def test_no_try_begins_after_the_limit_of_the_run():
    made = world("Trigger -> Do", functions=sleeping(60), Do={"retryOnFail": True, "pumpflix": {"timeoutS": 20}})
    made.run(timeout_s=10)
    assert made.clock.slept == [10]


class TestPorts:
    def bounded(self, limit_s=5.0):
        made = world("Trigger", ports={"http": FakeHttp()})
        ports = made.all_ports()
        return made, ports, bounded(ports, Deadline.after(made.clock, limit_s, "Do"))

    def test_requests_get_what_time_is_left(self):
        made, ports, limited = self.bounded()
        made.clock.sleep(2)
        limited.http.send(SITE, HttpRequest("GET", "https://example.com"))
        limited.http.send(SITE, HttpRequest("GET", "https://example.com", timeout_s=1))
        assert ports.http.timeouts == [3, 1]

    def test_code_does_too(self):
        _made, ports, limited = self.bounded()
        limited.code.run(CodeCall({}, b"", 60))
        limited.code.evaluate(CodeCall({"wanted": [], "templates": []}, b"", 1))
        assert [call.timeout_s for call in ports.code.calls] == [5, 1]

    def test_none_begins_too_late(self):
        made, _ports, limited = self.bounded()
        made.clock.sleep(5)
        assert limited.clock.now() == made.clock.now()
        with pytest.raises(NodeTimeout):
            limited.http.send(SITE, HttpRequest("GET", "https://example.com"))

    def test_asking_whether_to_stop_says_yes(self):
        made, _ports, limited = self.bounded()
        assert not limited.is_canceled()
        made.clock.sleep(5)
        assert limited.is_canceled()

    def test_a_run_without_http_has_none_still(self):
        made = world("Trigger")
        assert bounded(made.all_ports(), Deadline.after(made.clock, 1, "Do")).http is None


def test_a_deadline_is_a_point_in_time():
    clock = FakeClock()
    deadline = Deadline.after(clock, 2.5, "Do")
    assert deadline.at - clock.now() == timedelta(seconds=2.5)
