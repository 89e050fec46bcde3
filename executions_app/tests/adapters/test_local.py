"""The ports of a run without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from executions_app.adapters.local import (
    GivenCredentials,
    KeptResponse,
    MemoryPayloads,
    MemoryState,
    SteppedClock,
    SystemClock,
)
from workflows_app.engine.errors import Canceled, OperationalError
from workflows_app.engine.ports import CallSite, WebhookResponse

pytestmark = pytest.mark.engine

SITE = CallSite("A", 0, 0, 0)
START = datetime(2026, 1, 1, tzinfo=UTC)


class TestClocks:
    def test_real_time_is_aware(self):
        assert SystemClock().now().tzinfo is UTC

    def test_a_sleep_ends_when_the_run_is_canceled(self):
        def cancel():
            raise Canceled

        with pytest.raises(Canceled):
            SystemClock(cancel).sleep(0.001)

    def test_a_sleep_of_nothing_asks_nobody(self):
        SystemClock(lambda: pytest.fail("asked")).sleep(0)

    def test_a_stepped_clock_moves_by_what_is_slept(self):
        clock = SteppedClock(START)
        clock.sleep(90)
        clock.sleep(-5)
        assert clock.now() == START + timedelta(seconds=90)

    def test_a_running_one_moves_by_itself_too(self):
        clock = SteppedClock(START, runs=True)
        clock.sleep(60)
        assert START + timedelta(seconds=60) < clock.now() < START + timedelta(seconds=120)


class TestPayloads:
    def test_bytes_come_back(self):
        payloads = MemoryPayloads()
        one, two = (payloads.put(data, mime_type="text/plain", file_name="a.b.txt") for data in (b"1", b"22"))
        assert [payloads.get(binary.ref) for binary in (one, two)] == [b"1", b"22"]
        assert (two.size_bytes, two.file_name, two.file_extension, two.mime_type) == (2, "a.b.txt", "txt", "text/plain")

    def test_an_unknown_reference_is_an_error(self):
        with pytest.raises(OperationalError) as caught:
            MemoryPayloads().get("memory:9")
        assert caught.value.instance_code == "payload_missing"


def test_static_data_by_scope():
    state = MemoryState({"global": {"a": 1}})
    state.put(SITE, "node:A", {"b": 2})
    assert (state.get("global"), state.get("node:A"), state.get("node:B")) == ({"a": 1}, {"b": 2}, {})


def test_credentials_by_type_for_every_node():
    credentials = GivenCredentials({"httpBasicAuth": {"user": "u"}})
    assert credentials.get("A", "httpBasicAuth") == credentials.get("B", "httpBasicAuth") == {"user": "u"}
    assert credentials.get("A", "other") == {}


def test_the_caller_is_answered_once():
    respond = KeptResponse()
    first = WebhookResponse(200, (), b"1")
    assert respond.respond(SITE, first)
    assert not respond.respond(SITE, WebhookResponse(500, (), b"2"))
    assert respond.given is first
