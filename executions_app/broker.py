"""Celery's way to Redis for messages that may be lost.

Celery acknowledges early here, and what a message says is in rows as well. So nothing is kept in Redis about messages
under way: neither is one written down when it is fetched, nor struck out when its task begins, nor looked for later.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.transport import redis as kombu_redis


class Unacknowledged(kombu_redis.QoS):
    """How many messages a worker holds is counted, as ever; which they are is nowhere but in its memory."""

    restore_at_shutdown = False

    def append(self, message: Any, delivery_tag: str) -> None:
        virtual.QoS.append(self, message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: ARG002 - kombu's signature
        virtual.QoS.ack(self, delivery_tag)

    def restore_unacked(self, client: Any = None) -> None:  # noqa: ARG002 - kombu's signature
        self._delivered.clear()

    def restore_visible(self, *_: Any, **__: Any) -> None:
        """There is nothing to restore."""


class Channel(kombu_redis.Channel):
    QoS = Unacknowledged


class Transport(kombu_redis.Transport):
    Channel = Channel


def use() -> None:
    """For every connection that this process makes from here on."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport"))
