"""`/ws`: one socket for everything a client wants to follow. Who it is comes first: a session with the site's own
origin, or an `auth` message with a token or a one-time ticket. Then it subscribes to what it may see.

Client: auth, subscribe:execution, subscribe:workflow, unsubscribe:execution, unsubscribe:workflow, ping.
Server: connected, subscribed, unsubscribed, execution:logs, execution:status, execution:complete, workflow:update,
notification, pong, error.
"""

import asyncio
import time
from collections import deque
from typing import Any
from uuid import UUID

import orjson
from channels.db import database_sync_to_async

from accounts.services import sockets
from accounts.services.notifications import group_of
from executions_app import frames
from executions_app.following import Follower, answer_of
from executions_app.frames import Frame
from executions_app.selectors.live import notification_body
from executions_app.socket_access import may_follow_execution, may_follow_workflow
from executions_app.socket_places import TOO_MANY, PlacedConsumer, Places, ended
from workflows_app.services.bell import group_of_workflow

UNREADABLE = 4400
NOT_SIGNED_IN = 4401
SIGN_IN_WITHIN_S = 10.0
RECHECK_S = 60.0
MESSAGES_PER_MINUTE = 60
MOST_SUBSCRIPTIONS = 100
LONGEST_MESSAGE = 16 * 1024
NOT_FOUND = ("not_found", "There is no such thing, or it is not yours.")

places = Places()


