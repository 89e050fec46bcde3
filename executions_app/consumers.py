"""`/ws/executions/<uuid>?after=<seq>`: authorise, then follow that one execution."""

import asyncio
from urllib.parse import parse_qs
from uuid import UUID

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser

from accounts.services import sockets
from executions_app.following import Follower
from executions_app.frames import Frame
from executions_app.sample_access import may_see
from executions_app.socket_places import TOO_MANY, PlacedConsumer, Places, ended

NOT_SIGNED_IN = 4401
NOT_FOUND = 4404
TOO_SLOW = 4408
places = Places()
CODE_OF_ENDING = {"over": 1000, "slow": TOO_SLOW, "denied": NOT_SIGNED_IN}


class ExecutionConsumer(PlacedConsumer):
    """One socket, one execution. It has no inbox in the channel layer: what it sends comes from the stream and the
    rows."""

    channel_layer_alias = "none"
    following: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        self.execution_id: UUID = self.scope["url_route"]["kwargs"]["execution_id"]
        await self.accept()
        if not await self.is_allowed():
            is_known = getattr(self.scope.get("user"), "is_authenticated", False)
            await self.close(NOT_FOUND if is_known else NOT_SIGNED_IN)
            return
        who = getattr(self.scope.get("user"), "pk", None) or self.execution_id
        if not self.take_place(places, who):
            await self.close(TOO_MANY)
            return
        self.following = asyncio.create_task(self.follow(read_after(self.scope.get("query_string", b""))))

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 - the base class's signature
        self.leave_place()
        if self.following is not None:
            await ended(self.following)

    def own_tasks(self) -> list[asyncio.Task[None]]:
        return [] if self.following is None else [self.following]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Clients have nothing to say."""

    async def follow(self, after: int) -> None:
        follower = Follower(self.execution_id, after=after, send=self.pass_on, is_allowed=self.is_allowed)
        await self.close(CODE_OF_ENDING[await follower.run()])

    async def pass_on(self, frame: Frame) -> None:
        await self.send(text_data=frame.text.decode("utf-8"))

    async def is_allowed(self) -> bool:
        return await database_sync_to_async(self._may_see)()

    def _may_see(self) -> bool:
        """Asked again each minute: by then the session may have ended, or the password it was opened by."""
        user = self.scope.get("user")
        if getattr(user, "is_authenticated", False):
            session_key = getattr(self.scope.get("session"), "session_key", None) or ""
            user = user if sockets.Identity(user, session_key=session_key).is_good() else AnonymousUser()
        return may_see(user, self.scope.get("cookies", {}), self.execution_id)


def read_after(query: bytes) -> int:
    """The number in `after`, 0 for anything else."""
    text = parse_qs(query.decode("latin-1")).get("after", ["0"])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
