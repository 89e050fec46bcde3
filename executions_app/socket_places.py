"""How many sockets somebody has open in this process: who holds hundreds keeps others from theirs."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

SOCKETS_PER_USER = 10
TOO_MANY = 4429


class Places:
    """`who` is an account, or whatever else a socket is held by."""

    def __init__(self, most: int = SOCKETS_PER_USER) -> None:
        self._most = most
        self._taken: Counter[Any] = Counter()

    def take(self, who: Any) -> bool:
        """False where all places of theirs are taken."""
        if self._taken[who] >= self._most:
            return False
        self._taken[who] += 1
        return True

    def leave(self, who: Any) -> None:
        self._taken[who] -= 1
        if self._taken[who] <= 0:
            del self._taken[who]


async def ended(*tasks: asyncio.Task[None]) -> None:
    """Canceled, and over. What one of them failed with is left to the log: it must not keep its socket from what is
    to be done at its end."""
    # One cancel may be lost to a timeout that fires in the same moment.
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=0.5)


class PlacedConsumer(AsyncWebsocketConsumer):
    """However it ends, its place is free and its tasks are over: an error, such as of a layer that is away, ends a
    consumer without `disconnect`."""

    held: tuple[Places, Any] | None = None

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.leave_place()
            for task in self.own_tasks():
                task.cancel()

    def own_tasks(self) -> list[asyncio.Task[None]]:
        return []

    def take_place(self, places: Places, who: Any) -> bool:
        if not places.take(who):
            return False
        self.held = (places, who)
        return True

    def leave_place(self) -> None:
        """Once, however often it is asked."""
        held, self.held = self.held, None
        if held is not None:
            places, who = held
            places.leave(who)
