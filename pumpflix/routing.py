"""WebSocket addresses, behind the session and the check of the origin."""

from typing import Any, cast
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.urls import path, re_path

from executions_app.consumers import NOT_FOUND, ExecutionConsumer
from executions_app.live_socket import LiveConsumer


class SameOrigin:
    """Of the hosts that are ours, the very one that was asked, port included: cookies know no ports, so a page of
    whatever else runs on this machine would come with our session."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return await (self._inner if is_own(scope) else nowhere)(scope, receive, send)


def is_own(scope: Any) -> bool:
    """Whether the page is of the host that the request names, or of the public address."""
    headers = {
        name: value.decode("latin-1").lower() for name, value in scope["headers"] if name in (b"origin", b"host")
    }
    origin = headers.get(b"origin", "")
    return origin in settings.CSRF_TRUSTED_ORIGINS or urlsplit(origin).netloc == headers.get(b"host", "")


def from_own_page(inner: Any) -> Any:
    return AllowedHostsOriginValidator(SameOrigin(AuthMiddlewareStack(inner)))


class OwnOriginOrNone:
    """A browser says where a page came from, and only our own pages may speak for its session. A program says nothing,
    and has to say who it is by itself: cookies do not count then."""

    def __init__(self, inner: Any) -> None:
        self._from_page = from_own_page(inner)
        self._from_program = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        is_page = any(name == b"origin" for name, _ in scope["headers"])
        return await (self._from_page if is_page else self._from_program)(scope, receive, send)


async def nowhere(_scope: Any, receive: Any, send: Any) -> None:
    """Nothing here for this caller: refused before it opens, as a page that is not there would be."""
    await receive()
    await send({"type": "websocket.close", "code": NOT_FOUND})


websockets = URLRouter(
    [
        path("ws", OwnOriginOrNone(LiveConsumer.as_asgi())),
        path("ws/executions/<uuid:execution_id>", from_own_page(ExecutionConsumer.as_asgi())),
        re_path("", cast(Any, nowhere)),
    ]
)
