"""The small ports: clock, files, credentials, answers, static data, recorded calls."""

import threading
from datetime import UTC, datetime

import pytest

from executions_app import payload_codec
from executions_app.adapters.clock import ClockAdapter
from executions_app.adapters.live import stop_if_over
from executions_app.adapters.payloads import PayloadsAdapter
from executions_app.adapters.recorded_http import MAX_BODY_BYTES, RecordedHttp, call_of
from executions_app.adapters.respond import RespondAdapter
from executions_app.adapters.state import StateAdapter
from executions_app.models import NodeEffect
from executions_app.payloads import PayloadMissing
from executions_app.runner.session import OnRecord, Session
from executions_app.tests.factories import execution_of
from executions_app.tests.parts import Parts, elsewhere
from workflows_app.engine.errors import Canceled, LeaseLost, OperationalError
from workflows_app.engine.ports import CallSite, HttpRequest, HttpResponse, WebhookResponse
from workflows_app.models import StaticData

SITE = CallSite("A", 0, 0, 0)
REQUEST = HttpRequest("POST", "https://api.example/a")

engine = pytest.mark.engine
app = [pytest.mark.app, pytest.mark.django_db(transaction=True)]


@engine
def test_the_clock_is_in_utc_and_a_sleep_ends_by_a_cancel() -> None:
    canceled = threading.Event()
    clock = ClockAdapter(canceled.wait)
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
    clock.sleep(0)
    canceled.set()
    with pytest.raises(Canceled):
        clock.sleep(1000)


@engine
def test_a_file_is_described_without_its_folder() -> None:
    adapter = PayloadsAdapter(lambda _: "ref:1", lambda _: b"x")
    binary = adapter.put(b"abc", mime_type="", file_name="/tmp/Some.File.CSV")
    assert (binary.ref, binary.file_name, binary.file_extension) == ("ref:1", "Some.File.CSV", "csv")
    assert (binary.mime_type, binary.size_bytes) == ("application/octet-stream", 3)
    assert adapter.get("ref:1") == b"x"


@engine
def test_a_lost_file_is_an_error_with_a_word_of_advice() -> None:
    def gone(_: str) -> bytes:
        raise PayloadMissing("It is gone.")

    with pytest.raises(OperationalError) as caught:
        PayloadsAdapter(lambda _: "", gone).get("ref:1")
    assert caught.value.instance_code == "lost_input"


@engine
def test_nobody_waits_nobody_is_answered() -> None:
    adapter = RespondAdapter(pytest.fail, pytest.fail, is_awaited=False)
    assert not adapter.respond(SITE, WebhookResponse(200, (), b""))


class Given:
    """Parts of a session that the adapters ask."""

    def __init__(self, parts: Parts) -> None:
        self.execution = execution_of()
        self.session = parts.open(self.execution)


@pytest.fixture
def given(parts: Parts) -> Given:
    return Given(parts)


@pytest.mark.app
@pytest.mark.django_db(transaction=True)
class TestStaticData:
    def test_is_kept_for_the_next_execution(self, given: Given) -> None:
        state = StateAdapter(given.session)
        assert state.get("global") == {}
        state.put(SITE, "global", {"n": 1})
        assert state.get("global") == {"n": 1}
        assert StaticData.objects.get().workflow == given.execution.workflow

    def test_is_not_written_twice_by_a_repeat(self, given: Given) -> None:
        StateAdapter(given.session).put(SITE, "global", {"n": 1})
        StateAdapter(given.session).put(SITE, "global", {"n": 2})
        assert StateAdapter(given.session).get("global") == {"n": 1}

    def test_is_written_again_by_a_retry(self, given: Given) -> None:
        state = StateAdapter(given.session)
        state.put(SITE, "global", {"n": 1})
        state.put(SITE, "global", {"n": 2})
        assert state.get("global") == {"n": 2}

    def test_is_not_written_by_a_zombie(self, given: Given) -> None:
        given.session.barrier(SITE)
        elsewhere(given.execution)
        with pytest.raises(LeaseLost):
            StateAdapter(given.session).put(SITE, "global", {"n": 1})
        assert not NodeEffect.objects.exists()


class Network:
    def __init__(self, body: bytes = b"new") -> None:
        self.count = 0
        self.body = body

    def send(self, site: CallSite, request: HttpRequest) -> HttpResponse:
        self.count += 1
        return HttpResponse(200, "OK", (("x", "1"),), self.body, request.url)


class Quiet:
    def wake(self, session: Session, *, at_once: bool) -> None:
        """Nothing is written in these tests."""


@pytest.mark.app
@pytest.mark.django_db(transaction=True)
class TestRecordedCalls:
    def session(self, given: Given, request: HttpRequest = REQUEST) -> Session:
        answer = call_of(request, HttpResponse(201, "Created", (), b"old", request.url))
        return Session(given.session.claim, Quiet(), OnRecord(calls={SITE: payload_codec.encode(answer)}))

    def test_are_not_made_again(self, given: Given) -> None:
        network = Network()
        answer = RecordedHttp(network, self.session(given)).send(SITE, REQUEST)
        assert (answer.status, answer.body, network.count) == (201, b"old", 0)

    def test_are_made_again_by_a_retry(self, given: Given) -> None:
        network = Network()
        port = RecordedHttp(network, self.session(given))
        assert [port.send(SITE, REQUEST).body for _ in range(2)] == [b"old", b"new"]

    def test_answer_the_same_request_alone(self, given: Given) -> None:
        network = Network()
        other = HttpRequest("POST", "https://api.example/other")
        assert RecordedHttp(network, self.session(given, other)).send(SITE, REQUEST).body == b"new"

    @pytest.mark.parametrize("body,kept", [(b"small", True), (b"\xff\x00", True), (b"x" * (MAX_BODY_BYTES + 1), False)])
    def test_are_kept_if_they_are_small(self, given: Given, body: bytes, kept: bool) -> None:
        RecordedHttp(Network(body), given.session).send(SITE, REQUEST)
        given.session.flush()
        assert NodeEffect.objects.exists() == kept


@pytest.mark.app
@pytest.mark.django_db(transaction=True)
def test_sockets_hear_that_this_process_stood_still_and_another_may_have_called_by_now(given: Given) -> None:
    poll = stop_if_over(given.session)
    poll()
    given.session.is_held = lambda: False
    with pytest.raises(LeaseLost):
        poll()


@pytest.mark.app
@pytest.mark.django_db(transaction=True)
def test_waiting_sockets_hear_of_a_cancel_and_of_a_lost_lease(given: Given) -> None:
    poll = stop_if_over(given.session)
    poll()
    given.session.cancel()
    with pytest.raises(Canceled):
        poll()
    given.session.lose()
    with pytest.raises(LeaseLost):
        poll()
