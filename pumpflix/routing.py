"""WebSocket addresses, behind the session and the check of the origin."""

from typing import Any, cast

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path, re_path

from executions_app.consumers import NOT_FOUND, ExecutionConsumer
from executions_app.live_socket import LiveConsumer


class OwnOriginOrNone:
    """A browser says where a page came from, and only our own pages may speak for its session. A program says nothing,
    and has to say who it is by itself: cookies do not count then."""

    def __init__(self, inner: Any) -> None:
        self._from_page = AllowedHostsOriginValidator(AuthMiddlewareStack(inner))
        self._from_program = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        is_page = any(name == b"origin" for name, _ in scope["headers"])
        return await (self._from_page if is_page else self._from_program)(scope, receive, send)


async def nowhere(_scope: Any, receive: Any, send: Any) -> None:
    """No socket lives at this address: refused before it opens, as a page that is not there would be."""
    await receive()
    await send({"type": "websocket.close", "code": NOT_FOUND})


websockets = URLRouter(
    [
        path("ws", OwnOriginOrNone(LiveConsumer.as_asgi())),
        path(
            "ws/executions/<uuid:execution_id>",
            AllowedHostsOriginValidator(AuthMiddlewareStack(ExecutionConsumer.as_asgi())),
        ),
        re_path("", cast(Any, nowhere)),
    ]
)