class LiveConsumer(PlacedConsumer):
    """Subscriptions to executions are tasks that follow the stream; workflows and notifications come by the layer."""

    watch: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        self.identity: sockets.Identity | None = None
        self.executions: dict[UUID, asyncio.Task[None]] = {}
        self.workflows: set[UUID] = set()
        self.received: deque[float] = deque(maxlen=MESSAGES_PER_MINUTE)
        self.is_over = False
        self.watch = asyncio.create_task(self.recheck())
        await self.accept()
        user = self.scope.get("user")
        if user is not None and user.is_authenticated:
            session_key = getattr(self.scope.get("session"), "session_key", None) or ""
            await self.welcome(sockets.Identity(user, session_key=session_key))

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 - the base class's signature
        self.leave_place()
        await ended(*self.own_tasks())
        for workflow_id in self.workflows:
            await self.channel_layer.group_discard(group_of_workflow(workflow_id), self.channel_name)
        if self.identity is not None:
            await self.channel_layer.group_discard(group_of(self.identity.user.pk), self.channel_name)

    def own_tasks(self) -> list[asyncio.Task[None]]:
        return [] if self.watch is None else [self.watch, *self.executions.values()]

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Once: what a client had sent before it heard of it is not answered with another."""
        if not self.is_over:
            self.is_over = True
            await super().close(code, reason)

    # what clients say ------------------------------------------------------------------------------------------------
    async def receive(self, text_data: str | None = None, **_: Any) -> None:
        if self.is_over:
            return
        if self.is_flooding():
            await self.close(TOO_MANY)
            return
        message = read(text_data)
        if message is None:
            await self.close(UNREADABLE)
            return
        said = {
            "auth": self.on_auth,
            "ping": self.on_ping,
            "subscribe:execution": self.on_subscribe_execution,
            "subscribe:workflow": self.on_subscribe_workflow,
            "unsubscribe:execution": self.on_unsubscribe_execution,
            "unsubscribe:workflow": self.on_unsubscribe_workflow,
        }.get(str(message.get("type")))
        if said is None:
            await self.refuse(message, "unknown_type", "There is no such message.")
        elif self.identity is None and said not in (self.on_auth, self.on_ping):
            await self.close(NOT_SIGNED_IN)
        else:
            await said(message)

    def is_flooding(self) -> bool:
        """More than a message a second over a minute."""
        now = time.monotonic()
        is_full = len(self.received) == MESSAGES_PER_MINUTE and now - self.received[0] < 60
        self.received.append(now)
        return is_full

    async def on_ping(self, message: dict[str, Any]) -> None:
        await self.say({"type": "pong", "id": short(message.get("id"))})

    async def on_auth(self, message: dict[str, Any]) -> None:
        """`token` (an access token or API key) or `ticket`. Once; a socket does not change who it is."""
        if self.identity is not None:
            await self.refuse(message, "signed_in_already", "This socket is signed in already.")
            return
        given = {name: message.get(name) for name in ("token", "ticket")}
        identity = await database_sync_to_async(sockets.identify)(**given)
        if identity is None:
            await self.close(NOT_SIGNED_IN)
            return
        await self.welcome(identity)

    async def welcome(self, identity: sockets.Identity) -> None:
        if not self.take_place(places, identity.user.pk):
            await self.close(TOO_MANY)
            return
        self.identity = identity
        if identity.user.only_team_id is None:  # an API key works in one team, notifications come from all of them
            await self.channel_layer.group_add(group_of(identity.user.pk), self.channel_name)
        await self.say({"type": "connected", "userId": str(identity.user.pk), "pingEveryS": 30})

    async def on_subscribe_execution(self, message: dict[str, Any]) -> None:
        execution_id = await self.allowed(message, "executionId", may_follow_execution)
        if execution_id is None:
            return
        await self.leave(self.executions.pop(execution_id, None))
        follower = Follower(
            execution_id,
            after=after_of(message),
            send=lambda frame: self.send_frame(execution_id, frame),
            is_allowed=lambda: self.may(may_follow_execution, execution_id),
        )
        self.executions[execution_id] = asyncio.create_task(self.follow(follower))

    async def on_subscribe_workflow(self, message: dict[str, Any]) -> None:
        workflow_id = await self.allowed(message, "workflowId", may_follow_workflow)
        if workflow_id is not None:
            self.workflows.add(workflow_id)
            await self.channel_layer.group_add(group_of_workflow(workflow_id), self.channel_name)

    async def on_unsubscribe_execution(self, message: dict[str, Any]) -> None:
        execution_id = id_of(message, "executionId")
        if execution_id is not None:
            await self.leave(self.executions.pop(execution_id, None))
            await self.say({"type": "unsubscribed", "executionId": str(execution_id)})

    async def on_unsubscribe_workflow(self, message: dict[str, Any]) -> None:
        workflow_id = id_of(message, "workflowId")
        if workflow_id is not None:
            self.workflows.discard(workflow_id)
            await self.channel_layer.group_discard(group_of_workflow(workflow_id), self.channel_name)
            await self.say({"type": "unsubscribed", "workflowId": str(workflow_id)})

    # what is told ----------------------------------------------------------------------------------------------------
    async def follow(self, follower: Follower) -> None:
        """Tells the end of a subscription that ended by itself."""
        ending = await follower.run()
        self.executions.pop(follower.execution_id, None)
        if ending != "over":
            code, text = ("too_slow", "Read faster, and subscribe again.") if ending == "slow" else NOT_FOUND
            await self.say({"type": "error", "code": code, "message": text, "executionId": str(follower.execution_id)})

    async def send_frame(self, execution_id: UUID, frame: Frame) -> None:
        for line in frames.for_live_socket(str(execution_id), frame):
            await self.send(text_data=line.decode("utf-8"))

    async def workflow_update(self, event: dict[str, Any]) -> None:
        """From the layer. Who may not see the workflow any more is not told."""
        workflow_id = UUID(event["workflow_id"])
        if workflow_id in self.workflows and await self.may(may_follow_workflow, workflow_id):
            await self.say({"type": "workflow:update", "workflowId": event["workflow_id"], "change": event["change"]})

    async def notification(self, event: dict[str, Any]) -> None:
        """From the layer, which carries the id alone."""
        if self.identity is not None:
            body = await asyncio.to_thread(notification_body, UUID(event["id"]), self.identity.user.pk)
            if body is not None:
                await self.say({"type": "notification", "notification": body})

    async def recheck(self) -> None:
        """Close a socket that nobody signs in to, and one whose session, token or key has ended."""
        await asyncio.sleep(SIGN_IN_WITHIN_S)
        while self.identity is not None and await answer_of(database_sync_to_async(self.identity.is_good)):
            await asyncio.sleep(RECHECK_S)
        await self.close(NOT_SIGNED_IN)

    async def allowed(self, message: dict[str, Any], name: str, question: Any) -> UUID | None:
        """The id to follow, after saying `subscribed`; None after saying why not."""
        found = id_of(message, name)
        if len(self.executions) + len(self.workflows) >= MOST_SUBSCRIPTIONS:
            await self.refuse(message, "too_many_subscriptions", f"At most {MOST_SUBSCRIPTIONS} at once.")
            return None
        if found is None or not await self.may(question, found):
            await self.refuse(message, *NOT_FOUND)
            return None
        await self.say({"type": "subscribed", name: str(found)})
        return found

    async def may(self, question: Any, object_id: UUID) -> bool:
        assert self.identity is not None
        return bool(await database_sync_to_async(question)(self.identity.user, object_id))

    async def leave(self, task: "asyncio.Task[None] | None") -> None:
        if task is not None:
            await ended(task)

    async def refuse(self, message: dict[str, Any], code: str, text: str) -> None:
        about = {name: short(message.get(name)) for name in ("executionId", "workflowId", "id") if message.get(name)}
        await self.say({"type": "error", "code": code, "message": text, **about})

    async def say(self, message: dict[str, Any]) -> None:
        await self.send(text_data=orjson.dumps(message).decode("utf-8"))


def read(text: str | None) -> dict[str, Any] | None:
    """The message; None for anything but a small JSON object."""
    if text is None or len(text) > LONGEST_MESSAGE:
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def id_of(message: dict[str, Any], name: str) -> UUID | None:
    try:
        return UUID(str(message.get(name)))
    except ValueError:
        return None


def after_of(message: dict[str, Any]) -> int:
    """The number in `after`; 0 for anything that is none."""
    after = message.get("after")
    return after if isinstance(after, int) and not isinstance(after, bool) and 0 <= after < 2**31 else 0


def short(value: Any) -> str | None:
    return None if value is None else str(value)[:100]
