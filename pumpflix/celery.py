"""The Celery application. Tasks are `@shared_task` in the apps; no app imports this file."""

import os
import time
import warnings
from typing import Any

from celery import Celery, bootsteps
from celery.exceptions import SecurityWarning
from redis import Redis
from redis.exceptions import RedisError

from executions_app import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pumpflix.settings")

TELL_EVERY_S = 5
FORGOTTEN_AFTER_S = 15

# Celery warns of root because of pickle; only JSON is accepted here.
warnings.filterwarnings("ignore", category=SecurityWarning)

broker.use()
app = Celery("pumpflix")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class Presence(bootsteps.StartStopStep):
    """Tells that this worker consumes, for `/health`. Starts anew with every connection to the broker."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **_options: Any) -> None:
        self.timer: Any = None
        consumer.presence = self

    def start(self, consumer: Any) -> None:
        from django.conf import settings  # noqa: PLC0415 - Celery imports this file before Django is set up

        client = Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None)
        self.tell(client, consumer.hostname)
        self.timer = consumer.timer.call_repeatedly(TELL_EVERY_S, self.tell, (client, consumer.hostname))

    def stop(self, _consumer: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    shutdown = stop

    @staticmethod
    def tell(client: Redis, name: str) -> None:
        from executions_app.adapters.live import sandbox_level  # noqa: PLC0415 - imports models

        try:
            client.set(f"pf:worker:{name}", sandbox_level() or "unknown", ex=FORGOTTEN_AFTER_S)
            client.set("pf:workers:last", str(time.time()))
        except (RedisError, OSError):
            # Redis may be away; the consumer finds out by itself and starts this step again.
            return


app.steps["consumer"].add(Presence)
