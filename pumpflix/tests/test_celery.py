from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from django.conf import settings

from pumpflix.celery import FORGOTTEN_AFTER_S, TELL_EVERY_S, Presence, app
from pumpflix.supervisor import layout

pytestmark = pytest.mark.app


@dataclass
class Timer:
    """Celery's, without the waiting: keeps what it was asked to repeat."""

    repeated: list = field(default_factory=list)
    cancelled: int = 0

    def call_repeatedly(self, seconds, function, arguments):
        self.repeated.append((seconds, function, arguments))
        return SimpleNamespace(cancel=self._cancel)

    def _cancel(self):
        self.cancelled += 1


@pytest.fixture
def consumer():
    return SimpleNamespace(hostname="worker1@here", timer=Timer())


def test_a_worker_tells_of_itself_until_it_stops(consumer, redis_client):
    step = Presence(consumer)
    step.start(consumer)
    assert 0 < redis_client.ttl("pf:worker:worker1@here") <= FORGOTTEN_AFTER_S
    redis_client.flushdb()
    [(seconds, tell, arguments)] = consumer.timer.repeated
    tell(*arguments)
    assert seconds == TELL_EVERY_S
    assert redis_client.exists("pf:worker:worker1@here")
    step.stop(consumer)
    step.stop(consumer)
    assert consumer.timer.cancelled == 1


def test_a_redis_that_is_away_is_no_error(consumer, settings):
    settings.REDIS_URL = "unix:///nowhere.sock"
    Presence(consumer).start(consumer)


def test_every_task_has_a_queue_by_its_name():
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if not name.startswith("celery.")]
    assert {name.partition(".")[0] for name in ours} <= set(settings.QUEUE_OF_SUBJECT)
    assert app.amqp.router.route({}, "executions.drain")["queue"].name == "workflow-executions"


def test_the_supervisor_has_workers_serve_every_queue():
    assert set(layout.QUEUES.split(",")) == {queue.name for queue in app.conf.task_queues}
