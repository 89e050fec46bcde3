"""Messages that may be lost: nothing is kept about them in Redis, and a doorbell still reaches a worker's task."""

import pytest
from celery import current_app
from kombu import Connection, Consumer
from kombu.utils.json import loads

from executions_app import broker, doorbell

pytestmark = pytest.mark.live


@pytest.fixture
def line(redis_client):
    """A connection as workers have it."""
    with current_app.connection_for_read() as connection:
        assert isinstance(connection.transport, broker.Transport)
        yield connection


def test_what_was_fetched_is_nowhere_but_in_memory(line: Connection, redis_client) -> None:
    queue = current_app.amqp.queues[doorbell.QUEUE]
    got = []
    with line.channel() as channel:
        with Consumer(channel, [queue], callbacks=[lambda _body, message: got.append(message)], accept=["json"]):
            channel.basic_publish(channel.prepare_message("{}", content_type="application/json"), "", queue.name)
            line.drain_events(timeout=5)
        assert len(got) == 1
        assert not [key for key in redis_client.scan_iter() if b"unacked" in key]
        got[0].ack()


def test_a_ring_is_a_message_of_celery(line: Connection, redis_client) -> None:
    assert doorbell.ring()
    [key] = [key for key in redis_client.scan_iter() if key.endswith(doorbell.QUEUE.encode()) and b"bind" not in key]
    message = loads(redis_client.lindex(key, 0))
    assert (message["headers"]["task"], message["content-type"]) == ("executions.drain", "application/json")
    assert message["headers"]["id"] == message["properties"]["correlation_id"]
